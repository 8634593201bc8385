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
import type { Accumulator, PartitionQueue } from './accumulator.ts';
import type { ProducerBatch } from './producer-batch.ts';
import { splitBatch } from './split-batch.ts';

interface Sending {
  readonly queue: PartitionQueue;
  readonly batch: ProducerBatch;
}

/**
 * Takes batches out of the accumulator and to their leaders, one request per broker with a batch of each partition that is due.
 * A partition has one batch on the wire at a time and its head stays in the queue until it is settled, so that no retry lets a later batch overtake it.
 * Source: Kafka `Sender`.
 */
export class Sender {
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #settings: ProducerSettings;
  readonly #onProgress: () => void;
  readonly #requestsInFlight = new Map<number, number>();
  readonly #wantedTopics = new Set<string>();
  readonly #sequences = new Map<string, number>();
  #producerId: { id: bigint; epoch: number } | null = null;
  #isIdRequested = false;
  #isScheduled = false;
  #isFetchingMetadata = false;
  #isFlushing = false;
  #timer: NodeJS.Timeout | null = null;
  #fatal: KafkaError | null = null;

  /** `onProgress`: memory was freed, metadata came, or a batch was settled. */
  constructor(
    cluster: Cluster,
    accumulator: Accumulator,
    settings: ProducerSettings,
    onProgress: () => void,
  ) {
    this.#cluster = cluster;
    this.#accumulator = accumulator;
    this.#settings = settings;
    this.#onProgress = onProgress;
  }

  /** Why nothing can be sent any more. */
  get fatalError(): KafkaError | null {
    return this.#fatal;
  }

  /** Batches go out without waiting for `linger.ms` while this is set. */
  set isFlushing(value: boolean) {
    this.#isFlushing = value;
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
    this.#wantedTopics.add(topic);
    void this.#fetchMetadata();
  }

