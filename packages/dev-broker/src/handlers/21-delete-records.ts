import { deleteRecordsApi, errorCodes } from '@tributary/wire';
import { defineHandler } from '../handler.ts';
import { topicConfigValue } from '../topic-config.ts';

// Versions 0-2. Offset -1 deletes everything. Whole segments are removed from the disk; the rest is hidden.

export const deleteRecords = defineHandler({
  api: deleteRecordsApi,
  minVersion: 0,
  maxVersion: 2,
  handle: (broker, request) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, offset }) => {
        const no = (errorCode: number) => ({ partitionIndex, lowWatermark: -1n, errorCode });
        const topic = broker.topic(name);
        const log = broker.log(name, partitionIndex);
        if (topic === undefined || log === undefined)
          return no(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
        const policy = topicConfigValue(topic.configs, 'cleanup.policy', broker.config);
        if (!policy.includes('delete')) return no(errorCodes.POLICY_VIOLATION);
        const start = offset === -1n ? log.endOffset : Number(offset);
        if (start < 0 || start > log.endOffset) return no(errorCodes.OFFSET_OUT_OF_RANGE);
        if (start > log.startOffset) {
          broker.commit([
            { type: 'log-start', topic: name, partition: partitionIndex, offset: start },
          ]);
          log.deleteBefore(start);
        }
        return {
          partitionIndex,
          lowWatermark: BigInt(log.startOffset),
          errorCode: errorCodes.NONE,
        };
      }),
    })),
  }),
  fail: (request, errorCode) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        return { partitionIndex, lowWatermark: -1n, errorCode };
      }),
    })),
  }),
});
