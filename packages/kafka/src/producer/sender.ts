import {
  type Decoded,
  errorByCode,
  initProducerIdApi,
  type ProduceRequest,
  type ProduceResponse,
  produceApi,
  rewriteProducerFields,
} from '@tributary/wire';
import { type Cluster, maxVersions } from '../cluster.ts';
import type { ProducerSettings } from '../config.ts';
import { brokerError, clientError, isKafkaError, isStaleError } from '../errors.ts';
import { longestDelayMs, sleep } from '../timers.ts';
import type { KafkaError } from '../types.ts';
import type { Accumulator } from './accumulator.ts';
import type { PartitionQueue, ProducerIdentity, QueueRules } from './partition-queue.ts';
import type { ProducerBatch } from './producer-batch.ts';
import { splitBatch } from './split-batch.ts';
import type { Transaction } from './transaction.ts';

interface Sending {
  readonly queue: PartitionQueue;
  readonly batch: ProducerBatch;
}

/** A topic that nobody asked for in this time is no longer looked for. */
const wantedForMs = 60_000;

/** With these the broker has lost, or never had, what comes before the batch. */
const sequenceErrors = [
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
];

/** With these the broker may have written the batch all the same. */
const errorsAfterWrite = [
  'REQUEST_TIMED_OUT',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'UNKNOWN_SERVER_ERROR',
];

/** With these nothing of this producer can ever be sent. */
const fatalErrors = ['CLUSTER_AUTHORIZATION_FAILED', 'PRODUCER_FENCED', 'UNSUPPORTED_VERSION'];

/**
 * Takes batches out of their queues and to their leaders, one request per broker with a batch of each partition that is due.
 * Every batch is reported by `delivery.timeout.ms` after its first record, whatever brokers do. Source: Kafka `Sender`.
 */
export class Sender {
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #settings: ProducerSettings;
  readonly #rules: QueueRules;
  readonly #onProgress: () => void;
  readonly #transaction: Transaction | null;
  readonly #requestsInFlight = new Map<number, number>();
  /** Topics to find, each with when somebody asked last. */
  readonly #wantedTopics = new Map<string, number>();
  #producerId: ProducerIdentity | null = null;
  #isIdRequested = false;
  #isScheduled = false;
  #isFetchingMetadata = false;
  #isHurried = false;
  #firstQueue = 0;
  #timer: NodeJS.Timeout | null = null;
  #fatal: KafkaError | null = null;
  #metadataError: KafkaError | null = null;

