import {
  type Decoded,
  errorByCode,
  initProducerIdApi,
  type ProduceResponse,
  produceApi,
} from '@tributary/wire';
import { type Cluster, maxVersions } from '../cluster.ts';
import type { ProducerSettings } from '../config.ts';
import { brokerError, clientError, isKafkaError, isStaleError } from '../errors.ts';
import { longestDelayMs } from '../timers.ts';
import type { KafkaError } from '../types.ts';
import type { Accumulator } from './accumulator.ts';
import { BatchOutcomes } from './batch-outcomes.ts';
import { BrokerRequests } from './broker-requests.ts';
import type { PartitionQueue, ProducerIdentity, QueueRules } from './partition-queue.ts';
import { produceRequest, type Sending } from './produce-request.ts';
import type { ProducerBatch } from './producer-batch.ts';
import { type BatchFailure, batchFailure, failureOf } from './record-errors.ts';
import { TopicFinder } from './topic-finder.ts';
import type { Transaction } from './transaction.ts';

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
  readonly #outcomes: BatchOutcomes;
  readonly #brokers: BrokerRequests;
  readonly #topics: TopicFinder;
  #producerId: ProducerIdentity | null = null;
  #isIdRequested = false;
  #isScheduled = false;
  #isHurried = false;
  #firstQueue = 0;
  #timer: NodeJS.Timeout | null = null;
  #fatal: KafkaError | null = null;

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
    const mostInFlight = settings['max.in.flight.requests.per.connection'];
    this.#rules = {
      lingerMs: settings['linger.ms'],
      maxInFlight: isIdempotent ? mostInFlight : 1,
      isIdempotent,
    };
    this.#transaction = transaction;
    this.#outcomes = new BatchOutcomes(cluster, accumulator, settings, transaction);
    this.#brokers = new BrokerRequests(mostInFlight);
    this.#topics = new TopicFinder(cluster, () => {
      this.#onProgress();
      this.#run();
    });
    this.#onProgress = onProgress;
  }

  /** Why nothing can be sent any more. */
  get fatalError(): KafkaError | null {
    return this.#fatal;
  }

  /** Why metadata cannot be fetched, when waiting does not mend it. */
  get metadataError(): KafkaError | null {
    return this.#topics.error;
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
    this.#topics.want(topic);
  }

  get hasBatchInFlight(): boolean {
    return this.#accumulator.queues.some(({ inFlight }) => inFlight > 0);
  }

  /** The broker has not answered for longer than `limitMs`. */
  isStalled(broker: number, limitMs: number): boolean {
    return this.#brokers.isStalled(broker, limitMs, Date.now());
  }

  /** For a transaction that is not to be committed. */
  giveUpWaiting(error: KafkaError): void {
    for (const queue of this.#accumulator.queues) this.#outcomes.giveUpWaiting(queue, error);
  }

  /** Fails everything that is not settled. */
  stop(error: KafkaError): void {
    this.#fatal ??= error;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const queue of this.#accumulator.queues) {
      for (const batch of queue.batches.splice(0)) this.#outcomes.fail(batch, failureOf(error));
    }
    this.#onProgress();
  }

  #run(): void {
    if (this.#fatal !== null) return;
    const failure = this.#transaction?.failure ?? null;
    // The transaction can only be aborted: who waits for its records need not wait for their time to run out.
    if (failure !== null) {
      this.giveUpWaiting(failure);
      this.#onProgress();
    }
    const nowMs = Date.now();
    let nextRunMs = longestDelayMs;
    let isExpired = false;
    for (const queue of this.#accumulator.queues) {
      if (this.#outcomes.expire(queue, nowMs)) isExpired = true;
      const oldest = queue.oldestUnsettled;
      if (oldest !== undefined) {
        nextRunMs = Math.min(nextRunMs, this.#outcomes.expiryMs(oldest) - nowMs);
      }
    }
    if (isExpired) this.#onProgress();
    let round: { isProgress: boolean; waitMs: number };
    do {
      round = this.#sendRound(nowMs);
    } while (round.isProgress);
    if (this.#cluster.isMetadataOld() && !this.#accumulator.isEmpty) void this.#topics.refresh();
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
      if (queue.notBefore > nowMs) this.#endBackoffAtNewLeader(queue);
      const next = queue.next(nowMs, this.#rules, this.#isHurried);
      if (typeof next === 'number') {
        waitMs = Math.min(waitMs, next);
        continue;
      }
      const leader = this.#leaderOf(queue);
      if (leader < 0) {
        this.#topics.want(queue.target.topic);
        continue;
      }
      const request = byLeader.get(leader) ?? { sendings: [], bytes: 0 };
      const bytes = next.builder.estimatedBytes;
      const isRoomLeft =
        request.sendings.length === 0 ||
        request.bytes + bytes <= this.#settings['max.request.size'];
      if (!isRoomLeft) continue;
      const brokerWaitMs = this.#brokers.waitMs(leader, nowMs);
      waitMs = Math.min(waitMs, brokerWaitMs > 0 ? brokerWaitMs : Number.POSITIVE_INFINITY);
      if (brokerWaitMs > 0) continue;
      if (this.#transaction?.admits(queue.target) === false) continue;
      if (!this.#number(queue, next)) continue;
      request.sendings.push({ queue, batch: next });
      request.bytes += bytes;
      byLeader.set(leader, request);
    }
    for (const [leader, { sendings }] of byLeader) this.#send(leader, sendings);
    return { isProgress: byLeader.size > 0, waitMs };
  }

  /** The back-off was for the broker that failed. Source: KIP-951. */
  #endBackoffAtNewLeader(queue: PartitionQueue): void {
    const leader = this.#leaderOf(queue);
    if (leader >= 0 && leader !== queue.lastLeader) queue.notBefore = 0;
  }

  #leaderOf({ target: { topic, partition } }: PartitionQueue): number {
    return this.#cluster.topic(topic)?.partitions[partition]?.leader ?? -1;
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
    this.#brokers.noteSent(leader, Date.now());
    for (const { queue, batch } of sendings) {
      queue.inFlight++;
      queue.lastLeader = leader;
      batch.isInFlight = true;
      batch.isFull = true;
    }
    void this.#exchange(leader, sendings).then((isAnswered) => {
      this.#brokers.noteEnded(leader, isAnswered, Date.now());
      this.wake();
      this.#onProgress();
    });
  }

  /** Each batch is in flight until it is settled, split or put back here. False when no answer came. */
  async #exchange(leader: number, sendings: readonly Sending[]): Promise<boolean> {
    try {
      const connection = await this.#cluster.connection(leader, 'general');
      const maxVersion = this.#transaction?.protocol.produce ?? maxVersions.produce;
      const request = produceRequest(sendings, this.#settings, this.#transaction?.id ?? null);
      if (request.acks === 0) {
        await connection.sendOneWay(produceApi, request, { maxVersion });
        for (const sending of sendings) this.#outcomes.settle(sending, -1n, -1n);
        return true;
      }
      const response = await connection.request(produceApi, request, { maxVersion });
      this.#brokers.throttle(leader, response.throttleTimeMs, Date.now());
      this.#takeResponse(response, sendings);
      return true;
    } catch (error) {
      const failure = isKafkaError(error)
        ? error
        : clientError('CORRUPT_RESPONSE', `Cannot produce: ${(error as Error).message}`, error);
      for (const sending of sendings) {
        if (sending.batch.isInFlight) this.#retryOrFail(sending, failureOf(failure), false);
      }
      // The leader may have moved while it could not be reached.
      if (failure.isRetriable) void this.#topics.refresh();
      return false;
    }
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
          this.#outcomes.settle(sending, answer.baseOffset, answer.logAppendTimeMs);
        } else if (errorName === 'MESSAGE_TOO_LARGE' && sending.batch.builder.recordCount > 1) {
          this.#outcomes.split(sending);
        } else {
          const { topic, partition } = sending.queue.target;
          const what = `Cannot produce to partition ${partition} of topic "${topic}"`;
          this.#retryOrFail(sending, batchFailure(what, answer), true);
          if (isStaleError(answer.errorCode)) void this.#topics.refresh();
        }
      }
    }
    for (const sending of left.values()) {
      const { topic, partition } = sending.queue.target;
      const message = `The broker did not answer for partition ${partition} of topic "${topic}"`;
      this.#retryOrFail(sending, failureOf(clientError('NETWORK', message)), false);
    }
  }

  #retryOrFail(sending: Sending, failure: BatchFailure, isAnswered: boolean): void {
    if (this.#fatal !== null) this.#outcomes.land(sending);
    else if (!this.#outcomes.retryOrFail(sending, failure, isAnswered)) this.stop(failure.error);
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

  #setTimer(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (delayMs >= longestDelayMs) return;
    this.#timer = setTimeout(() => this.wake(), Math.max(delayMs, 0));
  }
}

function keyOf({ queue }: Sending): string {
  return `${queue.target.topic} ${queue.target.partition}`;
}