  /** Fails everything that is not settled. */
  stop(error: KafkaError): void {
    this.#fatal = error;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const queue of this.#accumulator.queues()) {
      for (const batch of queue.batches.splice(0)) this.#failBatch(batch, error);
    }
  }

  #run(): void {
    if (this.#fatal !== null) return;
    const nowMs = Date.now();
    let nextRunMs = longestDelayMs;
    const due = new Map<number, Sending[]>();
    for (const queue of this.#accumulator.queues()) {
      this.#expire(queue, nowMs);
      const batch = queue.batches[0];
      if (batch === undefined || queue.inFlight > 0) continue;
      const waitMs = Math.max(queue.notBefore - nowMs, this.#lingerLeftMs(queue, batch, nowMs));
      nextRunMs = Math.min(nextRunMs, this.#expiryMs(batch) - nowMs);
      if (waitMs > 0) {
        nextRunMs = Math.min(nextRunMs, waitMs);
        continue;
      }
      const { topic, partition } = queue.target;
      const leader = this.#cluster.topic(topic)?.partitions[partition]?.leader ?? -1;
      if (leader < 0) {
        this.wantTopic(topic);
        continue;
      }
      const sendings = due.get(leader);
      if (sendings === undefined) due.set(leader, [{ queue, batch }]);
      else sendings.push({ queue, batch });
    }
    if (this.#settings['enable.idempotence'] && due.size > 0 && this.#producerId === null) {
      void this.#fetchProducerId();
    } else {
      for (const [leader, sendings] of due) this.#sendTo(leader, sendings);
    }
    if (this.#cluster.isMetadataOld() && this.#accumulator.batchCount > 0) {
      void this.#fetchMetadata();
    }
    this.#setTimer(nextRunMs);
  }

  #lingerLeftMs(queue: PartitionQueue, batch: ProducerBatch, nowMs: number): number {
    if (batch.isFull || queue.batches.length > 1 || this.#isFlushing) return 0;
    return batch.createdAt + this.#settings['linger.ms'] - nowMs;
  }

  #sendTo(leader: number, sendings: readonly Sending[]): void {
    const inFlight = this.#requestsInFlight.get(leader) ?? 0;
    if (inFlight >= this.#settings['max.in.flight.requests.per.connection']) return;
    const chosen: Sending[] = [];
    let bytes = 0;
    for (const sending of sendings) {
      const size = sending.batch.builder.estimatedBytes;
      if (chosen.length > 0 && bytes + size > this.#settings['max.request.size']) break;
      chosen.push(sending);
      bytes += size;
    }
    this.#requestsInFlight.set(leader, inFlight + 1);
    for (const { queue, batch } of chosen) {
      queue.inFlight = 1;
      batch.isFull = true;
    }
    void this.#exchange(leader, chosen).finally(() => {
      this.#requestsInFlight.set(leader, (this.#requestsInFlight.get(leader) ?? 1) - 1);
      for (const { queue } of chosen) queue.inFlight = 0;
      this.wake();
      this.#onProgress();
    });
  }

  async #exchange(leader: number, sendings: readonly Sending[]): Promise<void> {
    try {
      const connection = await this.#cluster.connection(leader, 'general');
      const request = this.#requestOf(sendings);
      if (request.acks === 0) {
        connection.sendOneWay(produceApi, request, { maxVersion: maxVersions.produce });
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
      for (const sending of sendings) this.#retryOrFail(sending, failure);
      // The leader may have moved while it could not be reached.
      void this.#fetchMetadata();
    }
  }

  #requestOf(sendings: readonly Sending[]): ProduceRequest {
    const topics = new Map<string, { index: number; records: Buffer }[]>();
    for (const { queue, batch } of sendings) {
      const { topic, partition } = queue.target;
      const partitions = topics.get(topic) ?? [];
      partitions.push({ index: partition, records: this.#encode(batch) });
      topics.set(topic, partitions);
    }
    const { acks } = this.#settings;
    return {
      acks: acks === 'all' ? -1 : Number(acks),
      timeoutMs: this.#settings['request.timeout.ms'],
      topicData: [...topics].map(([name, partitionData]) => ({ name, partitionData })),
    };
  }

  #encode(batch: ProducerBatch): Buffer {
    const producer = this.#producerId;
    if (producer === null) {
      batch.encoded ??= batch.builder.close();
      return batch.encoded;
    }
    if (batch.baseSequence < 0 || batch.producerId !== producer.id) {
      const key = `${batch.target.topic}-${batch.target.partition}`;
      batch.baseSequence = this.#sequences.get(key) ?? 0;
      batch.producerId = producer.id;
      this.#sequences.set(key, (batch.baseSequence + batch.builder.recordCount) % 2 ** 31);
    }
    const fields = {
      producerId: producer.id,
      producerEpoch: producer.epoch,
      baseSequence: batch.baseSequence,
    };
    if (batch.encoded === null) batch.encoded = batch.builder.close(fields);
    else rewriteProducerFields(batch.encoded, fields);
    return batch.encoded;
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
          this.#retryOrFail(sending, brokerError(answer.errorCode, what, answer.errorMessage));
          if (isStaleError(answer.errorCode)) void this.#fetchMetadata();
        }
      }
    }
    for (const sending of left.values()) {
      const { topic, partition } = sending.queue.target;
      this.#retryOrFail(
        sending,
        clientError(
          'NETWORK',
          `The broker did not answer for partition ${partition} of "${topic}"`,
        ),
      );
    }
  }

  #settle({ queue, batch }: Sending, baseOffset: bigint, timestampMs: bigint): void {
    queue.batches.shift();
    this.#accumulator.release(batch);
    batch.complete(baseOffset, Number(timestampMs));
  }

  #split({ queue, batch }: Sending): void {
    const { topic, partition } = queue.target;
    this.#cluster.logger.warn(
      `A batch of ${batch.builder.recordCount} records for partition ${partition} of topic "${topic}" is larger than the broker takes; it is sent in two`,
    );
    this.#forgetSequences();
    queue.batches.splice(0, 1, ...splitBatch(batch, this.#settings));
    this.#accumulator.noteSplit();
  }

  #retryOrFail(sending: Sending, error: KafkaError): void {
    const { queue, batch } = sending;
    if (this.#fatal !== null) return;
    const nowMs = Date.now();
    const isOutOfStep = [
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      'UNKNOWN_PRODUCER_ID',
      'INVALID_PRODUCER_EPOCH',
    ].includes(error.errorName);
    if (isOutOfStep) this.#forgetSequences();
    const mayRetry = error.isRetriable || isOutOfStep;
    if (mayRetry && batch.attempts < this.#settings.retries && this.#expiryMs(batch) > nowMs) {
      queue.notBefore = nowMs + this.#cluster.retryDelayMs(batch.attempts);
      batch.attempts++;
      return;
    }
    queue.batches.shift();
    this.#forgetSequences();
    this.#failBatch(batch, error);
  }

  #failBatch(batch: ProducerBatch, error: KafkaError): void {
    this.#accumulator.release(batch);
    batch.fail(error);
  }

  /** Batches that are not on the wire and waited longer than `delivery.timeout.ms`. */
  #expire(queue: PartitionQueue, nowMs: number): void {
    while (queue.inFlight === 0) {
      const batch = queue.batches[0];
      if (batch === undefined || this.#expiryMs(batch) > nowMs) return;
      queue.batches.shift();
      if (batch.attempts > 0) this.#forgetSequences();
      const { topic, partition } = queue.target;
      this.#failBatch(
        batch,
        clientError(
          'TIMEOUT',
          `Expiring ${batch.builder.recordCount} record(s) for ${topic}-${partition}:${nowMs - batch.createdAt} ms has passed since batch creation`,
        ),
      );
      this.#onProgress();
    }
  }

  #expiryMs(batch: ProducerBatch): number {
    return batch.createdAt + this.#settings['delivery.timeout.ms'];
  }

  /** A new producer id makes a gap in the sequences harmless: nothing of the old id is sent again. */
  #forgetSequences(): void {
    this.#producerId = null;
    this.#sequences.clear();
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

  /** One request at a time, again and again until the wanted topics are known or refused. */
  async #fetchMetadata(): Promise<void> {
    if (this.#isFetchingMetadata) return;
    this.#isFetchingMetadata = true;
    const { closed } = this.#cluster;
    try {
      for (let attempt = 0; !closed.aborted; attempt++) {
        const wanted = [...this.#wantedTopics];
        try {
          await this.#cluster.refresh(wanted, { allowCreation: true });
          for (const topic of wanted) {
            const code = this.#cluster.topicError(topic);
            if (code === 0 || !errorByCode(code).isRetriable) this.#wantedTopics.delete(topic);
          }
          if (this.#wantedTopics.size === 0) return;
        } catch (error) {
          if (!isKafkaError(error) || !error.isRetriable) {
            this.#cluster.logger.error(`Cannot fetch metadata: ${(error as Error).message}`);
          }
        } finally {
          this.#onProgress();
          this.wake();
        }
        await sleep(this.#cluster.retryDelayMs(attempt), closed);
      }
    } catch {
      // Closed while waiting.
    } finally {
      this.#isFetchingMetadata = false;
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
