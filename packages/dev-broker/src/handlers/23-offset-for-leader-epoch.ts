import { errorCodes, offsetForLeaderEpochApi } from '@tributary/wire';
import { defineHandler } from '../handler.ts';
import { checkLeaderEpoch } from './check-leader-epoch.ts';

// Versions 2-4. There is one epoch, 0: it ends where the log ends.

export const offsetForLeaderEpoch = defineHandler({
  api: offsetForLeaderEpochApi,
  minVersion: 2,
  maxVersion: 4,
  handle: (broker, request) => ({
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
        const log = broker.log(topic, partition);
        if (log === undefined)
          return { partition, errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION };
        const errorCode = checkLeaderEpoch(currentLeaderEpoch);
        if (errorCode !== errorCodes.NONE || leaderEpoch !== 0) return { partition, errorCode };
        return { partition, errorCode, leaderEpoch: 0, endOffset: BigInt(log.endOffset) };
      }),
    })),
  }),
  fail: (request, errorCode) => ({
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
    })),
  }),
});
