import type { RecordBatchBuilder } from '@tributary/wire';
import type { DeliveryListener, KafkaError, TopicPartition } from '../types.ts';

/**
 * A record batch on its way to one partition, with who is to be told of each of its records. (no I/O)
 * States: waiting -> in flight -> waiting again (retry) or gone from its queue. It is settled, once, when its listeners were told; a batch whose time ran out
 * while it was in flight is settled but stays in its queue until the request has ended, so that nothing overtakes it.
 */
export class ProducerBatch {
  readonly target: TopicPartition;
  readonly builder: RecordBatchBuilder;
  /** Grows by creation; the halves of a split keep it. */
  readonly number: number;
  readonly createdAt: number;
  /** What it takes of `buffer.memory`. */
  reservedBytes: number;
  attempts = 0;
  isFull = false;
  isInFlight = false;
  isSettled = false;
  /** Sent, and no answer told that it is not in the log. */
  mayBeWritten = false;
  /** Half of another batch: its builder has another size than those of the pool. */
  isSplit = false;
  /** Header and payload as sent, kept for retries. */
  encoded: Buffer | null = null;
  /** With idempotence, from the first time it is sent. */
  baseSequence = -1;
  /** Counts the batches of its partition that were given a sequence. */
  ordinal = 0;
  /** Runs of consecutive records of one `send` call, in order: listener, first index, count. */
  readonly #listeners: DeliveryListener[] = [];
  readonly #firsts: number[] = [];
  readonly #counts: number[] = [];

  constructor(
    target: TopicPartition,
    builder: RecordBatchBuilder,
    facts: { number: number; createdAt: number; reservedBytes: number },
  ) {
    this.target = target;
    this.builder = builder;
    this.number = facts.number;
    this.createdAt = facts.createdAt;
    this.reservedBytes = facts.reservedBytes;
  }

  /** The broker may have seen it. */
  get wasSent(): boolean {
    return this.attempts > 0 || this.baseSequence >= 0;
  }

  /** The record at `index` of a `send` call follows the one that was noted last. */
  isNextOfRun(listener: DeliveryListener, index: number): boolean {
    const last = this.#listeners.length - 1;
    return (
      last >= 0 &&
      this.#listeners[last] === listener &&
      (this.#firsts[last] as number) + (this.#counts[last] as number) === index
    );
  }

  /** The record at `index` of a `send` call was appended. */
  note(listener: DeliveryListener, index: number): void {
    if (this.isNextOfRun(listener, index)) {
      const last = this.#counts.length - 1;
      this.#counts[last] = (this.#counts[last] as number) + 1;
      return;
    }
    this.#listeners.push(listener);
    this.#firsts.push(index);
    this.#counts.push(1);
  }

  /** `baseOffset` -1: the broker no longer knows (a repeated batch older than the last five). */
  complete(baseOffset: bigint, timestampMs: number): void {
    if (this.isSettled) return;
    this.isSettled = true;
    let offset = baseOffset;
    for (const [run, listener] of this.#listeners.entries()) {
      const count = this.#counts[run] as number;
      listener.delivered(this.#firsts[run] as number, count, this.target, offset, timestampMs);
      if (offset >= 0n) offset += BigInt(count);
    }
  }

  /** `byRecord`: what failed records of their own, by their place in the batch. */
  fail(error: KafkaError, byRecord?: ReadonlyMap<number, KafkaError>): void {
    if (this.isSettled) return;
    this.isSettled = true;
    if (byRecord !== undefined && byRecord.size > 0) {
      this.#failEach(error, byRecord);
      return;
    }
    for (const [run, listener] of this.#listeners.entries()) {
      listener.failed(this.#firsts[run] as number, this.#counts[run] as number, this.target, error);
    }
  }

  /** For a split: the same records one by one, with whom to tell. */
  *recipients(): Generator<{ listener: DeliveryListener; index: number }> {
    for (const [run, listener] of this.#listeners.entries()) {
      const first = this.#firsts[run] as number;
      for (let index = first; index < first + (this.#counts[run] as number); index++) {
        yield { listener, index };
      }
    }
  }

  #failEach(error: KafkaError, byRecord: ReadonlyMap<number, KafkaError>): void {
    let place = 0;
    for (const { listener, index } of this.recipients()) {
      listener.failed(index, 1, this.target, byRecord.get(place) ?? error);
      place++;
    }
  }
}
