import { type ProduceRequest, rewriteProducerFields } from '@tributary/wire';
import type { ProducerSettings } from '../config.ts';
import type { PartitionQueue } from './partition-queue.ts';
import type { ProducerBatch } from './producer-batch.ts';

/** A batch on its way, with the queue it came from. */
export interface Sending {
  readonly queue: PartitionQueue;
  readonly batch: ProducerBatch;
}

export function produceRequest(
  sendings: readonly Sending[],
  settings: ProducerSettings,
  transactionalId: string | null,
): ProduceRequest {
  const topics = new Map<string, { index: number; records: Buffer }[]>();
  for (const { queue, batch } of sendings) {
    const { topic, partition } = queue.target;
    const partitions = topics.get(topic) ?? [];
    partitions.push({ index: partition, records: encode(queue, batch, transactionalId !== null) });
    topics.set(topic, partitions);
  }
  const { acks } = settings;
  return {
    transactionalId,
    acks: acks === 'all' ? -1 : Number(acks),
    timeoutMs: settings['request.timeout.ms'],
    topicData: [...topics].map(([name, partitionData]) => ({ name, partitionData })),
  };
}

function encode(
  { producer }: PartitionQueue,
  batch: ProducerBatch,
  isTransactional: boolean,
): Buffer {
  if (producer === null) {
    batch.encoded ??= batch.builder.close();
    return batch.encoded;
  }
  const fields = {
    producerId: producer.id,
    producerEpoch: producer.epoch,
    baseSequence: batch.baseSequence,
  };
  if (batch.encoded === null) {
    batch.encoded = batch.builder.close({ ...fields, isTransactional });
  } else if (batch.attempts > 0) rewriteProducerFields(batch.encoded, fields);
  return batch.encoded;
}
