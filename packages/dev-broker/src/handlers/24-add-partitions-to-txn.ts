import { addPartitionsToTxnApi, errorCodes } from '@tributary/wire';
import { defineHandler } from '../handler.ts';
import { addPartitions } from '../transactions/coordinator.ts';
import { fencedCode } from './22-init-producer-id.ts';

// Versions 0-3. All partitions are added or none. Left out: versions 4 and 5, which only brokers send.

type Topics = readonly { readonly name: string; readonly partitions: readonly number[] }[];

export const addPartitionsToTxn = defineHandler({
  api: addPartitionsToTxnApi,
  minVersion: 0,
  maxVersion: 3,
  handle(broker, request, { version }) {
    const topics = request.v3AndBelowTopics;
    const exists = (name: string, partition: number) => broker.log(name, partition) !== undefined;
    const areKnown = topics.every(({ name, partitions }) => {
      return partitions.every((partition) => exists(name, partition));
    });
    if (!areKnown) {
      return answer(topics, (name, partition) => {
        // What would have been fine has not been tried.
        return exists(name, partition)
          ? errorCodes.OPERATION_NOT_ATTEMPTED
          : errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
      });
    }
    const producer = {
      transactionalId: request.v3AndBelowTransactionalId,
      producerId: Number(request.v3AndBelowProducerId),
      producerEpoch: request.v3AndBelowProducerEpoch,
    };
    const wanted = topics.flatMap(({ name, partitions }) => {
      return partitions.map((partition) => [name, partition] as const);
    });
    const errorCode = fencedCode(addPartitions(broker, producer, wanted), version, 2);
    return answer(topics, () => errorCode);
  },
  fail: (request, errorCode) => answer(request.v3AndBelowTopics, () => errorCode),
});

function answer(topics: Topics, codeOf: (name: string, partition: number) => number) {
  return {
    resultsByTopicV3AndBelow: topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partition) => ({
        partitionIndex: partition,
        partitionErrorCode: codeOf(name, partition),
      })),
    })),
  };
}
