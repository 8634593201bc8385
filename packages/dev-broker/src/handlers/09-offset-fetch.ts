import { errorCodes, type OffsetFetchResponse, offsetFetchApi } from '@tributary/wire';
import type { Broker } from '../broker.ts';
import { defineHandler } from '../handler.ts';

// Versions 1-10. With requireStable an offset that a running transaction is about to change is answered with UNSTABLE_OFFSET_COMMIT.
// Left out: member id and epoch of version 9 (they concern groups of the consumer protocol of KIP-848).

type GroupResponse = NonNullable<OffsetFetchResponse['groups']>[number];
type PartitionResponse = GroupResponse['topics'][number]['partitions'][number];

interface WantedTopic {
  readonly name: string;
  readonly topicId?: string;
  readonly partitionIndexes: readonly number[];
}

export const offsetFetch = defineHandler({
  api: offsetFetchApi,
  minVersion: 1,
  maxVersion: 10,
  handle(broker, request, { version }) {
    const { requireStable } = request;
    if (version >= 8) {
      const groups = request.groups.map(({ groupId, topics }) => ({
        groupId,
        topics: fetchTopics(broker, groupId, topics, requireStable, version),
      }));
      return { groups };
    }
    const topics = fetchTopics(broker, request.groupId, request.topics, requireStable, version);
    return { topics: topics.map((topic) => ({ ...topic, name: topic.name ?? '' })) };
  },
  fail(request, errorCode, { version }) {
    if (version >= 8) {
      return { groups: request.groups.map(({ groupId }) => ({ groupId, topics: [], errorCode })) };
    }
    const topics = (request.topics ?? []).map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((index) => noOffset(index, errorCode)),
    }));
    return { topics, errorCode };
  },
});

/** Topics null: all that have offsets. A partition without one gets -1. */
function fetchTopics(
  broker: Broker,
  groupId: string,
  wanted: readonly WantedTopic[] | null,
  requireStable: boolean,
  version: number,
): GroupResponse['topics'] {
  const unstable = requireStable ? unstablePartitions(broker, groupId) : new Set<string>();
  return (wanted ?? topicsOf(broker, groupId)).map(({ name, topicId, partitionIndexes }) => {
    const isById = version >= 10 && topicId !== undefined;
    const topic = isById ? (broker.topicById(topicId)?.name ?? null) : name;
    const partitions = partitionIndexes.map((index) => {
      if (topic === null) return noOffset(index, errorCodes.UNKNOWN_TOPIC_ID);
      if (unstable.has(`${topic}:${index}`))
        return noOffset(index, errorCodes.UNSTABLE_OFFSET_COMMIT);
      const found = broker.state.offsets.get(groupId)?.get(topic)?.get(index);
      if (found === undefined) return noOffset(index, errorCodes.NONE);
      return {
        partitionIndex: index,
        committedOffset: BigInt(found.offset),
        ...(version >= 5 ? { committedLeaderEpoch: found.leaderEpoch } : {}),
        metadata: found.metadata,
        errorCode: errorCodes.NONE,
      };
    });
    if (version < 10) return { name: topic ?? '', partitions };
    return { topicId: topicId ?? broker.topic(name)?.id ?? '', partitions };
  });
}

function topicsOf(broker: Broker, groupId: string): WantedTopic[] {
  const topics = broker.state.offsets.get(groupId) ?? new Map<string, Map<number, unknown>>();
  return [...topics].map(([name, partitions]) => {
    return { name, partitionIndexes: [...partitions.keys()] };
  });
}

function unstablePartitions(broker: Broker, groupId: string): Set<string> {
  const found = new Set<string>();
  for (const { pendingOffsets } of broker.state.transactions.values()) {
    for (const pending of pendingOffsets) {
      if (pending.groupId === groupId) found.add(`${pending.topic}:${pending.partition}`);
    }
  }
  return found;
}

function noOffset(partitionIndex: number, errorCode: number): PartitionResponse {
  return { partitionIndex, committedOffset: -1n, metadata: '', errorCode };
}
