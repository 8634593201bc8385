import { zeroUuid } from '@tributary/wire';
import type { TopicMetadata } from '../cluster.ts';
import { clientError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';

/** One assigned partition. Epochs of leaders are -1 where they are not known. */
export interface PartitionState extends TopicPartition {
  /** `topic partition`. */
  readonly key: string;
  topicId: string;
  /** Next offset to hand out; null until it is known. */
  position: bigint | null;
  /** The leader epoch of what lies before `position`: what a new leader's log is compared by. */
  positionEpoch: number;
  /** Next offset to fetch: ahead of `position` by what is buffered. */
  fetchOffset: bigint;
  fetchEpoch: number;
  /** Raised by every seek, so that data fetched for an earlier position is dropped. */
  epoch: number;
  /** As metadata had it when the partition was last fetched. */
  leader: number;
  leaderEpoch: number;
  /** Another leader leads: nothing is fetched until its log is known to have the position. */
  isValidationDue: boolean;
  /** The follower that the leader sends this client to; -1: none. */
  preferredReplica: number;
  preferredUntilMs: number;
  isPaused: boolean;
  isFetching: boolean;
  /** The position is to come from `auto.offset.reset`, whatever is committed. */
  isResetDue: boolean;
  /** Back-off after errors. */
  attempts: number;
  notBefore: number;
}

/** Where the consumer stands in each assigned partition. (no I/O) Source: Kafka `SubscriptionState`. */
export class Positions {
  readonly #states = new Map<string, PartitionState>();
  #isMetadataNeeded = false;

  states(): Iterable<PartitionState> {
    return this.#states.values();
  }

  has(state: PartitionState): boolean {
    return this.#states.get(state.key) === state;
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
    const key = keyOf({ topic, partition });
    this.#states.set(key, {
      topic,
      partition,
      key,
      topicId: zeroUuid,
      position: null,
      positionEpoch: -1,
      fetchOffset: 0n,
      fetchEpoch: -1,
      epoch: 0,
      leader: -1,
      leaderEpoch: -1,
      isValidationDue: false,
      preferredReplica: -1,
      preferredUntilMs: 0,
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

  /** `leaderEpoch`: of the record before the offset, where it is known; it is then compared with the leader's log unless the leader itself named the offset. */
  seek(
    state: PartitionState,
    offset: bigint,
    { leaderEpoch = -1, isFromLeader = false } = {},
  ): void {
    state.position = offset;
    state.positionEpoch = leaderEpoch;
    state.isResetDue = false;
    this.rewind(state);
    state.isValidationDue = !isFromLeader && leaderEpoch >= 0;
  }

  /** What is buffered is dropped, and fetched again from the position. */
  rewind(state: PartitionState): void {
    state.fetchOffset = state.position ?? 0n;
    state.fetchEpoch = state.positionEpoch;
    state.epoch++;
  }

  reset(state: PartitionState): void {
    state.position = null;
    state.epoch++;
    state.isResetDue = true;
    state.isValidationDue = false;
  }

  /** What metadata says of the partition's topic. A position whose epoch is known is validated under every new leader before it is read on. */
  noteLeader(state: PartitionState, topic: TopicMetadata): void {
    const { leader, leaderEpoch } = topic.partitions[state.partition] ?? noLeader;
    if (state.topicId !== topic.topicId) this.#noteTopicId(state, topic.topicId);
    const isSame = leader === state.leader && leaderEpoch === state.leaderEpoch;
    if (leader < 0 || isSame) return;
    const isFirst = state.leader < 0;
    state.leader = leader;
    state.leaderEpoch = leaderEpoch;
    state.preferredReplica = -1;
    if (!isFirst) this.validate(state);
  }

  /** A topic that was made again has another log: epochs of the old one say nothing about it. */
  #noteTopicId(state: PartitionState, topicId: string): void {
    const isAnother = state.topicId !== zeroUuid;
    state.topicId = topicId;
    if (!isAnother) return;
    state.positionEpoch = -1;
    state.fetchEpoch = -1;
    state.isValidationDue = false;
  }

  /** The log may have been cut before the position. */
  validate(state: PartitionState): void {
    if (state.position === null) return;
    if (state.positionEpoch < 0 || state.leaderEpoch < 0) {
      // Nothing to compare by. What is buffered may be of a log that is no more only when its own epoch is known.
      if (state.fetchEpoch >= 0 && state.leaderEpoch >= 0) this.rewind(state);
      return;
    }
    this.rewind(state);
    state.isValidationDue = true;
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

  /** All are known, and none waits to be validated. */
  get areSettled(): boolean {
    for (const { position, isValidationDue } of this.#states.values()) {
      if (position === null || isValidationDue) return false;
    }
    return true;
  }
}

const noLeader = { leader: -1, leaderEpoch: -1 };

export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`;
}
