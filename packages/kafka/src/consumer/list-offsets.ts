import { errorCodes, listOffsetsApi } from '@tributary/wire';
import type { Cluster } from '../cluster.ts';
import { brokerError, isKafkaError } from '../errors.ts';
import type { KafkaError, TopicPartition } from '../types.ts';
import { keyOf } from './positions.ts';

export interface ListedOffset {
  /** -1: there is no record as new as that. */
  readonly offset: bigint;
  readonly leaderEpoch: number;
}

export interface ListedOffsets {
  /** By `topic partition`. */
  readonly found: Map<string, ListedOffset>;
  /** One for each partition, or broker, that could not be asked. */
  readonly errors: KafkaError[];
}

/** The first, the next, or the first offset at a time (epoch milliseconds), asked of each partition's leader. */
export async function listOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  at: 'earliest' | 'latest' | number,
  options: { isolation: 0 | 1; signal?: AbortSignal | undefined },
): Promise<ListedOffsets> {
  const listed: ListedOffsets = { found: new Map(), errors: [] };
  const byLeader = Map.groupBy(partitions, (partition) => leaderOf(cluster, partition));
  await Promise.all(
    [...byLeader].map(async ([leader, owned]) => {
      try {
        await listFromLeader(cluster, leader, owned, at, options, listed);
      } catch (error) {
        if (!isKafkaError(error)) throw error;
        listed.errors.push(error);
      }
    }),
  );
  return listed;
}

export function leaderOf(cluster: Cluster, { topic, partition }: TopicPartition): number {
  return cluster.topic(topic)?.partitions[partition]?.leader ?? -1;
}

async function listFromLeader(
  cluster: Cluster,
  leader: number,
  partitions: readonly TopicPartition[],
  at: 'earliest' | 'latest' | number,
  options: { isolation: 0 | 1; signal?: AbortSignal | undefined },
  listed: ListedOffsets,
): Promise<void> {
  if (leader < 0) {
    const code = cluster.topicError(partitions[0]?.topic ?? '') || errorCodes.LEADER_NOT_AVAILABLE;
    throw brokerError(code, `Cannot list offsets of topic "${partitions[0]?.topic}"`);
  }
  const timestamp = at === 'earliest' ? -2n : at === 'latest' ? -1n : BigInt(at);
  const response = await cluster.request(
    leader,
    'general',
    listOffsetsApi,
    {
      replicaId: -1,
      isolationLevel: options.isolation,
      topics: [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, each]) => ({
        name,
        partitions: each.map(({ partition }) => ({
          partitionIndex: partition,
          currentLeaderEpoch: cluster.topic(name)?.partitions[partition]?.leaderEpoch ?? -1,
          timestamp,
        })),
      })),
    },
    options.signal === undefined ? {} : { signal: options.signal },
  );
  for (const { name: topic, partitions: answers } of response.topics) {
    for (const { partitionIndex: partition, errorCode, offset, leaderEpoch } of answers) {
      if (errorCode === 0) listed.found.set(keyOf({ topic, partition }), { offset, leaderEpoch });
      else {
        const what = `Cannot list offsets of partition ${partition} of topic "${topic}"`;
        listed.errors.push(brokerError(errorCode, what));
      }
    }
  }
}
