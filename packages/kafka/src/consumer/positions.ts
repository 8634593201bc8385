import { errorByCode, listOffsetsApi, offsetFetchApi } from '@tributary/wire';
import { type Cluster, maxVersions } from '../cluster.ts';
import type { ConsumerSettings } from '../config.ts';
import { brokerError, clientError } from '../errors.ts';
import type { Coordinator } from '../group/coordinator.ts';
import type { GroupMember } from '../group/group-member.ts';
import type { TopicPartition, TopicPartitionOffset } from '../types.ts';

/** One assigned partition. */
export interface PartitionState extends TopicPartition {
  /** Next offset to hand out; null until it is known. */
  position: bigint | null;
  /** Next offset to fetch: ahead of `position` by what is buffered. */
  fetchOffset: bigint;
  /** Raised by every seek, so that data fetched for an earlier position is dropped. */
  epoch: number;
  isPaused: boolean;
  isFetching: boolean;
  /** The position is to come from `auto.offset.reset`, whatever is committed. */
  isResetDue: boolean;
  /** Back-off after errors. */
  attempts: number;
  notBefore: number;
}

/** Where the consumer stands in each assigned partition. */
export class Positions {
  readonly #cluster: Cluster;
  readonly #settings: ConsumerSettings;
  readonly #states = new Map<string, PartitionState>();
  #isMetadataNeeded = false;

  constructor(cluster: Cluster, settings: ConsumerSettings) {
    this.#cluster = cluster;
    this.#settings = settings;
  }

  states(): Iterable<PartitionState> {
    return this.#states.values();
  }

  has(state: PartitionState): boolean {
    return this.#states.get(keyOf(state)) === state;
  }

  /** Undefined when the partition is not assigned. */
  get(partition: TopicPartition): PartitionState | undefined {
    return this.#states.get(keyOf(partition));
  }

  require(partition: TopicPartition): PartitionState {
    const state = this.get(partition);
    if (state === undefined) {
      throw clientError(
        'INVALID_CONFIG',
        `No current assignment for partition ${partition.topic}-${partition.partition}`,
      );
    }
    return state;
  }

