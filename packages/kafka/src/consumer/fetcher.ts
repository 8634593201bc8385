import {
  batches,
  checkCrc,
  type Decoded,
  type DecodedRecord,
  decodeRecords,
  errorByCode,
  type FetchRequest,
  type FetchResponse,
  fetchApi,
  type RecordBatchHeader,
} from '@tributary/wire';
import { type Cluster, maxVersions } from '../cluster.ts';
import type { ConsumerSettings } from '../config.ts';
import { brokerError, clientError, isKafkaError, isStaleError } from '../errors.ts';
import type { ConsumedRecords, ConsumerRecord, KafkaError, TopicPartition } from '../types.ts';
import { AbortedTransactions } from './aborted-transactions.ts';
import { isolationOf, type PartitionState, type Positions } from './positions.ts';

/** What a fetch brought for one partition, decoded batch by batch as it is asked for. */
interface Fetched {
  readonly state: PartitionState;
  /** The state's epoch when it was asked for: a seek in between makes it void. */
  readonly epoch: number;
  readonly batches: Iterator<RecordBatchHeader>;
  readonly buffer: Buffer;
  /** Decoded and not handed out yet, from `next` on. */
  records: readonly DecodedRecord[];
  next: number;
  timestampType: ConsumedRecords['timestampType'];
  /** Where the position stands behind `records`. */
  nextOffset: bigint;
  /** With read_committed: which transactions are left out. */
  readonly aborted: AbortedTransactions | null;
}

type PartitionAnswer = Decoded<FetchResponse>['responses'][number]['partitions'][number];

/**
 * Keeps one fetch on the way to each leader while records are handed out, for partitions that have fewer than two answers buffered.
 * Memory: two times `max.partition.fetch.bytes` for each partition, and what the caller still refers to.
 * The position of a partition moves only with records that are handed out. Source: Kafka `Fetcher`, `FetchCollector`.
 */
