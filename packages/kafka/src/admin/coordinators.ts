import { findCoordinatorApi } from '@tributary/wire';
import type { BrokerConnection } from '../cluster.ts';
import { brokerError } from '../errors.ts';
import type { KafkaError } from '../types.ts';
import { type AdminContext, type Answers, askEach } from './context.ts';

const keyTypes = { group: 0, transaction: 1 } as const;
/** First version of FindCoordinator that takes several keys. */
const severalKeysVersion = 4;

/** Asks the coordinator of each group, or transactional id, of those that it coordinates; it is looked up every time, so that a new try finds one that has moved. */
export async function askCoordinators<T>(
  context: AdminContext,
  kind: keyof typeof keyTypes,
  keys: readonly string[],
  ask: (connection: BrokerConnection, keys: readonly string[]) => Promise<Answers<T>>,
): Promise<Answers<T>> {
  const { byNode, failures } = await findCoordinators(context, kind, keys);
  const answers = await askEach(
    byNode,
    (key) => key,
    async (node, owned) => ask(await context.cluster.connection(node, 'coordinator'), owned),
  );
  return new Map([...failures, ...answers]);
}

async function findCoordinators(
  { cluster }: AdminContext,
  kind: keyof typeof keyTypes,
  keys: readonly string[],
): Promise<{ byNode: Map<number, string[]>; failures: Map<string, KafkaError> }> {
  const connection = await cluster.anyConnection();
  const byNode = new Map<number, string[]>();
  const failures = new Map<string, KafkaError>();
  const keyType = keyTypes[kind];
  const isBatched = connection.supports(findCoordinatorApi, severalKeysVersion);
  const batches = isBatched ? [keys] : keys.map((key) => [key]);
  for (const batch of batches) {
    const [firstKey = ''] = batch;
    const response = await connection.request(findCoordinatorApi, (version) =>
      version >= severalKeysVersion
        ? { keyType, coordinatorKeys: [...batch] }
        : { key: firstKey, keyType },
    );
    const found = isBatched ? response.coordinators : [{ ...response, key: firstKey }];
    for (const { key, nodeId, host, port, errorCode, errorMessage } of found) {
      if (errorCode === 0) {
        cluster.noteBroker(nodeId, { host, port });
        byNode.set(nodeId, [...(byNode.get(nodeId) ?? []), key]);
      } else {
        const what = `Cannot find the coordinator of ${kind} "${key}"`;
        failures.set(key, brokerError(errorCode, what, errorMessage));
      }
    }
  }
  return { byNode, failures };
}
