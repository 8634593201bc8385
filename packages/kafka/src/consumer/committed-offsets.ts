import { offsetFetchApi } from '@tributary/wire';
import { maxVersions } from '../cluster.ts';
import type { Coordinator } from '../group/coordinator.ts';
import type { TopicPartition } from '../types.ts';
import { keyOf } from './positions.ts';

export interface Committed {
  readonly offset: bigint;
  /** Of the record before it; -1: not known. */
  readonly leaderEpoch: number;
}

/** What the group has committed, by `topic partition`; partitions without an offset are missing. */
export async function fetchCommitted(
  coordinator: Coordinator,
  groupId: string,
  partitions: readonly TopicPartition[],
  signal: AbortSignal,
): Promise<Map<string, Committed>> {
  const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, owned]) => ({
    name,
    partitionIndexes: owned.map(({ partition }) => partition),
  }));
  const what = `Cannot fetch committed offsets of group "${groupId}"`;
  const response = await coordinator.request(
    offsetFetchApi,
    (version) =>
      version >= 8
        ? { groups: [{ groupId, topics }], requireStable: true }
        : { groupId, topics, ...(version >= 7 ? { requireStable: true } : {}) },
    { maxVersion: maxVersions.offsetFetch, signal },
  );
  const group = response.groups[0] ?? response;
  if (group.errorCode !== 0) throw coordinator.errorOf(group.errorCode, what);
  const found = new Map<string, Committed>();
  for (const { name: topic, partitions: answers } of group.topics) {
    for (const { partitionIndex: partition, errorCode, ...committed } of answers) {
      if (errorCode !== 0) {
        throw coordinator.errorOf(errorCode, `${what}, partition ${partition} of "${topic}"`);
      }
      const { committedOffset: offset, committedLeaderEpoch: leaderEpoch } = committed;
      if (offset >= 0n) found.set(keyOf({ topic, partition }), { offset, leaderEpoch });
    }
  }
  return found;
}
