import { errorCodes } from '@tributary/wire';
import { Cluster } from '../cluster.ts';
import { type ConsumerSettings, parseConsumer } from '../config.ts';
import { brokerError, clientError, isKafkaError } from '../errors.ts';
import { assignorName, assignors } from '../group/assignors.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../group/consumer-protocol.ts';
import { GroupMember, type Membership } from '../group/group-member.ts';
import { longestDelayMs, orAbort, sleep } from '../timers.ts';
import type {
  ClientConfig,
  ClientDeps,
  ConsumedRecords,
  Consumer,
  ConsumerGroupMetadata,
  GroupMemberId,
  RebalanceListener,
  TopicPartition,
  TopicPartitionOffset,
} from '../types.ts';
import { commitOffsets } from './commit-offsets.ts';
import { Fetcher } from './fetcher.ts';
import { keyOf, Positions } from './positions.ts';
import { PositionResolver } from './resolve-positions.ts';
import { Subscription } from './subscription.ts';

/** Even a close that may not wait tells the group. */
const leastCloseMs = 50;

/**
 * KafkaError INVALID_CONFIG for a config that cannot be. Connects with the first poll.
 * `onMember` is told under which id this consumer is a member of its group: who ends its process can take it out of the group (`Admin.removeMembers`) instead of
 * waiting for its session to expire. Not called for static members, which come back under their own name.
 */
export function createConsumer(
  config: ClientConfig,
  deps: ClientDeps & { onMember?: (member: GroupMemberId) => void },
): Consumer {
  const settings = parseConsumer(config, deps.logger);
  return new KafkaConsumer(settings, new Cluster(settings, deps), deps.onMember);
}

/**
 * Eager rebalances: partitions are given back (`onRevoked`), the group is joined in the background, and what it assigns is taken (`onAssigned`) by the poll that finds it.
 * Cooperative ones (`cooperative-sticky` alone): partitions are kept and read while the group is joined; the poll that finds the new assignment gives back what is not in it
 * (`onRevoked`), takes what is new (`onAssigned`), and joins once more when it gave something back, so that others get it.
 * Source: Kafka `ConsumerCoordinator`, `ClassicKafkaConsumer`.
 */
