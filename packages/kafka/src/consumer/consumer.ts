import { offsetCommitApi } from '@tributary/wire';
import { Cluster, maxVersions } from '../cluster.ts';
import { type ConsumerSettings, parseConsumer } from '../config.ts';
import { clientError, isKafkaError } from '../errors.ts';
import { assignorName, assignors } from '../group/assignors.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../group/consumer-protocol.ts';
import { GroupMember, type Membership } from '../group/group-member.ts';
import { longestDelayMs, sleep } from '../timers.ts';
import type {
  ClientConfig,
  ClientLogger,
  ConsumedRecords,
  Consumer,
  RebalanceListener,
  TopicPartition,
  TopicPartitionOffset,
} from '../types.ts';
import { Fetcher } from './fetcher.ts';
import { Positions } from './positions.ts';

/** KafkaError INVALID_CONFIG for a config that cannot be. Connects with the first poll. */
export function createConsumer(config: ClientConfig, deps: { logger: ClientLogger }): Consumer {
  const settings = parseConsumer(config, deps.logger);
  return new KafkaConsumer(settings, new Cluster(settings, deps.logger));
}

/**
 * Eager rebalances: partitions are given back (`onRevoked`), the group is joined in the background, and what it assigns is taken (`onAssigned`) by the poll that finds it.
 * Source: Kafka `ConsumerCoordinator`, `ClassicKafkaConsumer`.
 */
class KafkaConsumer implements Consumer {
  readonly #settings: ConsumerSettings;
  readonly #cluster: Cluster;
  readonly #positions: Positions;
  readonly #fetcher: Fetcher;
  readonly #member: GroupMember;
  readonly #assignorNames: readonly string[];
  readonly #closing = new AbortController();
  #subscription: readonly string[] | RegExp = [];
  #topics: readonly string[] = [];
  #listener: RebalanceListener = { onAssigned() {}, onRevoked() {}, onLost() {} };
  #assignment: readonly TopicPartition[] = [];
  #joining: Promise<void> | null = null;
  #joined: Membership | null = null;
  #joinFailure: Error | null = null;
  #isRefreshing = false;
  /** Partition counts that the leader assigned by; a change means a new round. */
  #assignedCounts = '';
  #wakeups = 0;
  #wake: (() => void) | null = null;
  #lastPollAt = Date.now();
  #isPolling = false;

