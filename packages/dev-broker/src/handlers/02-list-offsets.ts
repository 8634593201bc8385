import { errorCodes, type ListOffsetsResponse, listOffsetsApi } from '@tributary/wire';
import { defineHandler } from '../handler.ts';
import { findMaxTimestamp, findTimestamp } from '../log/find-timestamp.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { checkLeaderEpoch } from './check-leader-epoch.ts';

// Versions 1-11. Timestamps -1 (end; last stable offset with read_committed), -2 and -4 (start), -3 (largest timestamp),
// -5 and -6 (tiered storage: there is none), others by record. Left out: replicas.

type PartitionResponse = ListOffsetsResponse['topics'][number]['partitions'][number];

export const listOffsets = defineHandler({
  api: listOffsetsApi,
  minVersion: 1,
  maxVersion: 11,
  handle: (broker, request, { version }) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, currentLeaderEpoch, timestamp }) => {
        const log = broker.log(name, partitionIndex);
        if (log === undefined)
          return refused(partitionIndex, errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
        const epochError = checkLeaderEpoch(currentLeaderEpoch);
        if (epochError !== errorCodes.NONE) return refused(partitionIndex, epochError);
        const found = find(log, timestamp, request.isolationLevel === 1);
        return {
          partitionIndex,
          errorCode: errorCodes.NONE,
          timestamp: BigInt(found.timestampMs),
          offset: BigInt(found.offset),
          ...(version >= 4 && found.offset >= 0 ? { leaderEpoch: 0 } : {}),
        };
      }),
    })),
  }),
  fail: (request, errorCode) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => refused(partitionIndex, errorCode)),
    })),
  }),
});

function find(
  log: PartitionLog,
  timestamp: bigint,
  isCommittedOnly: boolean,
): { offset: number; timestampMs: number } {
  const none = { offset: -1, timestampMs: -1 };
  switch (timestamp) {
    case -1n:
      return { offset: isCommittedOnly ? log.lastStableOffset : log.endOffset, timestampMs: -1 };
    case -2n:
    case -4n:
      return { offset: log.startOffset, timestampMs: -1 };
    case -3n:
      return findMaxTimestamp(log) ?? none;
    default:
      return timestamp < 0n
        ? none
        : (findTimestamp(log, Number(timestamp), isCommittedOnly) ?? none);
  }
}

function refused(partitionIndex: number, errorCode: number): PartitionResponse {
  return { partitionIndex, errorCode };
}
