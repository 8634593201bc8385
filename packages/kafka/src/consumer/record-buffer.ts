import {
  batches,
  checkCrc,
  type DecodedRecord,
  decodeRecords,
  type RecordBatchHeader,
} from '@tributary/wire';
import { clientError } from '../errors.ts';
import type { ConsumedRecords, ConsumerRecord, KafkaError, TopicPartition } from '../types.ts';
import type { AbortedTransactions } from './aborted-transactions.ts';
import type { PartitionState, Positions } from './positions.ts';

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
  /** Where the position stands behind `records`, and the leader epoch of their batch. */
  nextOffset: bigint;
  leaderEpoch: number;
  /** With read_committed: which transactions are left out. */
  readonly aborted: AbortedTransactions | null;
}

/** Answers of fetches that are not handed out yet. The position of a partition moves only with records that are. Source: Kafka `FetchCollector`, `CompletedFetch`. */
export class RecordBuffer {
  readonly #positions: Positions;
  readonly #maxPollRecords: number;
  readonly #checksCrcs: boolean;
  readonly #fetched = new Map<PartitionState, Fetched[]>();

  constructor(
    positions: Positions,
    settings: { readonly 'max.poll.records': number; readonly 'check.crcs': boolean },
  ) {
    this.#positions = positions;
    this.#maxPollRecords = settings['max.poll.records'];
    this.#checksCrcs = settings['check.crcs'];
  }

  /** How many answers wait. */
  count(state: PartitionState): number {
    return this.#fetched.get(state)?.length ?? 0;
  }

  get hasData(): boolean {
    for (const [state, queue] of this.#fetched) {
      if (!state.isPaused && queue.length > 0) return true;
    }
    return false;
  }

  forget(state: PartitionState): void {
    this.#fetched.delete(state);
  }

  clear(): void {
    this.#fetched.clear();
  }

  /** Takes the records that an answer had for a partition, which is fetched on behind them. Throws what is no sequence of batches. */
  add(state: PartitionState, buffer: Buffer, aborted: AbortedTransactions | null): void {
    let last: RecordBatchHeader | null = null;
    try {
      for (const header of batches(buffer)) last = header;
    } catch (error) {
      throw corrupt(state, state.fetchOffset, error);
    }
    if (last === null) {
      throw clientError(
        'CORRUPT_RESPONSE',
        `Broker answered a fetch of partition ${state.partition} of topic "${state.topic}" at offset ${state.fetchOffset} with ${buffer.length} bytes that hold no whole batch`,
      );
    }
    const end = endOf(last);
    if (end > state.fetchOffset) state.fetchOffset = end;
    state.fetchEpoch = last.partitionLeaderEpoch;
    const queue = this.#fetched.get(state) ?? [];
    queue.push({
      state,
      epoch: state.epoch,
      batches: batches(buffer),
      buffer,
      records: [],
      next: 0,
      timestampType: 'CreateTime',
      nextOffset: state.fetchOffset,
      leaderEpoch: state.fetchEpoch,
      aborted,
    });
    this.#fetched.set(state, queue);
  }

  /** Up to `max.poll.records` records that lie at the positions, which move on behind them. Throws for a damaged batch, when there are none before it. */
  collect(): ConsumedRecords[] {
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
    let left = this.#maxPollRecords;
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

  #isCurrent({ state, epoch }: Fetched): boolean {
    return state.epoch === epoch && this.#positions.has(state);
  }

  /** Null when nothing is left. */
  #take(fetched: Fetched, limit: number): ConsumedRecords | null {
    const { state } = fetched;
    while (fetched.next >= fetched.records.length) {
      if (!this.#decodeNext(fetched)) {
        if (state.position !== null && fetched.nextOffset > state.position) moveOn(fetched);
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
    state.positionEpoch = fetched.leaderEpoch;
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
      const end = endOf(header);
      const position = state.position ?? 0n;
      fetched.nextOffset = end;
      fetched.leaderEpoch = header.partitionLeaderEpoch;
      fetched.next = 0;
      fetched.records = [];
      const isPassed = end <= position;
      if (!isPassed && this.#checksCrcs) checkCrc(buffer, header);
      const isAborted = aborted?.covers(buffer, header) ?? false;
      if (isPassed) return true;
      if (header.isControl || isAborted) {
        moveOn(fetched);
        return true;
      }
      fetched.timestampType = header.timestampType;
      fetched.records = decodeRecords(buffer, header, { fromOffset: Number(position) });
      return true;
    } catch (error) {
      // Nothing behind a damaged batch may be handed out: it is fetched again from the position.
      this.#positions.rewind(state);
      throw corrupt(state, state.position ?? -1n, error);
    }
  }
}

/** What was left out, or lies behind the last record of a batch, is passed. */
function moveOn({ state, nextOffset, leaderEpoch }: Fetched): void {
  state.position = nextOffset;
  state.positionEpoch = leaderEpoch;
}

function endOf(header: RecordBatchHeader): bigint {
  return header.baseOffset + BigInt(header.lastOffsetDelta) + 1n;
}

function corrupt(state: TopicPartition, offset: bigint, error: unknown): KafkaError {
  return clientError(
    'CORRUPT_RESPONSE',
    `Partition ${state.partition} of topic "${state.topic}" cannot be read at offset ${offset}: ${(error as Error).message}. To go on, seek past it`,
    error,
  );
}
