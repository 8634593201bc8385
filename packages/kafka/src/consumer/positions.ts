import { errorCodes, listOffsetsApi, offsetFetchApi } from '@tributary/wire';
import { type Cluster, maxVersions } from '../cluster.ts';
import { type ConsumerSettings, durationMs } from '../config.ts';
import { brokerError, clientError, isKafkaError } from '../errors.ts';
import type { Coordinator } from '../group/coordinator.ts';
import type { KafkaError, TopicPartition } from '../types.ts';

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
  /** The last try to list offsets failed in a way that a newer leader may mend. */
  #isLeaderStale = false;

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

  /** One try to find the positions that are not known: committed, else by `auto.offset.reset`. What can be found is taken even when it rejects because of others. */
  async resolve(coordinator: Coordinator, signal: AbortSignal): Promise<void> {
    const unknown = [...this.#states.values()].filter((state) => state.position === null);
    const uncommitted = unknown.filter((state) => !state.isResetDue);
    if (uncommitted.length > 0) {
      const committed = await fetchCommitted(
        coordinator,
        this.#settings['group.id'],
        uncommitted,
        signal,
      );
      for (const state of uncommitted) {
        if (!this.#isUnresolved(state)) continue;
        const offset = committed.get(keyOf(state)) ?? -1n;
        if (offset >= 0n) this.seek(state, offset);
        else state.isResetDue = true;
      }
    }
    const toReset = unknown.filter((state) => this.#isUnresolved(state) && state.isResetDue);
    if (toReset.length === 0) return;
    const { found, errors } = await this.#listResetOffsets(toReset, signal);
    for (const state of toReset) {
      const offset = found.get(keyOf(state));
      if (offset !== undefined && this.#isUnresolved(state)) this.seek(state, offset);
    }
    const error = errors.find(({ isRetriable }) => !isRetriable) ?? errors[0];
    if (error !== undefined) throw error;
  }

  /** Still assigned, as then, and not sought to elsewhere. */
  #isUnresolved(state: PartitionState): boolean {
    return this.has(state) && state.position === null;
  }

  async #listResetOffsets(
    states: readonly PartitionState[],
    signal: AbortSignal,
  ): Promise<ListedOffsets> {
    const policy = this.#settings['auto.offset.reset'];
    const names = states.map(({ topic, partition }) => `${topic}-${partition}`).join(', ');
    if (policy === 'none') {
      throw clientError(
        'NO_OFFSET',
        `Undefined offset with no reset policy for partitions: ${names}`,
      );
    }
    const topics = [...new Set(states.map(({ topic }) => topic))];
    const isLeaderMissing = states.some((state) => leaderOf(this.#cluster, state) < 0);
    if (this.#isLeaderStale || isLeaderMissing) {
      await this.#cluster.refresh(topics, { allowCreation: false });
    }
    const options = { isolation: isolationOf(this.#settings), signal };
    const at = resetPoint(policy);
    const listed = await listOffsets(this.#cluster, states, at, options);
    // Nothing is as new as that: what comes next is.
    const missing = states.filter((state) => listed.found.get(keyOf(state)) === -1n);
    if (missing.length > 0) {
      const ends = await listOffsets(this.#cluster, missing, 'latest', options);
      for (const state of missing) listed.found.delete(keyOf(state));
      for (const [key, offset] of ends.found) listed.found.set(key, offset);
      listed.errors.push(...ends.errors);
    }
    this.#isLeaderStale = listed.errors.length > 0;
    return listed;
  }
}

/** `isolation.level` as requests have it. */
export function isolationOf(settings: Pick<ConsumerSettings, 'isolation.level'>): 0 | 1 {
  return settings['isolation.level'] === 'read_committed' ? 1 : 0;
}

/** Committed offset by `topic partition`; partitions without one are missing. `partitions` null: all that the group has. */
export async function fetchCommitted(
  coordinator: Coordinator,
  groupId: string,
  partitions: readonly TopicPartition[] | null,
  signal: AbortSignal | undefined,
): Promise<Map<string, bigint>> {
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
    (version) =>
      version >= 8
        ? { groups: [{ groupId, topics }], requireStable: true }
        : { groupId, topics, ...(version >= 7 ? { requireStable: true } : {}) },
    { maxVersion: maxVersions.offsetFetch, ...(signal === undefined ? {} : { signal }) },
  );
  const group = response.groups[0] ?? response;
  if (group.errorCode !== 0) throw coordinator.errorOf(group.errorCode, what);
  const offsets = new Map<string, bigint>();
  for (const { name: topic, partitions: answers } of group.topics) {
    for (const { partitionIndex: partition, committedOffset, errorCode } of answers) {
      if (errorCode !== 0) {
        throw coordinator.errorOf(errorCode, `${what}, partition ${partition} of "${topic}"`);
      }
      if (committedOffset >= 0n) offsets.set(keyOf({ topic, partition }), committedOffset);
    }
  }
  return offsets;
}

export interface ListedOffsets {
  /** By `topic partition`; -1: there is no record as new as that. */
  readonly found: Map<string, bigint>;
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
        partitions: each.map(({ partition }) => ({ partitionIndex: partition, timestamp })),
      })),
    },
    options.signal === undefined ? {} : { signal: options.signal },
  );
  for (const { name: topic, partitions: answers } of response.topics) {
    for (const { partitionIndex: partition, errorCode, offset } of answers) {
      if (errorCode === 0) listed.found.set(keyOf({ topic, partition }), offset);
      else {
        const what = `Cannot list offsets of partition ${partition} of topic "${topic}"`;
        listed.errors.push(brokerError(errorCode, what));
      }
    }
  }
}

function leaderOf(cluster: Cluster, { topic, partition }: TopicPartition): number {
  return cluster.topic(topic)?.partitions[partition]?.leader ?? -1;
}

function resetPoint(policy: string): 'earliest' | 'latest' | number {
  if (policy === 'earliest' || policy === 'latest') return policy;
  return Date.now() - durationMs(policy.slice('by_duration:'.length));
}

export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`;
}