export class Fetcher {
  readonly #cluster: Cluster;
  readonly #settings: ConsumerSettings;
  readonly #positions: Positions;
  readonly #onData: () => void;
  readonly #busy = new Set<number>();
  readonly #fetched = new Map<PartitionState, Fetched[]>();
  #failure: Error | null = null;
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
  }

  /** Sends a fetch to each leader that is idle and has partitions to fetch. Never waits. */
  fetch(): void {
    if (this.#isClosed) return;
    const byLeader = new Map<number, PartitionState[]>();
    const nowMs = Date.now();
    for (const state of this.#positions.states()) {
      if (!this.#isFetchable(state, nowMs)) continue;
      const leader = this.#leaderOf(state);
      if (leader < 0 || this.#busy.has(leader)) continue;
      const states = byLeader.get(leader);
      if (states === undefined) byLeader.set(leader, [state]);
      else states.push(state);
    }
    for (const [leader, states] of byLeader) void this.#fetchFrom(leader, states);
  }

  /**
   * Up to `max.poll.records` records that lie at the positions, which move on behind them. Throws what a fetch found that waiting does not mend;
   * records found before it come first, since their positions have moved.
   */
  collect(): ConsumedRecords[] {
    if (this.#failure !== null) {
      const failure = this.#failure;
      this.#failure = null;
      throw failure;
    }
    const collected: ConsumedRecords[] = [];
    try {
      this.#collectInto(collected);
    } catch (error) {
      // The next call finds it again.
      if (collected.length === 0) throw error;
    }
    return collected;
  }

  #collectInto(collected: ConsumedRecords[]): void {
    let left = this.#settings['max.poll.records'];
    for (const [state, queue] of this.#fetched) {
      if (left <= 0) break;
      if (state.isPaused) continue;
      while (left > 0 && queue.length > 0) {
        const fetched = queue[0] as Fetched;
        const records = this.#isCurrent(fetched) ? this.#take(fetched, left) : null;
        if (records === null) {
          queue.shift();
          continue;
        }
        left -= records.records.length;
        collected.push(records);
      }
      this.#fetched.delete(state);
      // Others first the next time.
      if (queue.length > 0) this.#fetched.set(state, queue);
    }
  }

  get hasData(): boolean {
    if (this.#failure !== null) return true;
    for (const [state, queue] of this.#fetched) {
      if (!state.isPaused && queue.length > 0) return true;
    }
    return false;
  }

  close(): void {
    this.#isClosed = true;
    this.#fetched.clear();
  }

  /** The partition is not the consumer's any more. */
  forget(state: PartitionState): void {
    this.#fetched.delete(state);
  }

  #isFetchable(state: PartitionState, nowMs: number): boolean {
    if (state.isPaused || state.position === null || state.isFetching) return false;
    if (state.notBefore > nowMs) return false;
    return (this.#fetched.get(state)?.length ?? 0) < 2;
  }

  #leaderOf({ topic, partition }: TopicPartition): number {
    return this.#cluster.topic(topic)?.partitions[partition]?.leader ?? -1;
  }

  async #fetchFrom(leader: number, states: readonly PartitionState[]): Promise<void> {
    this.#busy.add(leader);
    const asked = new Map<string, { state: PartitionState; epoch: number }>();
    const topics = new Map<string, FetchRequest['topics'][number]['partitions'][number][]>();
    for (const state of states) {
      state.isFetching = true;
      asked.set(`${state.topic} ${state.partition}`, { state, epoch: state.epoch });
      const partitions = topics.get(state.topic) ?? [];
      partitions.push({
        partition: state.partition,
        fetchOffset: state.fetchOffset,
        partitionMaxBytes: this.#settings['max.partition.fetch.bytes'],
      });
      topics.set(state.topic, partitions);
    }
    try {
      const response = await this.#cluster.request(
        leader,
        'fetch',
        fetchApi,
        {
          maxWaitMs: this.#settings['fetch.max.wait.ms'],
          minBytes: this.#settings['fetch.min.bytes'],
          maxBytes: this.#settings['fetch.max.bytes'],
          isolationLevel: isolationOf(this.#settings),
          topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
        },
        {
          maxVersion: maxVersions.fetch,
          timeoutMs: this.#settings['request.timeout.ms'] + this.#settings['fetch.max.wait.ms'],
        },
      );
      if (response.errorCode !== 0) {
        throw brokerError(response.errorCode, `Cannot fetch from broker ${leader}`);
      }
      for (const { topic, partitions } of response.responses) {
        for (const answer of partitions) {
          const entry = asked.get(`${topic} ${answer.partitionIndex}`);
          if (entry !== undefined) this.#takeAnswer(entry.state, entry.epoch, answer);
        }
      }
    } catch (error) {
      this.#onFailedFetch(states, error);
    } finally {
      this.#busy.delete(leader);
      for (const state of states) state.isFetching = false;
      this.fetch();
      this.#onData();
    }
  }

  #takeAnswer(state: PartitionState, epoch: number, answer: PartitionAnswer): void {
    if (state.epoch !== epoch || !this.#positions.has(state)) return;
    if (answer.errorCode !== 0) {
      this.#takeError(state, answer.errorCode);
      return;
    }
    state.attempts = 0;
    const buffer = answer.records;
    if (buffer === null || buffer.length === 0) return;
    let end: bigint | null = null;
    try {
      for (const header of batches(buffer)) {
        end = header.baseOffset + BigInt(header.lastOffsetDelta) + 1n;
      }
    } catch (error) {
      this.#failure = corrupt(state, state.fetchOffset, error);
      return;
    }
    if (end === null) {
      this.#failure = clientError(
        'CORRUPT_RESPONSE',
        `Broker answered a fetch of partition ${state.partition} of topic "${state.topic}" at offset ${state.fetchOffset} with ${buffer.length} bytes that hold no whole batch`,
      );
      return;
    }
    if (end > state.fetchOffset) state.fetchOffset = end;
    const queue = this.#fetched.get(state) ?? [];
    queue.push({
      state,
      epoch,
      batches: batches(buffer),
      buffer,
      records: [],
      next: 0,
      timestampType: 'CreateTime',
      nextOffset: state.fetchOffset,
      aborted:
        isolationOf(this.#settings) === 1
          ? new AbortedTransactions(answer.abortedTransactions ?? [])
          : null,
    });
    this.#fetched.set(state, queue);
  }

  #takeError(state: PartitionState, code: number): void {
    const { name, isRetriable } = errorByCode(code);
    if (name === 'OFFSET_OUT_OF_RANGE') {
      if (state.position !== null && state.position < state.fetchOffset) {
        // What is buffered was read before the log lost its end; it is handed out first.
        state.notBefore = Date.now() + this.#cluster.retryDelayMs(state.attempts++);
        return;
      }
      this.#cluster.logger.info(
        `Offset ${state.fetchOffset} of partition ${state.partition} of topic "${state.topic}" is out of range; applying auto.offset.reset`,
      );
      this.#positions.reset(state);
      return;
    }
    if (isStaleError(code)) this.#positions.needMetadata();
    if (isRetriable) {
      state.notBefore = Date.now() + this.#cluster.retryDelayMs(state.attempts++);
      return;
    }
    this.#failure = brokerError(
      code,
      `Cannot fetch partition ${state.partition} of topic "${state.topic}"`,
    );
  }

  #onFailedFetch(states: readonly PartitionState[], error: unknown): void {
    if (this.#isClosed || this.#cluster.closed.aborted) return;
    this.#positions.needMetadata();
    for (const state of states) {
      state.notBefore = Date.now() + this.#cluster.retryDelayMs(state.attempts++);
    }
    if (!isKafkaError(error) || !error.isRetriable) this.#failure = error as KafkaError;
  }

  #isCurrent({ state, epoch }: Fetched): boolean {
    return state.epoch === epoch && this.#positions.has(state);
  }

  /** Null when nothing is left. */
  #take(fetched: Fetched, limit: number): ConsumedRecords | null {
    const { state } = fetched;
    while (fetched.next >= fetched.records.length) {
      if (!this.#decodeNext(fetched)) {
        if (state.position !== null && fetched.nextOffset > state.position) {
          state.position = fetched.nextOffset;
        }
        return null;
      }
    }
    const end = Math.min(fetched.next + limit, fetched.records.length);
    const isWhole = fetched.next === 0 && end === fetched.records.length;
    const records: readonly ConsumerRecord[] = isWhole
      ? fetched.records
      : fetched.records.slice(fetched.next, end);
    fetched.next = end;
    const isBatchDone = end === fetched.records.length;
    const last = records.at(-1) as ConsumerRecord;
    const nextOffset = isBatchDone ? fetched.nextOffset : BigInt(last.offset + 1);
    state.position = nextOffset;
    return {
      topic: state.topic,
      partition: state.partition,
      timestampType: fetched.timestampType,
      records,
      nextOffset,
    };
  }

  #decodeNext(fetched: Fetched): boolean {
    const { state, buffer, aborted } = fetched;
    try {
      const { value: header, done } = fetched.batches.next();
      if (done || header === undefined) return false;
      const end = header.baseOffset + BigInt(header.lastOffsetDelta) + 1n;
      const position = state.position ?? 0n;
      fetched.nextOffset = end;
      fetched.next = 0;
      fetched.records = [];
      const isPassed = end <= position;
      if (!isPassed && this.#settings['check.crcs']) checkCrc(buffer, header);
      const isAborted = aborted?.covers(buffer, header) ?? false;
      if (isPassed) return true;
      if (header.isControl || isAborted) {
        state.position = end;
        return true;
      }
      fetched.timestampType = header.timestampType;
      fetched.records = decodeRecords(buffer, header, { fromOffset: Number(position) });
      return true;
    } catch (error) {
      // Nothing behind a damaged batch may be handed out: it is fetched again from the position.
      this.#positions.seek(state, state.position ?? 0n);
      throw corrupt(state, state.position ?? -1n, error);
    }
  }
}

function corrupt(state: TopicPartition, offset: bigint, error: unknown): KafkaError {
  return clientError(
    'CORRUPT_RESPONSE',
    `Partition ${state.partition} of topic "${state.topic}" cannot be read at offset ${offset}: ${(error as Error).message}. To go on, seek past it`,
    error,
  );
}
