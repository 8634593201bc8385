import type { TopicPartition } from '../types.ts';
import type { ProducerBatch } from './producer-batch.ts';

export interface ProducerIdentity {
  readonly id: bigint;
  readonly epoch: number;
}

export interface QueueRules {
  readonly lingerMs: number;
  /** Batches of one partition that may be in flight: more than one only with idempotence, which keeps their order. */
  readonly maxInFlight: number;
  readonly isIdempotent: boolean;
}

/** Far less than `producer.id.expiration.ms` of any broker. */
const rememberedForMs = 60_000;
const sequenceCount = 2 ** 31;
const lastEpoch = 32_767;

/**
 * The batches of one partition, oldest first, and with idempotence their numbering. (no I/O)
 * A batch stays in its place until it is settled. A batch that was sent before goes again only when nothing of the partition is in flight, so that no retry overtakes or is overtaken.
 *
 * Sequences: the broker takes a batch only behind the one before it. When a batch is given up that the broker did not write, those behind it can never be taken, nor were they:
 * the partition restarts at sequence 0 under a higher epoch as soon as nothing of it is in flight (`mustRestart`). When it is not known whether a batch that was given up was written (`hasGap`),
 * one behind it that was sent before goes again as it was, and the broker's answer tells; one that was never sent needs a restart.
 * A broker that does not remember the producer takes any sequence as its first: until it has answered, and again after a pause, one batch goes alone,
 * lest a second be written where the first was not. Each partition counts epochs for itself: the broker compares them by partition. Source: Kafka `TransactionManager`, `TxnPartitionMap`.
 */
export class PartitionQueue {
  readonly target: TopicPartition;
  readonly batches: ProducerBatch[] = [];
  inFlight = 0;
  /** Epoch milliseconds before which nothing is sent: back-off. */
  notBefore = 0;
  /** To whom a batch was sent last; -1 before the first. */
  lastLeader = -1;
  producer: ProducerIdentity | null = null;
  #nextSequence = 0;
  #lastOrdinal = 0;
  #mustRestart = false;
  #hasGap = false;
  #writtenAtMs = Number.NEGATIVE_INFINITY;

  constructor(target: TopicPartition) {
    this.target = target;
  }

  /** The oldest batch whose listeners were not told yet. */
  get oldestUnsettled(): ProducerBatch | undefined {
    return this.batches.find((batch) => !batch.isSettled);
  }

  /** The batch that was begun last takes so many bytes more. */
  hasRoom(bytes: number, batchBytes: number): boolean {
    const last = this.batches.at(-1);
    return last !== undefined && !last.isFull && last.builder.estimatedBytes + bytes <= batchBytes;
  }

  /** The batch to send now, or in how many milliseconds to look again (Infinity: when an answer comes). */
  next(nowMs: number, rules: QueueRules, isHurried: boolean): ProducerBatch | number {
    const batch = this.batches.find(({ isInFlight }) => !isInFlight);
    if (batch === undefined || this.inFlight >= rules.maxInFlight) return Number.POSITIVE_INFINITY;
    const isRemembered = nowMs - this.#writtenAtMs < rememberedForMs;
    const isAloneNeeded =
      batch.wasSent || (rules.isIdempotent && (this.#mustRestart || this.#hasGap || !isRemembered));
    if (isAloneNeeded && this.inFlight > 0) return Number.POSITIVE_INFINITY;
    if (!batch.wasSent && this.#isWindowFull(rules)) return Number.POSITIVE_INFINITY;
    const isComplete = batch.isFull || batch.wasSent || batch !== this.batches.at(-1) || isHurried;
    const lingerLeftMs = isComplete ? 0 : batch.createdAt + rules.lingerMs - nowMs;
    const waitMs = Math.max(this.notBefore - nowMs, lingerLeftMs);
    return waitMs > 0 ? waitMs : batch;
  }

  /** Numbers a batch that `next` gave out; false when a fresh producer id is needed first. */
  number(batch: ProducerBatch, fresh: ProducerIdentity): boolean {
    if (this.producer === null) this.producer = fresh;
    // What may be written already goes again as it was: under another number it would be written twice.
    if ((this.#mustRestart && !batch.mayBeWritten) || (this.#hasGap && !batch.wasSent)) {
      if (this.producer.id !== fresh.id) this.producer = fresh;
      else if (this.producer.epoch === lastEpoch) return false;
      else this.producer = { id: this.producer.id, epoch: this.producer.epoch + 1 };
      this.#nextSequence = 0;
      this.#mustRestart = false;
      this.#hasGap = false;
      this.#writtenAtMs = Number.NEGATIVE_INFINITY;
      for (const waiting of this.batches) waiting.baseSequence = -1;
    }
    if (batch.baseSequence < 0) {
      batch.baseSequence = this.#nextSequence;
      batch.ordinal = ++this.#lastOrdinal;
      this.#nextSequence = (this.#nextSequence + batch.builder.recordCount) % sequenceCount;
    }
    return true;
  }

  /** The broker would not know the oldest one again if as many as it remembers were written behind it: its answer may be lost while those of others arrive. */
  #isWindowFull({ isIdempotent, maxInFlight }: QueueRules): boolean {
    const oldest = this.batches[0];
    if (!isIdempotent || oldest === undefined || oldest.baseSequence < 0) return false;
    return this.#lastOrdinal + 1 - oldest.ordinal >= maxInFlight;
  }

  /** Transactions: the producer has a new identity, under which sequences begin at 0. Nothing is in flight. */
  adopt(identity: ProducerIdentity): void {
    if (this.producer === identity) return;
    this.producer = identity;
    this.#nextSequence = 0;
    this.#mustRestart = false;
    this.#hasGap = false;
    this.#writtenAtMs = Number.NEGATIVE_INFINITY;
  }

  /** The broker has the batch, and so all before it. */
  noteWritten(nowMs: number): void {
    this.#writtenAtMs = nowMs;
    this.#hasGap = false;
  }

  /** A batch is given up: the broker refused it, or (`isFateKnown` false) may have it or not. */
  noteGivenUp(batch: ProducerBatch, isFateKnown: boolean): void {
    if (batch.baseSequence < 0) return;
    if (isFateKnown) this.#mustRestart = true;
    else this.#hasGap = true;
  }

  /** The broker misses what comes before this batch. True of the oldest one only when that is lost for good: then the numbering restarts. */
  noteOutOfOrder(batch: ProducerBatch): void {
    if (this.batches[0] !== batch) return;
    this.#mustRestart = true;
    batch.mayBeWritten = false;
  }

  remove(batch: ProducerBatch, ...replacements: readonly ProducerBatch[]): void {
    const index = this.batches.indexOf(batch);
    if (index >= 0) this.batches.splice(index, 1, ...replacements);
  }
}