class KafkaConsumer implements Consumer {
  readonly #settings: ConsumerSettings;
  readonly #cluster: Cluster;
  readonly #subscription: Subscription;
  readonly #positions: Positions;
  readonly #resolver: PositionResolver;
  readonly #fetcher: Fetcher;
  readonly #member: GroupMember;
  readonly #assignorNames: readonly string[];
  readonly #isCooperative: boolean;
  readonly #closing = new AbortController();
  #isClosing = false;
  #listener: RebalanceListener = { onAssigned() {}, onRevoked() {}, onLost() {} };
  #assignment: readonly TopicPartition[] = [];
  /** What it got in which generation, to be told to sticky assignors when it joins again. */
  #held: { assignment: readonly TopicPartition[]; generation: number } = {
    assignment: [],
    generation: -1,
  };
  /** Under which `assignment` was given; commits go under it, so that the group refuses them when it has gone on. */
  #assignedBy: Membership | null = null;
  #joining: Promise<void> | null = null;
  /** Joined, and to be taken by the next poll. */
  #joined: Membership | null = null;
  /** Found in the background, for the next poll to throw. */
  #failure: Error | null = null;
  #isRefreshing = false;
  #refreshAttempts = 0;
  #refreshNotBefore = 0;
  #isResolving = false;
  #resolveAttempts = 0;
  #resolveNotBefore = 0;
  #wakeups = 0;
  #wake: (() => void) | null = null;
  #lastPollAt = Date.now();

  constructor(
    settings: ConsumerSettings,
    cluster: Cluster,
    onMember: (member: GroupMemberId) => void = () => {},
  ) {
    this.#settings = settings;
    this.#cluster = cluster;
    this.#subscription = new Subscription(cluster, settings);
    this.#assignorNames = settings['partition.assignment.strategy'].map(assignorName);
    for (const name of this.#assignorNames) {
      if (assignors[name] === undefined) {
        throw clientError(
          'INVALID_CONFIG',
          `Invalid value ${name} for configuration partition.assignment.strategy: this client knows ${Object.keys(assignors).join(', ')}`,
        );
      }
    }
    this.#isCooperative = this.#assignorNames.every((name) => name === 'cooperative-sticky');
    this.#positions = new Positions();
    this.#resolver = new PositionResolver(cluster, settings, this.#positions);
    this.#fetcher = new Fetcher(cluster, settings, this.#positions, () => this.#wake?.());
    this.#member = new GroupMember(cluster, {
      groupId: settings['group.id'],
      groupInstanceId: settings['group.instance.id'] || null,
      protocolType: 'consumer',
      onMember,
      sessionTimeoutMs: settings['session.timeout.ms'],
      rebalanceTimeoutMs: settings['max.poll.interval.ms'],
      heartbeatIntervalMs: settings['heartbeat.interval.ms'],
      protocols: () =>
        this.#assignorNames.map((name) => ({
          name,
          metadata: encodeSubscription(name, {
            topics: this.#subscription.topics,
            // What an eager member held is a wish of `sticky` alone: it has given it back, and `cooperative-sticky` would wait for it to do so.
            owned: name === 'sticky' ? this.#held.assignment : this.#assignment,
            generation: this.#held.generation,
            rackId: settings['client.rack'] || null,
          }),
        })),
      assign: (protocol, members) => this.#assign(protocol, members),
      isStalled: () => Date.now() - this.#lastPollAt > settings['max.poll.interval.ms'],
    });
  }

  get assignment(): readonly TopicPartition[] {
    return this.#assignment;
  }

  get groupMetadata(): ConsumerGroupMetadata {
    return {
      groupId: this.#settings['group.id'],
      generation: this.#commitsAs?.generation ?? -1,
      memberId: this.#commitsAs?.memberId ?? '',
      groupInstanceId: this.#settings['group.instance.id'] || null,
    };
  }

  subscribe(subscription: readonly string[] | RegExp, listener: RebalanceListener): void {
    if (this.#settings['group.id'] === '') {
      throw clientError('INVALID_CONFIG', 'To subscribe, a consumer needs a group.id');
    }
    this.#subscription.set(subscription);
    this.#listener = listener;
    this.#member.requestRejoin();
  }

  async poll(timeoutMs: number, signal?: AbortSignal): Promise<readonly ConsumedRecords[]> {
    signal?.throwIfAborted();
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      this.#lastPollAt = Date.now();
      if (this.#closing.signal.aborted) throw clientError('CLOSED', 'The consumer is closed');
      this.#throwFailure();
      if (this.#wakeups > 0) {
        this.#wakeups = 0;
        return [];
      }
      await this.#rebalanceIfNeeded();
      this.#refreshIfNeeded();
      this.#resolveIfNeeded();
      const records = this.#fetcher.collect();
      this.#fetcher.fetch();
      this.#lastPollAt = Date.now();
      if (records.length > 0 || Date.now() >= deadline) return records;
      await this.#waitForNews(deadline - Date.now(), signal);
    }
  }

  wakeup(): void {
    this.#wakeups++;
    this.#wake?.();
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#positions.require(partition).isPaused = true;
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#positions.require(partition).isPaused = false;
  }

  seek(partition: TopicPartition, offset: bigint, leaderEpoch?: number): void {
    const state = this.#positions.require(partition);
    this.#positions.seek(state, offset, leaderEpoch === undefined ? {} : { leaderEpoch });
  }

  position(partition: TopicPartition): bigint | undefined {
    return this.#positions.get(partition)?.position ?? undefined;
  }

  async positions(signal?: AbortSignal): Promise<TopicPartitionOffset[]> {
    const stop =
      signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    await this.#cluster.retry(() => this.#resolver.resolve(this.#member.coordinator, stop), {
      timeoutMs: this.#settings['default.api.timeout.ms'],
      signal: stop,
    });
    return this.#assignment.map((assigned) => {
      const offset = this.#positions.require(assigned).position;
      if (offset !== null) return { ...assigned, offset };
      throw clientError(
        'NO_OFFSET',
        `The position of ${assigned.topic}-${assigned.partition} could not be determined`,
      );
    });
  }

  async commit(offsets: readonly TopicPartitionOffset[], signal?: AbortSignal): Promise<void> {
    if (offsets.length === 0) return;
    const assignedBy = this.#assignedBy;
    const owned = offsets.map((partition) => this.#positions.get(partition));
    const tryOnce = async (_attempt: number, late: AbortSignal): Promise<void> => {
      // Others may have gone on since; under what it got later the group would take the old offsets.
      const isSame = this.#isCooperative || this.#assignedBy === assignedBy;
      const isOwned = offsets.every((partition, i) => this.#positions.get(partition) === owned[i]);
      if (isSame && isOwned) return await this.#commitOnce(offsets, late);
      throw brokerError(
        errorCodes.REBALANCE_IN_PROGRESS,
        `Cannot commit offsets of group "${this.#settings['group.id']}"`,
        'The partitions were given back, or lost, before the commit succeeded',
      );
    };
    await this.#cluster.retry(tryOnce, {
      timeoutMs: this.#settings['default.api.timeout.ms'],
      signal,
    });
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#closing.signal.aborted || this.#isClosing) return;
    this.#isClosing = true;
    const lateMs = Math.min(Math.max(timeoutMs, leastCloseMs), longestDelayMs);
    const late = AbortSignal.timeout(lateMs);
    try {
      await orAbort(this.#giveBack(), late);
    } catch (error) {
      if (!late.aborted) throw error;
      this.#cluster.logger.warn(`Partitions were not given back within ${lateMs} ms`);
    } finally {
      this.#closing.abort(clientError('CLOSED', 'The consumer is closed'));
      await orAbort(this.#joining ?? Promise.resolve(), late).catch(() => {});
      await this.#member.leave(late).catch(() => {});
      this.#member.close();
      await this.#fetcher.close(late);
      this.#cluster.close();
      this.#wake?.();
    }
  }

  #throwFailure(): void {
    const failure = this.#failure ?? this.#member.fatalError;
    this.#failure = null;
    if (failure !== null) throw failure;
  }

  /** Runs the parts of a rebalance that belong to the owner's thread of calls; joining itself goes on in the background. */
  async #rebalanceIfNeeded(): Promise<void> {
    if (this.#joined !== null && !this.#member.needsRejoin) {
      const joined = this.#joined;
      this.#joined = null;
      await this.#take(joined);
    }
    if (!this.#member.needsRejoin || this.#joining !== null) return;
    if (!this.#isCooperative || this.#member.isLost) await this.#giveBack();
    this.#joined = null;
    this.#joining = this.#join().finally(() => {
      this.#joining = null;
      this.#wake?.();
    });
  }

  async #join(): Promise<void> {
    const { signal } = this.#closing;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await orAbort(this.#subscription.refresh(), signal);
        // To join would make it a member again that never heard of its loss.
        if (this.#member.isLost && this.#assignment.length > 0) return;
        this.#joined = await this.#member.join(signal);
        return;
      } catch (error) {
        // What it still holds is lost; the next poll says so before it joins again.
        if (signal.aborted || (this.#member.isLost && this.#assignment.length > 0)) return;
        const isMembershipError =
          isKafkaError(error) &&
          ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS'].includes(
            error.errorName,
          );
        if (!isKafkaError(error) || !(error.isRetriable || isMembershipError)) {
          this.#failure = error as Error;
          return;
        }
        await sleep(this.#cluster.retryDelayMs(attempt), signal).catch(() => {});
      }
    }
  }

  async #giveBack(): Promise<void> {
    const owned = this.#assignment;
    if (owned.length === 0) return;
    if (this.#member.isLost) this.#held = { assignment: [], generation: -1 };
    try {
      if (this.#member.isLost) await this.#listener.onLost(owned);
      else await this.#listener.onRevoked(owned);
    } finally {
      this.#assignment = [];
      this.#assignedBy = null;
      for (const partition of owned) this.#drop(partition);
    }
  }

  async #take(joined: Membership): Promise<void> {
    const assigned = decodeAssignment(joined.assignment);
    const before = new Set(this.#assignment.map(keyOf));
    const after = new Set(assigned.map(keyOf));
    const revoked = this.#assignment.filter((partition) => !after.has(keyOf(partition)));
    const kept = this.#assignment.filter((partition) => after.has(keyOf(partition)));
    const added = assigned.filter((partition) => !before.has(keyOf(partition)));
    this.#assignedBy = joined;
    if (revoked.length > 0) {
      // Who is to have them gets them only when all know that they are free.
      this.#member.requestRejoin();
      try {
        await this.#listener.onRevoked(revoked);
      } finally {
        this.#assignment = kept;
        for (const partition of revoked) this.#drop(partition);
      }
    }
    this.#assignment = assigned;
    this.#held = { assignment: assigned, generation: joined.generation };
    this.#resolveAttempts = 0;
    this.#resolveNotBefore = 0;
    for (const partition of added) this.#positions.add(partition);
    await this.#listener.onAssigned(added);
  }

  #drop(partition: TopicPartition): void {
    const state = this.#positions.remove(partition);
    if (state !== undefined) this.#fetcher.forget(state);
  }

  /** As leader of the group. */
  async #assign(
    protocol: string,
    members: readonly { memberId: string; groupInstanceId: string | null; metadata: Buffer }[],
  ): Promise<Map<string, Buffer>> {
    const subscribed = members.map(({ memberId, groupInstanceId, metadata }) => ({
      memberId,
      groupInstanceId,
      ...decodeSubscription(protocol, metadata),
    }));
    const topics = [...new Set(subscribed.flatMap((member) => member.topics))];
    const counts = await this.#subscription.countPartitions(topics);
    const assignor = assignors[protocol];
    if (assignor === undefined) {
      throw clientError(
        'UNSUPPORTED_VERSION',
        `The group chose the assignor "${protocol}", which was not offered`,
      );
    }
    const assignment = assignor(subscribed, counts);
    return new Map([...assignment].map(([memberId, owned]) => [memberId, encodeAssignment(owned)]));
  }

  /** In the background, so that partitions whose position cannot be found now hold up no others. */
  #resolveIfNeeded(): void {
    if (this.#isResolving || this.#assignment.length === 0 || this.#positions.areSettled) return;
    if (Date.now() < this.#resolveNotBefore) return;
    this.#isResolving = true;
    this.#resolver
      .resolve(this.#member.coordinator, this.#closing.signal)
      .then(
        () => this.#fetcher.fetch(),
        (error: unknown) => {
          if (this.#closing.signal.aborted) return;
          if (!isKafkaError(error) || !error.isRetriable) this.#failure = error as Error;
          this.#fetcher.fetch();
        },
      )
      .finally(() => {
        this.#isResolving = false;
        if (this.#positions.areSettled) this.#resolveAttempts = 0;
        const delayMs = this.#cluster.retryDelayMs(this.#resolveAttempts++);
        this.#resolveNotBefore = this.#positions.areSettled ? 0 : Date.now() + delayMs;
        this.#wake?.();
      });
  }

  /** Metadata that is old, lacks a subscribed topic, or was shown to be stale is fetched in the background; a leader that sees other partitions starts a round. */
  #refreshIfNeeded(): void {
    if (this.#isRefreshing) return;
    if (Date.now() < this.#refreshNotBefore) return;
    const isNeeded = this.#positions.takeMetadataNeed() || this.#cluster.isMetadataOld();
    if (!isNeeded && !this.#subscription.isTopicMissing) return;
    this.#isRefreshing = true;
    const before = this.#subscription.topics.join(' ');
    this.#subscription
      .refresh()
      .then(
        () => {
          const isPatternChanged = this.#subscription.topics.join(' ') !== before;
          const isLeader = this.#member.membership?.isLeader === true;
          if (isPatternChanged || (isLeader && this.#subscription.areCountsChanged())) {
            this.#member.requestRejoin();
          }
          if (!this.#subscription.isTopicMissing) this.#refreshAttempts = 0;
        },
        (error: unknown) => {
          if (this.#closing.signal.aborted) return;
          this.#positions.needMetadata();
          if (!isKafkaError(error) || !error.isRetriable) this.#failure = error as Error;
        },
      )
      .finally(() => {
        this.#isRefreshing = false;
        this.#refreshNotBefore = Date.now() + this.#cluster.retryDelayMs(this.#refreshAttempts++);
        this.#wake?.();
      });
  }

  async #commitOnce(
    offsets: readonly TopicPartitionOffset[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const membership = this.#commitsAs;
    const groupId = this.#settings['group.id'];
    if (membership === null || this.#member.isLost) {
      throw brokerError(
        errorCodes.UNKNOWN_MEMBER_ID,
        `Cannot commit offsets of group "${groupId}"`,
        'The consumer is not part of the group at present: it polled too late, or its session expired',
      );
    }
    for (const partition of offsets) {
      if (this.#positions.get(partition) !== undefined) continue;
      throw brokerError(
        errorCodes.REBALANCE_IN_PROGRESS,
        `Cannot commit offsets of group "${groupId}"`,
        `Partition ${partition.partition} of topic "${partition.topic}" is not assigned to the consumer any more`,
      );
    }
    const answers = await commitOffsets(
      this.#member.coordinator,
      this.groupMetadata,
      offsets.map((each) => ({ leaderEpoch: this.#epochAt(each), ...each })),
      signal,
    );
    for (const topic of answers) {
      for (const { partitionIndex, errorCode } of topic.partitions) {
        if (errorCode === 0) continue;
        // An answer to what was asked under an older generation says nothing about this one.
        if (this.#member.membership === membership) this.#member.noteError(errorCode);
        if (this.#isCooperative && errorCode === errorCodes.ILLEGAL_GENERATION && this.#joining) {
          throw brokerError(
            errorCodes.REBALANCE_IN_PROGRESS,
            `Cannot commit offsets of group "${groupId}"`,
            'The partitions are still owned; commit again when the rebalance has ended',
          );
        }
        throw this.#member.coordinator.errorOf(
          errorCode,
          `Cannot commit the offset of partition ${partitionIndex} of topic "${topic.name}" for group "${groupId}"`,
        );
      }
    }
  }

  /** Known where the position stands. -1: not known. */
  #epochAt({ offset, ...partition }: TopicPartitionOffset): number {
    const state = this.#positions.get(partition);
    return state !== undefined && state.position === offset ? state.positionEpoch : -1;
  }

  /** A cooperative member owns what it had until it gives it back, and the group takes commits only of its newest generation, the result of a join that no poll has taken yet. */
  get #commitsAs(): Membership | null {
    return (this.#isCooperative && this.#assignedBy && this.#joined) || this.#assignedBy;
  }

  async #waitForNews(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#fetcher.hasData || this.#wakeups > 0) return;
    // Back-offs and heartbeats have no event of their own.
    const longestMs = 100;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => end(), Math.min(timeoutMs, longestMs));
      const onAbort = (): void => end(signal?.reason as Error);
      const end = (reason?: Error): void => {
        clearTimeout(timer);
        this.#wake = null;
        signal?.removeEventListener('abort', onAbort);
        if (reason === undefined) resolve();
        else reject(reason);
      };
      this.#wake = () => end();
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}
