import { initProducerIdApi } from '@tributary/wire';
import { brokerError } from '../errors.ts';
import { type AdminContext, type Answers, settleItems } from './context.ts';
import { askCoordinators } from './coordinators.ts';

export async function fenceProducers(
  context: AdminContext,
  transactionalIds: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await settleItems(
    context,
    new Map(transactionalIds.map((id) => [id, id])),
    (left) =>
      askCoordinators(context, 'transaction', [...left.keys()], async (connection, owned) => {
        const answers: Answers<null> = new Map();
        for (const transactionalId of owned) {
          const { errorCode } = await connection.request(initProducerIdApi, {
            transactionalId,
            // For the producer that nobody will be; a broker wants one above 0.
            transactionTimeoutMs: context.requestTimeoutMs,
          });
          const what = `Cannot fence producers of "${transactionalId}"`;
          answers.set(transactionalId, errorCode === 0 ? null : brokerError(errorCode, what));
        }
        return answers;
      }),
    () => undefined,
    signal,
  );
}