  constructor(settings: ConsumerSettings, cluster: Cluster) {
    this.#settings = settings;
    this.#cluster = cluster;
    this.#assignorNames = settings['partition.assignment.strategy'].map(assignorName);
    for (const name of this.#assignorNames) {
      if (assignors[name] === undefined) {
        throw clientError(
          'INVALID_CONFIG',
          `Invalid value ${name} for configuration partition.assignment.strategy: this client knows ${Object.keys(assignors).join(', ')}`,
        );
      }
    }
    this.#positions = new Positions(cluster, settings);
    this.#fetcher = new Fetcher(cluster, settings, this.#positions, () => this.#wake?.());
    this.#member = new GroupMember(cluster, {
      groupId: settings['group.id'],
      groupInstanceId: settings['group.instance.id'] || null,
      protocolType: 'consumer',
      sessionTimeoutMs: settings['session.timeout.ms'],
      rebalanceTimeoutMs: settings['max.poll.interval.ms'],
      heartbeatIntervalMs: settings['heartbeat.interval.ms'],
      protocols: () =>
        this.#assignorNames.map((name) => ({ name, metadata: encodeSubscription(this.#topics) })),
      assign: (protocol, members) => this.#assign(protocol, members),
      isStalled: () =>
        !this.#isPolling && Date.now() - this.#lastPollAt > settings['max.poll.interval.ms'],
    });
  }

  get assignment(): readonly TopicPartition[] {
    return this.#assignment;
  }

  subscribe(subscription: readonly string[] | RegExp, listener: RebalanceListener): void {
    if (this.#settings['group.id'] === '') {
      throw clientError('INVALID_CONFIG', 'To subscribe, a consumer needs a group.id');
    }
    this.#subscription = subscription;
    this.#topics = subscription instanceof RegExp ? [] : [...subscription];
    this.#listener = listener;
    this.#member.requestRejoin();
  }

  async poll(timeoutMs: number, signal?: AbortSignal): Promise<readonly ConsumedRecords[]> {
    signal?.throwIfAborted();
    const deadline = Date.now() + timeoutMs;
    this.#isPolling = true;
    try {
      for (;;) {
        if (this.#closing.signal.aborted) throw clientError('CLOSED', 'The consumer is closed');
        if (this.#wakeups > 0) {
          this.#wakeups = 0;
          return [];
        }
        await this.#rebalanceIfNeeded();
        this.#refreshIfNeeded();
        if (this.#assignment.length > 0 && !this.#positions.areAllKnown) {
          await this.#resolvePositions(deadline, signal);
        }
        const records = this.#fetcher.collect();
        this.#fetcher.fetch();
        if (records.length > 0 || Date.now() >= deadline) return records;
        await this.#waitForNews(deadline - Date.now(), signal);
      }
    } finally {
      this.#isPolling = false;
      this.#lastPollAt = Date.now();
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

  seek(partition: TopicPartition, offset: bigint): void {
    this.#positions.seek(this.#positions.require(partition), offset);
  }

  position(partition: TopicPartition): bigint | undefined {
    return this.#positions.get(partition)?.position ?? undefined;
  }

  async positions(signal?: AbortSignal): Promise<TopicPartitionOffset[]> {
    await this.#cluster.retry(
      () =>
        this.#positions.resolve(
          this.#member.coordinator,
          this.#member,
          signal ?? this.#closing.signal,
        ),
      { timeoutMs: this.#settings['default.api.timeout.ms'], signal },
    );
    return this.#assignment.map(({ topic, partition }) => ({
      topic,
      partition,
      offset: this.#positions.require({ topic, partition }).position ?? 0n,
    }));
  }

  async commit(offsets: readonly TopicPartitionOffset[], signal?: AbortSignal): Promise<void> {
    if (offsets.length === 0) return;
    await this.#cluster.retry(() => this.#commitOnce(offsets, signal), {
      timeoutMs: this.#settings['default.api.timeout.ms'],
      signal,
    });
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const deadline = AbortSignal.timeout(Math.min(Math.max(timeoutMs, 0), longestDelayMs));
    try {
      await this.#giveBack();
      this.#closing.abort(clientError('CLOSED', 'The consumer is closed'));
      await this.#joining?.catch(() => {});
      await this.#member.leave(deadline).catch(() => {});
    } finally {
      this.#closing.abort(clientError('CLOSED', 'The consumer is closed'));
      this.#member.close();
      this.#fetcher.close();
      this.#cluster.close();
      this.#wake?.();
    }
  }

  /** Runs the parts of a rebalance that belong to the owner's thread of calls; joining itself goes on in the background. */
  async #rebalanceIfNeeded(): Promise<void> {
    if (this.#joinFailure !== null) {
      const failure = this.#joinFailure;
      this.#joinFailure = null;
      throw failure;
    }
    if (this.#joined !== null && !this.#member.needsRejoin) {
      const { assignment } = this.#joined;
      this.#joined = null;
      await this.#take(decodeAssignment(assignment));
    }
    if (!this.#member.needsRejoin || this.#joining !== null) return;
    await this.#giveBack();
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
        await this.#refreshTopics();
        this.#joined = await this.#member.join(signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const isMembershipError =
          isKafkaError(error) &&
          ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS'].includes(
            error.errorName,
          );
        if (!isKafkaError(error) || !(error.isRetriable || isMembershipError)) {
          this.#joinFailure = error as Error;
          return;
        }
        await sleep(this.#cluster.retryDelayMs(attempt), signal).catch(() => {});
      }
    }
  }

  async #giveBack(): Promise<void> {
    const owned = this.#assignment;
    if (owned.length === 0) return;
    try {
      if (this.#member.isLost) await this.#listener.onLost(owned);
      else await this.#listener.onRevoked(owned);
    } finally {
      this.#assignment = [];
      for (const partition of owned) {
        const state = this.#positions.remove(partition);
        if (state !== undefined) this.#fetcher.forget(state);
      }
    }
  }

  async #take(assigned: readonly TopicPartition[]): Promise<void> {
    this.#assignment = assigned;
    for (const partition of assigned) this.#positions.add(partition);
    await this.#listener.onAssigned(assigned);
  }

  /** As leader of the group. */
  async #assign(
    protocol: string,
    members: readonly { memberId: string; metadata: Buffer }[],
  ): Promise<Map<string, Buffer>> {
    const subscribed = members.map(({ memberId, metadata }) => ({
      memberId,
      topics: decodeSubscription(metadata),
    }));
    const topics = [...new Set(subscribed.flatMap((member) => member.topics))];
    await this.#cluster.refresh(topics, { allowCreation: this.#mayCreateTopics() });
    const counts = new Map<string, number>();
    for (const topic of topics) {
      const count = this.#cluster.topic(topic)?.partitions.length;
      if (count !== undefined) counts.set(topic, count);
    }
    this.#assignedCounts = describe(counts);
    const assignor = assignors[protocol] ?? assignors['range'];
    const assignment = assignor?.(subscribed, counts) ?? new Map<string, TopicPartition[]>();
    return new Map([...assignment].map(([memberId, owned]) => [memberId, encodeAssignment(owned)]));
  }

  async #resolvePositions(deadline: number, signal?: AbortSignal): Promise<void> {
    const { signal: closing } = this.#closing;
    const timeoutMs = Math.max(deadline - Date.now(), 1);
    const late = AbortSignal.timeout(Math.min(timeoutMs, longestDelayMs));
    const signals = signal === undefined ? [closing, late] : [closing, late, signal];
    try {
      await this.#positions.resolve(
        this.#member.coordinator,
        this.#member,
        AbortSignal.any(signals),
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (late.aborted || this.#member.needsRejoin) return;
      if (!isKafkaError(error) || !error.isRetriable) throw error;
      const delayMs = Math.min(this.#cluster.retryDelayMs(0), timeoutMs);
      await sleep(delayMs, AbortSignal.any(signals)).catch(() => {});
    }
  }

  /** Metadata that is old, or that an error showed to be stale, is fetched in the background; a leader that sees new partitions starts a round. */
  #refreshIfNeeded(): void {
    const isNeeded = this.#positions.takeMetadataNeed() || this.#cluster.isMetadataOld();
    if (!isNeeded || this.#isRefreshing || this.#joining !== null) return;
    this.#isRefreshing = true;
    const before = this.#topics.join(' ');
    this.#refreshTopics()
      .then(
        () => {
          const isPatternChanged = this.#topics.join(' ') !== before;
          if (isPatternChanged || this.#areCountsChanged()) this.#member.requestRejoin();
        },
        async (error: unknown) => {
          if (this.#closing.signal.aborted) return;
          this.#positions.needMetadata();
          if (!isKafkaError(error) || !error.isRetriable) {
            this.#cluster.logger.error(`Cannot fetch metadata: ${(error as Error).message}`);
          }
          await sleep(this.#cluster.retryDelayMs(0), this.#closing.signal).catch(() => {});
        },
      )
      .finally(() => {
        this.#isRefreshing = false;
        this.#wake?.();
      });
  }

  #areCountsChanged(): boolean {
    if (this.#member.membership?.isLeader !== true) return false;
    const counts = new Map<string, number>();
    for (const entry of this.#assignedCounts.split(' ')) {
      const topic = entry.slice(0, entry.lastIndexOf(':'));
      const count = this.#cluster.topic(topic)?.partitions.length;
      if (count !== undefined) counts.set(topic, count);
    }
    for (const topic of this.#topics) {
      const count = this.#cluster.topic(topic)?.partitions.length;
      if (count !== undefined) counts.set(topic, count);
    }
    return describe(counts) !== this.#assignedCounts;
  }

  async #refreshTopics(): Promise<void> {
    if (this.#subscription instanceof RegExp) {
      const whole = new RegExp(`^(?:${this.#subscription.source})$`, this.#subscription.flags);
      const all = await this.#cluster.listTopics();
      const excludesInternal = this.#settings['exclude.internal.topics'];
      this.#topics = [...all]
        .filter(([name, { isInternal }]) => whole.test(name) && !(isInternal && excludesInternal))
        .map(([name]) => name)
        .sort();
    }
    await this.#cluster.refresh(this.#topics, { allowCreation: this.#mayCreateTopics() });
  }

  #mayCreateTopics(): boolean {
    return this.#settings['allow.auto.create.topics'];
  }

  async #commitOnce(
    offsets: readonly TopicPartitionOffset[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { membership } = this.#member;
    if (membership === null) {
      throw clientError(
        'CLOSED',
        `Offset commit cannot be completed since the consumer is not part of an active group for auto partition assignment; it is likely that the consumer was kicked out of the group "${this.#settings['group.id']}".`,
      );
    }
    const instanceId = this.#settings['group.instance.id'];
    const response = await this.#member.coordinator.request(
      offsetCommitApi,
      {
        groupId: this.#settings['group.id'],
        generationIdOrMemberEpoch: membership.generation,
        memberId: membership.memberId,
        ...(instanceId === '' ? {} : { groupInstanceId: instanceId }),
        topics: [...Map.groupBy(offsets, ({ topic }) => topic)].map(([name, owned]) => ({
          name,
          partitions: owned.map(({ partition, offset }) => ({
            partitionIndex: partition,
            committedOffset: offset,
            committedMetadata: '',
          })),
        })),
      },
      { maxVersion: maxVersions.offsetCommit, ...(signal === undefined ? {} : { signal }) },
    );
    for (const topic of response.topics) {
      for (const { partitionIndex, errorCode } of topic.partitions) {
        if (errorCode === 0) continue;
        this.#member.noteError(errorCode);
        throw this.#member.coordinator.errorOf(
          errorCode,
          `Cannot commit the offset of partition ${partitionIndex} of topic "${topic.name}" for group "${this.#settings['group.id']}"`,
        );
      }
    }
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

function describe(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .map(([topic, count]) => `${topic}:${count}`)
    .sort()
    .join(' ');
}
