import { errorByCode } from '@tributary/wire';
import { Cluster } from '../cluster.ts';
import { type ProducerSettings, parseProducer } from '../config.ts';
import { brokerError, clientError } from '../errors.ts';
import { deferred, longestDelayMs, orAbort } from '../timers.ts';
import type {
  ClientConfig,
  ClientLogger,
  DeliveryListener,
  KafkaError,
  Producer,
  ProducerRecord,
} from '../types.ts';
import { Accumulator, estimateBytes } from './accumulator.ts';
import { partitionForKey, StickyPartition } from './partitioner.ts';
import { Sender } from './sender.ts';

/** KafkaError INVALID_CONFIG for a config that cannot be. Connects on first use. */
export function createProducer(config: ClientConfig, deps: { logger: ClientLogger }): Producer {
  const settings = parseProducer(config, deps.logger);
  return new KafkaProducer(settings, new Cluster(settings, deps.logger));
}

interface TopicState {
  /** Partitions with a leader, as of `partitions`. */
  available: readonly number[];
  partitions: unknown;
  readonly sticky: StickyPartition;
}

interface Waiter {
  isReady(): boolean;
  readonly done: ReturnType<typeof deferred<void>>;
}

class KafkaProducer implements Producer {
  readonly #settings: ProducerSettings;
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #sender: Sender;
  readonly #topics = new Map<string, TopicState>();
  readonly #waiters = new Set<Waiter>();
  /** Why the last `send` took less than it was offered. */
  #blockedTopic: string | null = null;
  #isBlockedByMemory = false;
  #flushes = 0;
  #isClosed = false;

  constructor(settings: ProducerSettings, cluster: Cluster) {
    this.#settings = settings;
    this.#cluster = cluster;
    this.#accumulator = new Accumulator(settings);
    this.#sender = new Sender(cluster, this.#accumulator, settings, () => this.#onProgress());
  }

  send(records: readonly ProducerRecord[], first: number, listener: DeliveryListener): number {
    if (this.#isClosed) throw clientError('CLOSED', 'The producer is closed');
    if (this.#sender.fatalError !== null) throw this.#sender.fatalError;
    this.#blockedTopic = null;
    this.#isBlockedByMemory = false;
    const nowMs = Date.now();
    let index = first;
    for (; index < records.length; index++) {
      const record = records[index] as ProducerRecord;
      const { topic } = record;
      if (this.#cluster.topic(topic) === undefined) {
        const error = this.#lastingErrorOf(topic);
        if (error === null) {
          this.#blockedTopic = topic;
          this.#sender.wantTopic(topic);
          break;
        }
        listener.failed(index, 1, { topic, partition: record.partition ?? -1 }, error);
        continue;
      }
      const bytes = estimateBytes(record);
      const partition = this.#partitionFor(record, bytes);
      const error = this.#refusal(record, partition, bytes);
      if (error !== null) {
        listener.failed(index, 1, { topic, partition }, error);
        continue;
      }
      if (!this.#accumulator.append(topic, partition, record, listener, index, nowMs)) {
        this.#isBlockedByMemory = true;
        break;
      }
    }
    if (index > first) this.#sender.wake();
    return index - first;
  }

  async whenWritable(signal?: AbortSignal): Promise<void> {
    const topic = this.#blockedTopic;
    if (topic === null && !this.#isBlockedByMemory) return;
    const usedBytes = this.#accumulator.usedBytes;
    const waiter: Waiter = {
      isReady: () =>
        this.#isClosed ||
        this.#sender.fatalError !== null ||
        (topic === null
          ? this.#accumulator.usedBytes < usedBytes
          : this.#cluster.topic(topic) !== undefined || this.#lastingErrorOf(topic) !== null),
      done: deferred<void>(),
    };
    if (waiter.isReady()) return;
    this.#waiters.add(waiter);
    const maxBlockMs = this.#settings['max.block.ms'];
    const timer = setTimeout(
      () => {
        waiter.done.reject(
          clientError(
            'TIMEOUT',
            topic === null
              ? `Failed to allocate memory within the configured max blocking time ${maxBlockMs} ms: buffer.memory is used up`
              : `Topic ${topic} not present in metadata after ${maxBlockMs} ms.`,
          ),
        );
      },
      Math.min(maxBlockMs, longestDelayMs),
    );
    try {
      await orAbort(waiter.done.promise, signal);
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  async flush(signal?: AbortSignal): Promise<void> {
    const waiter: Waiter = {
      isReady: () => this.#accumulator.batchCount === 0,
      done: deferred<void>(),
    };
    if (waiter.isReady()) return;
    this.#waiters.add(waiter);
    this.#flushes++;
    this.#sender.isFlushing = true;
    try {
      await orAbort(waiter.done.promise, signal);
    } finally {
      this.#waiters.delete(waiter);
      this.#flushes--;
      if (this.#flushes === 0) this.#sender.isFlushing = false;
    }
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (timeoutMs > 0) {
      await this.flush(AbortSignal.timeout(Math.min(timeoutMs, longestDelayMs))).catch(() => {});
    }
    this.#sender.stop(clientError('CLOSED', 'The producer was closed before the record was sent'));
    this.#cluster.close();
    this.#onProgress();
  }

  /** An error of the topic that waiting does not mend. */
  #lastingErrorOf(topic: string): KafkaError | null {
    const code = this.#cluster.topicError(topic);
    if (code === 0 || errorByCode(code).isRetriable) return null;
    return brokerError(code, `Cannot produce to topic "${topic}"`);
  }

  #refusal(record: ProducerRecord, partition: number, bytes: number): KafkaError | null {
    const maxBytes = this.#settings['max.request.size'];
    if (bytes > maxBytes) {
      return brokerError(
        10,
        `Cannot produce to topic "${record.topic}"`,
        `The message is ${bytes} bytes when serialized which is larger than ${maxBytes}, which is the value of the max.request.size configuration.`,
      );
    }
    const count = this.#cluster.topic(record.topic)?.partitions.length ?? 0;
    if (partition < 0 || partition >= count) {
      return clientError(
        'INVALID_CONFIG',
        `Invalid partition given with record: ${partition} is not in the range [0...${count}) of topic "${record.topic}"`,
      );
    }
    return null;
  }

  #partitionFor(record: ProducerRecord, bytes: number): number {
    if (record.partition !== null) return record.partition;
    const partitions = this.#cluster.topic(record.topic)?.partitions ?? [];
    if (partitions.length === 1) return 0;
    if (record.key !== null) return partitionForKey(record.key, partitions.length);
    let state = this.#topics.get(record.topic);
    if (state === undefined) {
      const sticky = new StickyPartition(this.#settings['batch.size']);
      state = { available: [], partitions: null, sticky };
      this.#topics.set(record.topic, state);
    }
    if (state.partitions !== partitions) {
      state.partitions = partitions;
      const withLeader = [...partitions.keys()].filter(
        (partition) => (partitions[partition]?.leader ?? -1) >= 0,
      );
      state.available = withLeader.length > 0 ? withLeader : [...partitions.keys()];
    }
    return state.sticky.next(state.available, bytes);
  }

  #onProgress(): void {
    for (const waiter of this.#waiters) {
      if (waiter.isReady()) waiter.done.resolve();
    }
  }
}
