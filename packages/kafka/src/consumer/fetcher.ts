import {
  type Decoded,
  errorByCode,
  type FetchRequest,
  type FetchResponse,
  fetchApi,
  zeroUuid,
} from '@tributary/wire';
import type { Cluster } from '../cluster.ts';
import type { ConsumerSettings } from '../config.ts';
import { brokerError, isKafkaError, isStaleError } from '../errors.ts';
import type { ConsumedRecords, KafkaError } from '../types.ts';
import { AbortedTransactions } from './aborted-transactions.ts';
import { type Asked, FetchSession, lastVersionWithNames } from './fetch-session.ts';
import { type PartitionState, type Positions } from './positions.ts';
import { RecordBuffer } from './record-buffer.ts';
import { isolationOf } from './resolve-positions.ts';

type Response = Decoded<FetchResponse>;
type PartitionAnswer = Response['responses'][number]['partitions'][number];

/** Ending sessions is a courtesy: brokers forget them by themselves. */
const endSessionsMs = 500;

/**
 * Keeps one fetch on the way to each broker while records are handed out, for partitions that have fewer than two answers buffered.
 * Memory: two times `max.partition.fetch.bytes` for each partition, and what the caller still refers to.
 * Source: Kafka `Fetcher`, `AbstractFetch`.
 */
export class Fetcher {
  readonly #cluster: Cluster;
  readonly #settings: ConsumerSettings;
  readonly #positions: Positions;
  readonly #onData: () => void;
  readonly #buffer: RecordBuffer;
  readonly #isReadCommitted: boolean;
  readonly #sessions = new Map<number, FetchSession>();
  readonly #busy = new Set<number>();
  /** Not thrown yet, by the partition it hit first; what cannot be fetched is tried again only when that was heard of. */
  readonly #failures = new Map<PartitionState, Error>();
  #isClosed = false;

  constructor(
    cluster: Cluster,
    settings: ConsumerSettings,
    positions: Positions,
    onData: () => void,
  ) {
    this.#cluster = cluster;
    this.#settings = settings;
    this.#positions = positions;
    this.#onData = onData;
    this.#buffer = new RecordBuffer(positions, settings);
    this.#isReadCommitted = isolationOf(settings) === 1;
  }

