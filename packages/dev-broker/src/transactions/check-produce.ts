import { errorCodes } from '@tributary/wire';
import type { Broker } from '../broker.ts';
import type { Batch } from '../log/batch.ts';
import type { Refusal } from '../topics.ts';
import { addPartitions } from './coordinator.ts';

/**
 * A transactional batch is taken only while its transaction runs and has the partition: a late one would otherwise hold back readers for ever.
 * With `mayAdd` (the second protocol, where a late one has an older epoch) the partition is added, and the transaction begun.
 * Undefined when the batch may be written. Source: KIP-890.
 */
export function checkTransactionalProduce(
  broker: Broker,
  transactionalId: string | null,
  batch: Batch,
  topic: string,
  partition: number,
  mayAdd: boolean,
): Refusal | undefined {
  if (!batch.isTransactional) {
    const isOpen = broker.log(topic, partition)?.transactions.ongoing.has(batch.producerId);
    if (!isOpen) return undefined;
    const message = 'the producer has an open transaction in the partition';
    return { errorCode: errorCodes.INVALID_TXN_STATE, message };
  }
  const transaction = broker.state.transactions.get(transactionalId ?? '');
  if (transaction === undefined || BigInt(transaction.producerId) !== batch.producerId) {
    const message = `transactional id "${transactionalId}" does not belong to producer ${batch.producerId}`;
    return { errorCode: errorCodes.INVALID_PRODUCER_ID_MAPPING, message };
  }
  if (transaction.producerEpoch !== batch.producerEpoch) {
    const message = `epoch ${batch.producerEpoch} of the producer is not the current one, ${transaction.producerEpoch}`;
    return { errorCode: errorCodes.INVALID_PRODUCER_EPOCH, message };
  }
  const hasPartition = transaction.partitions.some(
    (one) => one[0] === topic && one[1] === partition,
  );
  if (transaction.status === 'Ongoing' && hasPartition) return undefined;
  if (mayAdd) {
    const errorCode = addPartitions(broker, transaction, [[topic, partition]]);
    if (errorCode === errorCodes.NONE) return undefined;
    return { errorCode, message: 'the partition cannot be added to the transaction' };
  }
  const message = 'the partition has not been added to the transaction';
  return { errorCode: errorCodes.INVALID_TXN_STATE, message };
}