  /** `onProgress`: memory was freed, metadata came, or a batch was settled. */
  constructor(
    cluster: Cluster,
    accumulator: Accumulator,
    settings: ProducerSettings,
    transaction: Transaction | null,
    onProgress: () => void,
  ) {
    this.#cluster = cluster;
    this.#accumulator = accumulator;
    this.#settings = settings;
    const isIdempotent = settings['enable.idempotence'];
    this.#rules = {
      lingerMs: settings['linger.ms'],
      maxInFlight: isIdempotent ? settings['max.in.flight.requests.per.connection'] : 1,
      isIdempotent,
    };
    this.#transaction = transaction;
    this.#onProgress = onProgress;
  }

  /** Why nothing can be sent any more. */
  get fatalError(): KafkaError | null {
    return this.#fatal;
  }

  /** Why metadata cannot be fetched, when waiting does not mend it: a wrong password, for one. */
  get metadataError(): KafkaError | null {
    return this.#metadataError;
  }

  /** Batches go out without waiting for `linger.ms` while this is set: somebody waits for them, or for their memory. */
  set isHurried(value: boolean) {
    this.#isHurried = value;
    if (value) this.wake();
  }

  /** Looks for work when the code that runs now has ended, so that all of one `send` goes together. */
  wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#run();
    });
  }

  /** The topic's partitions are needed; `onProgress` tells when there is news. */
  wantTopic(topic: string): void {
    this.#wantedTopics.set(topic, Date.now());
    void this.#fetchMetadata();
  }

  get hasBatchInFlight(): boolean {
    return this.#accumulator.queues.some(({ inFlight }) => inFlight > 0);
  }

  /** For an abort: fails what is not in flight; what is fails with its answer, if not delivered. */
  giveUpWaiting(error: KafkaError): void {
    for (const queue of this.#accumulator.queues) {
      for (const batch of queue.batches.filter(({ isInFlight }) => !isInFlight)) {
        // Sent before and not settled: it may be in the log, or still come there.
        if (batch.wasSent) this.#transaction?.noteFailure(error);
        queue.remove(batch);
        this.#accumulator.release(batch);
        this.#accumulator.noteSettled(batch);
        batch.fail(error);
      }
    }
  }

  /** Fails everything that is not settled. */
  stop(error: KafkaError): void {
    this.#fatal ??= error;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const queue of this.#accumulator.queues) {
      for (const batch of queue.batches.splice(0)) this.#failBatch(batch, error);
    }
    this.#onProgress();
  }

  #run(): void {
    if (this.#fatal !== null) return;
    const nowMs = Date.now();
    let nextRunMs = longestDelayMs;
    let isExpired = false;
    for (const queue of this.#accumulator.queues) {
      if (this.#expire(queue, nowMs)) isExpired = true;
      const oldest = queue.oldestUnsettled;
      if (oldest !== undefined) nextRunMs = Math.min(nextRunMs, this.#expiryMs(oldest) - nowMs);
    }
    if (isExpired) this.#onProgress();
    let round: { isProgress: boolean; waitMs: number };
    do {
      round = this.#sendRound(nowMs);
    } while (round.isProgress);
    if (this.#cluster.isMetadataOld() && !this.#accumulator.isEmpty) void this.#fetchMetadata();
    this.#setTimer(Math.min(nextRunMs, round.waitMs));
  }

  /** At most one request to each broker. Partitions take turns at being first, since a request may not hold all. */
  #sendRound(nowMs: number): { isProgress: boolean; waitMs: number } {
    const { queues } = this.#accumulator;
    let waitMs = Number.POSITIVE_INFINITY;
    const byLeader = new Map<number, { sendings: Sending[]; bytes: number }>();
    const first = this.#firstQueue++ % Math.max(queues.length, 1);
    for (let index = 0; index < queues.length; index++) {
      const queue = queues[(first + index) % queues.length] as PartitionQueue;
      if (queue.batches.length === 0) continue;
      const next = queue.next(nowMs, this.#rules, this.#isHurried);
      if (typeof next === 'number') {
        waitMs = Math.min(waitMs, next);
        continue;
      }
      const leader = this.#leaderOf(queue);
      if (leader < 0) continue;
      const request = byLeader.get(leader) ?? { sendings: [], bytes: 0 };
      const bytes = next.builder.estimatedBytes;
      const isRoomLeft =
        request.sendings.length === 0 ||
        request.bytes + bytes <= this.#settings['max.request.size'];
      if (!isRoomLeft || !this.#hasFreeRequest(leader)) continue;
      if (this.#transaction?.admits(queue.target) === false) continue;
      if (!this.#number(queue, next)) continue;
      request.sendings.push({ queue, batch: next });
      request.bytes += bytes;
      byLeader.set(leader, request);
    }
    for (const [leader, { sendings }] of byLeader) this.#send(leader, sendings);
    return { isProgress: byLeader.size > 0, waitMs };
  }

  #leaderOf({ target: { topic, partition } }: PartitionQueue): number {
    const leader = this.#cluster.topic(topic)?.partitions[partition]?.leader ?? -1;
    if (leader < 0) this.wantTopic(topic);
    return leader;
  }

  #hasFreeRequest(leader: number): boolean {
    const inFlight = this.#requestsInFlight.get(leader) ?? 0;
    return inFlight < this.#settings['max.in.flight.requests.per.connection'];
  }

  /** False while there is no producer id. */
  #number(queue: PartitionQueue, batch: ProducerBatch): boolean {
    if (!this.#rules.isIdempotent) return true;
    if (this.#transaction !== null) {
      const { identity } = this.#transaction;
      if (identity === null) return false;
      queue.adopt(identity);
      return queue.number(batch, identity);
    }
    if (this.#producerId !== null) {
      if (queue.number(batch, this.#producerId)) return true;
      this.#producerId = null;
    }
    void this.#fetchProducerId();
    return false;
  }

  #send(leader: number, sendings: readonly Sending[]): void {
    this.#requestsInFlight.set(leader, (this.#requestsInFlight.get(leader) ?? 0) + 1);
    for (const { queue, batch } of sendings) {
      queue.inFlight++;
      batch.isInFlight = true;
      batch.isFull = true;
    }
    void this.#exchange(leader, sendings).finally(() => {
      this.#requestsInFlight.set(leader, (this.#requestsInFlight.get(leader) ?? 1) - 1);
      this.wake();
      this.#onProgress();
    });
  }

  /** Each batch is in flight until it is settled, split or put back here. */
  async #exchange(leader: number, sendings: readonly Sending[]): Promise<void> {
    try {
      const connection = await this.#cluster.connection(leader, 'general');
      const request = this.#requestOf(sendings);
      if (request.acks === 0) {
        await connection.sendOneWay(produceApi, request, { maxVersion: maxVersions.produce });
        for (const sending of sendings) this.#settle(sending, -1n, -1n);
        return;
      }
      const response = await connection.request(produceApi, request, {
        maxVersion: maxVersions.produce,
      });
      this.#takeResponse(response, sendings);
    } catch (error) {
      const failure = isKafkaError(error)
        ? error
        : clientError('CORRUPT_RESPONSE', `Cannot produce: ${(error as Error).message}`, error);
      for (const sending of sendings) {
        if (sending.batch.isInFlight) this.#retryOrFail(sending, failure, false);
      }
      // The leader may have moved while it could not be reached.
      if (failure.isRetriable) void this.#fetchMetadata();
    }
  }

  #requestOf(sendings: readonly Sending[]): ProduceRequest {
    const topics = new Map<string, { index: number; records: Buffer }[]>();
    for (const { queue, batch } of sendings) {
      const { topic, partition } = queue.target;
      const partitions = topics.get(topic) ?? [];
      partitions.push({
        index: partition,
        records: encode(queue, batch, this.#transaction !== null),
      });
      topics.set(topic, partitions);
    }
    const { acks } = this.#settings;
    return {
      transactionalId: this.#transaction?.id ?? null,
      acks: acks === 'all' ? -1 : Number(acks),
      timeoutMs: this.#settings['request.timeout.ms'],
      topicData: [...topics].map(([name, partitionData]) => ({ name, partitionData })),
    };
  }

  #takeResponse(response: Decoded<ProduceResponse>, sendings: readonly Sending[]): void {
    const left = new Map(sendings.map((sending) => [keyOf(sending), sending]));
    for (const { name, partitionResponses } of response.responses) {
      for (const answer of partitionResponses) {
        const sending = left.get(`${name} ${answer.index}`);
        if (sending === undefined) continue;
        left.delete(keyOf(sending));
        const { name: errorName } = errorByCode(answer.errorCode);
        if (answer.errorCode === 0 || errorName === 'DUPLICATE_SEQUENCE_NUMBER') {
          this.#settle(sending, answer.baseOffset, answer.logAppendTimeMs);
        } else if (errorName === 'MESSAGE_TOO_LARGE' && sending.batch.builder.recordCount > 1) {
          this.#split(sending);
        } else {
          const { topic, partition } = sending.queue.target;
          const what = `Cannot produce to partition ${partition} of topic "${topic}"`;
          this.#retryOrFail(
            sending,
            brokerError(answer.errorCode, what, answer.errorMessage),
            true,
          );
          if (isStaleError(answer.errorCode)) void this.#fetchMetadata();
        }
      }
    }
    for (const sending of left.values()) {
      const { topic, partition } = sending.queue.target;
      const message = `The broker did not answer for partition ${partition} of topic "${topic}"`;
      this.#retryOrFail(sending, clientError('NETWORK', message), false);
    }
  }

  #settle(sending: Sending, baseOffset: bigint, timestampMs: bigint): void {
    const { queue, batch } = sending;
    this.#land(sending);
    queue.noteWritten(Date.now());
    queue.remove(batch);
    this.#accumulator.release(batch);
    this.#accumulator.noteSettled(batch);
    batch.complete(baseOffset, Number(timestampMs));
  }

  #split(sending: Sending): void {
    const { queue, batch } = sending;
    this.#land(sending);
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

  #retryOrFail(sending: Sending, error: KafkaError, isAnswered: boolean): void {
    const { queue, batch } = sending;
    if (!isAnswered || errorsAfterWrite.includes(error.errorName)) batch.mayBeWritten = true;
    this.#land(sending);
    if (this.#fatal !== null) return;
    if (fatalErrors.includes(error.errorName) && this.#rules.isIdempotent) {
      this.stop(error);
      return;
    }
    const isOutOfOrder = this.#isCuredByRetry(sending, error);
    const isRetriable = error.isRetriable || isOutOfOrder;
    const nowMs = Date.now();
    const isTimeLeft =
      batch.attempts < this.#settings.retries && this.#expiryMs(batch) > nowMs && !batch.isSettled;
    if (!isRetriable || !isTimeLeft) {
      this.#giveUp(sending, !batch.mayBeWritten);
      this.#failBatch(batch, error);
      return;
    }
    if (isOutOfOrder) queue.noteOutOfOrder(batch);
    queue.notBefore = nowMs + this.#cluster.retryDelayMs(batch.attempts);
    batch.attempts++;
  }

  /** Without transactions the numbering can restart; in one, only a batch behind another that is on its way can still become the next. */
  #isCuredByRetry({ queue, batch }: Sending, { errorName }: KafkaError): boolean {
    if (!this.#rules.isIdempotent || !sequenceErrors.includes(errorName)) return false;
    if (this.#transaction === null) return true;
    return errorName === 'OUT_OF_ORDER_SEQUENCE_NUMBER' && queue.batches[0] !== batch;
  }

  /** The batch is not in flight any more. */
  #land({ queue, batch }: Sending): void {
    if (!batch.isInFlight) return;
    batch.isInFlight = false;
    queue.inFlight--;
  }

  #giveUp({ queue, batch }: Sending, isFateKnown: boolean): void {
    queue.remove(batch);
    queue.noteGivenUp(batch, isFateKnown);
    this.#accumulator.release(batch);
  }

  #failBatch(batch: ProducerBatch, error: KafkaError): void {
    this.#transaction?.noteFailure(error);
    this.#accumulator.noteSettled(batch);
    batch.fail(error);
  }

  /** Reports batches older than `delivery.timeout.ms`; one that is in flight keeps its place until its request has ended. */
  #expire(queue: PartitionQueue, nowMs: number): boolean {
    let isExpired = false;
    for (;;) {
      const batch = queue.oldestUnsettled;
      if (batch === undefined || this.#expiryMs(batch) > nowMs) return isExpired;
      isExpired = true;
      const { topic, partition } = queue.target;
      const message = `Expiring ${batch.builder.recordCount} record(s) for ${topic}-${partition}:${nowMs - batch.createdAt} ms has passed since batch creation`;
      if (!batch.isInFlight) this.#giveUp({ queue, batch }, false);
      this.#failBatch(batch, clientError('TIMEOUT', message));
    }
  }

  #expiryMs(batch: ProducerBatch): number {
    return batch.createdAt + this.#settings['delivery.timeout.ms'];
  }

  async #fetchProducerId(): Promise<void> {
    if (this.#isIdRequested) return;
    this.#isIdRequested = true;
    try {
      await this.#cluster.retry(
        async () => {
          const connection = await this.#cluster.anyConnection();
          const response = await connection.request(initProducerIdApi, {
            transactionalId: null,
            transactionTimeoutMs: 2_147_483_647,
          });
          if (response.errorCode !== 0) {
            throw brokerError(response.errorCode, 'Cannot obtain a producer id');
          }
          this.#producerId = { id: response.producerId, epoch: response.producerEpoch };
        },
        { timeoutMs: longestDelayMs },
      );
    } catch (error) {
      if (!this.#cluster.closed.aborted) this.stop(error as KafkaError);
    } finally {
      this.#isIdRequested = false;
      this.wake();
    }
  }

  /** One request at a time, with back-off, until each wanted topic has leaders or an error that lasts. */
  async #fetchMetadata(): Promise<void> {
    if (this.#isFetchingMetadata) return;
    this.#isFetchingMetadata = true;
    const { closed } = this.#cluster;
    try {
      for (let attempt = 0; !closed.aborted; attempt++) {
        try {
          await this.#cluster.refresh([...this.#wantedTopics.keys()], { allowCreation: true });
          this.#metadataError = null;
        } catch (error) {
          this.#noteMetadataError(error);
        }
        this.#forgetFoundTopics();
        // Whoever still waits for a topic asks for it again.
        this.#onProgress();
        this.#run();
        if (this.#wantedTopics.size === 0) return;
        await sleep(this.#cluster.retryDelayMs(attempt), closed);
      }
    } catch {
      // Closed while waiting.
    } finally {
      this.#isFetchingMetadata = false;
    }
  }

  #noteMetadataError(error: unknown): void {
    if (!isKafkaError(error) || error.isRetriable) return;
    if (this.#metadataError?.message !== error.message) {
      this.#cluster.logger.error(`Cannot fetch metadata: ${error.message}`);
    }
    this.#metadataError = error;
  }

  #forgetFoundTopics(): void {
    const nowMs = Date.now();
    for (const [topic, askedAt] of this.#wantedTopics) {
      const code = this.#cluster.topicError(topic);
      const partitions = this.#cluster.topic(topic)?.partitions;
      const isFound = partitions?.every(({ leader }) => leader >= 0) ?? false;
      const isRefused = code !== 0 && !errorByCode(code).isRetriable;
      if (isFound || isRefused || nowMs - askedAt > wantedForMs) this.#wantedTopics.delete(topic);
    }
  }

  #setTimer(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (delayMs >= longestDelayMs) return;
    this.#timer = setTimeout(() => this.wake(), Math.max(delayMs, 0));
  }
}

function encode(
  { producer }: PartitionQueue,
  batch: ProducerBatch,
  isTransactional: boolean,
): Buffer {
  if (producer === null) {
    batch.encoded ??= batch.builder.close();
    return batch.encoded;
  }
  const fields = {
    producerId: producer.id,
    producerEpoch: producer.epoch,
    baseSequence: batch.baseSequence,
  };
  if (batch.encoded === null) {
    batch.encoded = batch.builder.close({ ...fields, isTransactional });
  } else if (batch.attempts > 0) rewriteProducerFields(batch.encoded, fields);
  return batch.encoded;
}

function keyOf({ queue }: Sending): string {
  return `${queue.target.topic} ${queue.target.partition}`;
}
