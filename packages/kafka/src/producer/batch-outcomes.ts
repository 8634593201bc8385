import type { Cluster } from '../cluster.ts';
import type { ProducerSettings } from '../config.ts';
import { clientError } from '../errors.ts';
import type { KafkaError } from '../types.ts';
import type { Accumulator } from './accumulator.ts';
import type { PartitionQueue } from './partition-queue.ts';
import type { Sending } from './produce-request.ts';
import type { ProducerBatch } from './producer-batch.ts';
import { type BatchFailure, failureOf } from './record-errors.ts';
import { splitBatch } from './split-batch.ts';
import type { Transaction } from './transaction.ts';

/** With these the broker has lost, or never had, what comes before the batch. */
const sequenceErrors = [
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
];

/** With these nothing of an idempotent producer can ever be sent. */
const fatalErrors = ['CLUSTER_AUTHORIZATION_FAILED', 'PRODUCER_FENCED', 'UNSUPPORTED_VERSION'];

/** What becomes of a batch whose request has ended, or whose time has: settled, split, sent again or given up; who sent its records is told once. */
export class BatchOutcomes {
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #settings: ProducerSettings;
  readonly #transaction: Transaction | null;

  constructor(
    cluster: Cluster,
    accumulator: Accumulator,
    settings: ProducerSettings,
    transaction: Transaction | null,
  ) {
    this.#cluster = cluster;
    this.#accumulator = accumulator;
    this.#settings = settings;
    this.#transaction = transaction;
  }

  expiryMs(batch: ProducerBatch): number {
    return batch.createdAt + this.#settings['delivery.timeout.ms'];
  }

  /** The broker has it. */
  settle(sending: Sending, baseOffset: bigint, timestampMs: bigint): void {
    const { queue, batch } = sending;
    this.land(sending);
    queue.noteWritten(Date.now());
    queue.remove(batch);
    this.#accumulator.release(batch);
    this.#accumulator.noteSettled(batch);
    batch.complete(baseOffset, Number(timestampMs));
  }

  /** It is larger than the broker takes. */
  split(sending: Sending): void {
    const { queue, batch } = sending;
    this.land(sending);
    if (batch.isSettled) {
      this.#giveUp(sending, true);
      return;
    }
    const { topic, partition } = queue.target;
    this.#cluster.logger.warn(
      `A batch of ${batch.builder.recordCount} records for partition ${partition} of topic "${topic}" is larger than the broker takes; it is sent in two`,
    );
    const halves = splitBatch(batch, this.#settings);
    queue.remove(batch, ...halves);
    this.#accumulator.noteSplit(batch, halves);
  }

  /** False when the failure ends the producer: the batch is left as it is. */
  retryOrFail(sending: Sending, failure: BatchFailure, isAnswered: boolean): boolean {
    const { queue, batch } = sending;
    const { error } = failure;
    if (!isAnswered || isFateUnknown(error)) batch.mayBeWritten = true;
    this.land(sending);
    const isIdempotent = this.#settings['enable.idempotence'];
    if (isIdempotent && fatalErrors.includes(error.errorName)) return false;
    const isOutOfOrder = isIdempotent && this.#isCuredByRetry(sending, error);
    const isRetriable = error.isRetriable || isOutOfOrder;
    const nowMs = Date.now();
    const isTimeLeft =
      batch.attempts < this.#settings.retries && this.expiryMs(batch) > nowMs && !batch.isSettled;
    if (!isRetriable || !isTimeLeft) {
      this.#giveUp(sending, !batch.mayBeWritten);
      this.fail(batch, failure);
      return true;
    }
    if (isOutOfOrder) queue.noteOutOfOrder(batch);
    queue.notBefore = nowMs + this.#cluster.retryDelayMs(batch.attempts);
    batch.attempts++;
    return true;
  }

  /** Tells the batch's listeners; its place in the queue is another matter. */
  fail(batch: ProducerBatch, failure: BatchFailure): void {
    this.#transaction?.noteFailure(failure.error);
    this.#accumulator.noteSettled(batch);
    batch.fail(failure.error, failure.byRecord);
  }

  /** For a transaction that is not to be committed: fails what is not in flight; what is fails with its answer, if not delivered. */
  giveUpWaiting(queue: PartitionQueue, error: KafkaError): void {
    for (const batch of queue.batches.filter(({ isInFlight }) => !isInFlight)) {
      // Sent before and not settled: it may be in the log, or still come there.
      if (batch.wasSent) this.#transaction?.noteFailure(error);
      queue.remove(batch);
      this.#accumulator.release(batch);
      this.#accumulator.noteSettled(batch);
      batch.fail(error);
    }
  }

  /** Fails batches older than `delivery.timeout.ms`; one that is in flight keeps its place until its request has ended. True when there were any. */
  expire(queue: PartitionQueue, nowMs: number): boolean {
    let isExpired = false;
    for (;;) {
      const batch = queue.oldestUnsettled;
      if (batch === undefined || this.expiryMs(batch) > nowMs) return isExpired;
      isExpired = true;
      const { topic, partition } = queue.target;
      const message = `Expiring ${batch.builder.recordCount} record(s) for ${topic}-${partition}:${nowMs - batch.createdAt} ms has passed since batch creation`;
      if (!batch.isInFlight) this.#giveUp({ queue, batch }, false);
      this.fail(batch, failureOf(clientError('TIMEOUT', message)));
    }
  }

  /** The batch is not in flight any more. */
  land({ queue, batch }: Sending): void {
    if (!batch.isInFlight) return;
    batch.isInFlight = false;
    queue.inFlight--;
  }

  /** Without transactions the numbering can restart; in one, only a batch behind another that is on its way can still become the next. */
  #isCuredByRetry({ queue, batch }: Sending, { errorName }: KafkaError): boolean {
    if (!sequenceErrors.includes(errorName)) return false;
    if (this.#transaction === null) return true;
    return errorName === 'OUT_OF_ORDER_SEQUENCE_NUMBER' && queue.batches[0] !== batch;
  }

  #giveUp({ queue, batch }: Sending, isFateKnown: boolean): void {
    queue.remove(batch);
    queue.noteGivenUp(batch, isFateKnown);
    this.#accumulator.release(batch);
  }
}

/** With `acks=all` the leader writes before it waits: whatever passes, even that it leads no more, may be said of a batch that is in the log. Source: Kafka `DelayedProduce`. */
function isFateUnknown({ isRetriable, errorName }: KafkaError): boolean {
  return isRetriable || errorName === 'UNKNOWN_SERVER_ERROR';
}