  /** Sends a fetch to each broker that is idle and has partitions to fetch. Never waits. */
  fetch(): void {
    if (this.#isClosed) return;
    const byNode = new Map<number, PartitionState[]>();
    const nowMs = Date.now();
    for (const state of this.#positions.states()) {
      const node = this.#nodeFor(state, nowMs);
      // Nobody leads it, as far as is known: while brokers stop and start that is what they say.
      if (node < 0) this.#positions.needMetadata();
      if (node < 0 || this.#busy.has(node) || !this.#isFetchable(state, nowMs)) continue;
      const states = byNode.get(node);
      if (states === undefined) byNode.set(node, [state]);
      else states.push(state);
    }
    for (const [node, states] of byNode) void this.#fetchFrom(node, states);
  }

  /**
   * Up to `max.poll.records` records that lie at the positions, which move on behind them. Throws what a fetch found that waiting does not mend;
   * records found before it come first, since their positions have moved.
   */
  collect(): ConsumedRecords[] {
    const records = this.#buffer.collect();
    if (records.length > 0) return records;
    for (const [state, failure] of this.#failures) {
      this.#failures.delete(state);
      if (this.#positions.has(state)) throw failure;
    }
    return records;
  }

  get hasData(): boolean {
    return this.#failures.size > 0 || this.#buffer.hasData;
  }

  /** The partition is not the consumer's any more. */
  forget(state: PartitionState): void {
    this.#buffer.forget(state);
    this.#failures.delete(state);
  }

  /** Tells the brokers that its sessions have ended, as far as they listen before `signal`. Never rejects. */
  async close(signal: AbortSignal): Promise<void> {
    this.#isClosed = true;
    this.#buffer.clear();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), endSessionsMs);
    const stop = AbortSignal.any([signal, late.signal]);
    const ending = [...this.#sessions].map(async ([node, { id }]) => {
      if (id === 0) return;
      const last = { maxWaitMs: 0, minBytes: 0, sessionId: id, sessionEpoch: -1, topics: [] };
      await this.#cluster.request(node, 'general', fetchApi, last, { signal: stop });
    });
    await Promise.allSettled(ending);
    clearTimeout(timer);
  }

  #isFetchable(state: PartitionState, nowMs: number): boolean {
    if (!this.#isReadable(state) || state.isPaused || state.isFetching) return false;
    if (this.#failures.has(state)) return false;
    return state.notBefore <= nowMs && this.#buffer.count(state) < 2;
  }

  /** Assigned, and the position is known to be one of the leader's log. */
  #isReadable(state: PartitionState): boolean {
    return this.#positions.has(state) && state.position !== null && !state.isValidationDue;
  }

  /** The leader, or the follower that it sent us to for as long as metadata stays young; -1: there is none. */
  #nodeFor(state: PartitionState, nowMs: number): number {
    const topic = this.#cluster.topic(state.topic);
    const partition = topic?.partitions[state.partition];
    if (topic === undefined || partition === undefined) return -1;
    this.#positions.noteLeader(state, topic);
    if (state.preferredReplica >= 0) {
      const isOnline =
        partition.replicas.includes(state.preferredReplica) &&
        this.#cluster.brokers.has(state.preferredReplica);
      if (isOnline && nowMs < state.preferredUntilMs) return state.preferredReplica;
      state.preferredReplica = -1;
    }
    return partition.leader;
  }

  async #fetchFrom(node: number, states: readonly PartitionState[]): Promise<void> {
    this.#busy.add(node);
    const session = this.#sessionOf(node);
    let areNamed = false;
    for (const state of states) {
      state.isFetching = true;
      areNamed ||= state.topicId === zeroUuid;
    }
    try {
      const response = await this.#cluster.request(
        node,
        'fetch',
        fetchApi,
        (version) => this.#requestFor(node, session, states, version),
        {
          timeoutMs: this.#settings['request.timeout.ms'] + this.#settings['fetch.max.wait.ms'],
          ...(areNamed ? { maxVersion: lastVersionWithNames } : {}),
        },
      );
      const isSessionGood = session.take(response);
      if (isSessionGood && response.errorCode !== 0) {
        throw brokerError(response.errorCode, `Cannot fetch from broker ${node}`);
      }
      this.#takeResponse(node, session, response);
    } catch (error) {
      session.fail();
      this.#onFailedFetch(states, error);
    } finally {
      this.#busy.delete(node);
      for (const state of states) state.isFetching = false;
      this.fetch();
      this.#onData();
    }
  }

  #sessionOf(node: number): FetchSession {
    const known = this.#sessions.get(node);
    if (known !== undefined) return known;
    const session = new FetchSession(this.#settings['max.partition.fetch.bytes']);
    this.#sessions.set(node, session);
    return session;
  }

  #requestFor(
    node: number,
    session: FetchSession,
    states: readonly PartitionState[],
    version: number,
  ): FetchRequest {
    // The connection may have been long in coming.
    const nowMs = Date.now();
    const wanted = states.filter(
      (state) => this.#nodeFor(state, nowMs) === node && this.#isReadable(state) && !state.isPaused,
    );
    return {
      maxWaitMs: this.#settings['fetch.max.wait.ms'],
      minBytes: this.#settings['fetch.min.bytes'],
      maxBytes: this.#settings['fetch.max.bytes'],
      isolationLevel: this.#isReadCommitted ? 1 : 0,
      rackId: this.#settings['client.rack'],
      ...session.next(wanted, version),
    };
  }

  #takeResponse(node: number, session: FetchSession, response: Response): void {
    for (const { nodeId, host, port } of response.nodeEndpoints) {
      this.#cluster.noteBroker(nodeId, { host, port });
    }
    for (const topic of response.responses) {
      for (const answer of topic.partitions) {
        const asked = session.askedFor(topic, answer.partitionIndex);
        if (asked === undefined) continue;
        const { state, epoch } = asked;
        if (state.epoch === epoch && this.#isReadable(state)) {
          this.#takeAnswer(node, asked, answer);
        }
      }
    }
  }

  #takeAnswer(node: number, asked: Asked, answer: PartitionAnswer): void {
    const { state } = asked;
    if (answer.errorCode !== 0) {
      this.#takeError(node, asked, answer);
      return;
    }
    if (answer.preferredReadReplica >= 0) {
      state.preferredReplica = answer.preferredReadReplica;
      state.preferredUntilMs = Date.now() + this.#settings['metadata.max.age.ms'];
    }
    if (answer.divergingEpoch.epoch >= 0) {
      this.#positions.validate(state);
      return;
    }
    if (answer.records === null || answer.records.length === 0) {
      state.attempts = 0;
      return;
    }
    const aborted = this.#isReadCommitted
      ? new AbortedTransactions(answer.abortedTransactions ?? [])
      : null;
    try {
      this.#buffer.add(state, answer.records, aborted);
      state.attempts = 0;
    } catch (error) {
      this.#fail(state, error as KafkaError);
    }
  }

  #takeError(node: number, { state, leaderEpoch }: Asked, answer: PartitionAnswer): void {
    const { errorCode, currentLeader } = answer;
    const { name, isRetriable } = errorByCode(errorCode);
    const isTriedAgain = isPassing({ errorName: name, isRetriable });
    const isFromFollower = state.preferredReplica === node;
    state.preferredReplica = -1;
    if (currentLeader.leaderEpoch > leaderEpoch) {
      this.#cluster.noteLeader(state, currentLeader);
    }
    if (name === 'OFFSET_OUT_OF_RANGE') {
      // The leader may have what the follower has not got yet.
      if (isFromFollower) return;
      if (state.position !== null && state.position < state.fetchOffset) {
        // What is buffered was read before the log lost its end; it is handed out first.
        this.#backOff(state);
        return;
      }
      this.#cluster.logger.info(
        `Offset ${state.fetchOffset} of partition ${state.partition} of topic "${state.topic}" is out of range; applying auto.offset.reset`,
      );
      this.#positions.reset(state);
      return;
    }
    if (isStaleError(errorCode)) this.#positions.needMetadata();
    if (isTriedAgain) {
      this.#backOff(state);
      return;
    }
    const what = `Cannot fetch partition ${state.partition} of topic "${state.topic}"`;
    this.#fail(state, brokerError(errorCode, what));
  }

  #fail(state: PartitionState, error: Error): void {
    this.#failures.set(state, error);
    this.#backOff(state);
  }

  #onFailedFetch(states: readonly PartitionState[], error: unknown): void {
    if (this.#isClosed || this.#cluster.closed.aborted) return;
    this.#positions.needMetadata();
    for (const state of states) {
      state.preferredReplica = -1;
      this.#backOff(state);
    }
    const [first] = states;
    if (first !== undefined && (!isKafkaError(error) || !isPassing(error))) {
      this.#failures.set(first, error as KafkaError);
    }
  }

  #backOff(state: PartitionState): void {
    state.notBefore = Date.now() + this.#cluster.retryDelayMs(state.attempts++);
  }
}

/** As in Java a broker that fails without a name for it, as one that was frozen may, is asked again. */
function isPassing({
  errorName,
  isRetriable,
}: Pick<KafkaError, 'errorName' | 'isRetriable'>): boolean {
  return isRetriable || errorName === 'UNKNOWN_SERVER_ERROR';
}