  add({ topic, partition }: TopicPartition): void {
    this.#states.set(keyOf({ topic, partition }), {
      topic,
      partition,
      position: null,
      fetchOffset: 0n,
      epoch: 0,
      isPaused: false,
      isFetching: false,
      isResetDue: false,
      attempts: 0,
      notBefore: 0,
    });
  }

  remove(partition: TopicPartition): PartitionState | undefined {
    const state = this.get(partition);
    this.#states.delete(keyOf(partition));
    return state;
  }

  seek(state: PartitionState, offset: bigint): void {
    state.position = offset;
    state.fetchOffset = offset;
    state.epoch++;
    state.isResetDue = false;
  }

  reset(state: PartitionState): void {
    state.position = null;
    state.epoch++;
    state.isResetDue = true;
  }

  needMetadata(): void {
    this.#isMetadataNeeded = true;
  }

  /** True once after `needMetadata`. */
  takeMetadataNeed(): boolean {
    const isNeeded = this.#isMetadataNeeded;
    this.#isMetadataNeeded = false;
    return isNeeded;
  }

  get areAllKnown(): boolean {
    for (const state of this.#states.values()) if (state.position === null) return false;
    return true;
  }

  /** One try to find the positions that are not known: committed, else by `auto.offset.reset`. */
  async resolve(coordinator: Coordinator, member: GroupMember, signal: AbortSignal): Promise<void> {
    const unknown = [...this.#states.values()].filter((state) => state.position === null);
    if (unknown.length === 0) return;
    const due = unknown.filter((state) => !state.isResetDue);
    if (due.length > 0) {
      const committed = await fetchCommitted(
        coordinator,
        this.#settings['group.id'],
        due,
        signal,
        (code) => member.noteError(code),
      );
      for (const { topic, partition, offset } of committed) {
        const state = this.get({ topic, partition });
        if (state?.position !== null) continue;
        if (offset >= 0n) this.seek(state, offset);
        else state.isResetDue = true;
      }
    }
    const toReset = unknown.filter((state) => state.position === null && state.isResetDue);
    if (toReset.length === 0) return;
    const policy = this.#settings['auto.offset.reset'];
    if (policy === 'none') {
      const names = toReset.map((state) => `${state.topic}-${state.partition}`).join(', ');
      throw clientError(
        'INVALID_CONFIG',
        `Undefined offset with no reset policy for partitions: ${names}`,
      );
    }
    const at = policy === 'earliest' ? 'earliest' : 'latest';
    for (const { topic, partition, offset } of await listOffsets(
      this.#cluster,
      toReset,
      at,
      signal,
    )) {
      const state = this.get({ topic, partition });
      if (state?.position === null) this.seek(state, offset);
    }
  }
}

/** Committed offset of each partition, -1 where there is none. */
export async function fetchCommitted(
  coordinator: Coordinator,
  groupId: string,
  partitions: readonly TopicPartition[] | null,
  signal: AbortSignal | undefined,
  onError: (code: number) => void,
): Promise<TopicPartitionOffset[]> {
  const topics =
    partitions === null
      ? null
      : [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, owned]) => ({
          name,
          partitionIndexes: owned.map(({ partition }) => partition),
        }));
  const what = `Cannot fetch committed offsets of group "${groupId}"`;
  const response = await coordinator.request(
    offsetFetchApi,
    (version) => (version >= 8 ? { groups: [{ groupId, topics }] } : { groupId, topics }),
    { maxVersion: maxVersions.offsetFetch, ...(signal === undefined ? {} : { signal }) },
  );
  const group = response.groups[0] ?? response;
  if (group.errorCode !== 0) {
    onError(group.errorCode);
    throw coordinator.errorOf(group.errorCode, what);
  }
  const offsets: TopicPartitionOffset[] = [];
  for (const topic of group.topics) {
    for (const { partitionIndex, committedOffset, errorCode } of topic.partitions) {
      if (errorCode !== 0) throw brokerError(errorCode, what);
      offsets.push({ topic: topic.name, partition: partitionIndex, offset: committedOffset });
    }
  }
  return offsets;
}

/** The first or next offset of each partition, asked of its leader. Retriable errors are the caller's to retry. */
export async function listOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  at: 'earliest' | 'latest',
  signal?: AbortSignal,
): Promise<TopicPartitionOffset[]> {
  const byLeader = Map.groupBy(
    partitions,
    ({ topic, partition }) => cluster.topic(topic)?.partitions[partition]?.leader ?? -1,
  );
  const found: TopicPartitionOffset[] = [];
  for (const [leader, owned] of byLeader) {
    if (leader < 0) {
      await cluster.refresh([...new Set(owned.map(({ topic }) => topic))], {
        allowCreation: false,
      });
      throw brokerError(5, `Cannot list offsets of topic "${owned[0]?.topic}"`);
    }
    const response = await cluster.request(
      leader,
      'general',
      listOffsetsApi,
      {
        replicaId: -1,
        isolationLevel: 0,
        topics: [...Map.groupBy(owned, ({ topic }) => topic)].map(([name, each]) => ({
          name,
          partitions: each.map(({ partition }) => ({
            partitionIndex: partition,
            timestamp: at === 'earliest' ? -2n : -1n,
          })),
        })),
      },
      signal === undefined ? {} : { signal },
    );
    for (const topic of response.topics) {
      for (const { partitionIndex, errorCode, offset } of topic.partitions) {
        if (errorCode !== 0) {
          if (errorByCode(errorCode).isMetadataStale) cluster.forgetTopic(topic.name);
          throw brokerError(
            errorCode,
            `Cannot list offsets of partition ${partitionIndex} of topic "${topic.name}"`,
          );
        }
        found.push({ topic: topic.name, partition: partitionIndex, offset });
      }
    }
  }
  return found;
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`;
}
