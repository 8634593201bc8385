import { errorByCode, errorCodes } from '@tributary/wire';
import { Cluster } from '../cluster.ts';
import { type ProducerSettings, parseProducer } from '../config.ts';
import { brokerError, clientError } from '../errors.ts';
import { deferred, longestDelayMs, orAbort } from '../timers.ts';
import type {
  ClientConfig,
  ClientDeps,
  ConsumerGroupMetadata,
  DeliveryListener,
  KafkaError,
  Producer,
  ProducerRecord,
  TopicPartition,
  TopicPartitionOffset,
  TransactionalProducer,
} from '../types.ts';
import { Accumulator, estimateBytes } from './accumulator.ts';
import { type PartitionChoice, RoundRobinChoice, StickyChoice } from './partition-choice.ts';
import { partitionForKey } from './partitioner.ts';
import { Sender } from './sender.ts';
import { Transaction } from './transaction.ts';

/** KafkaError INVALID_CONFIG for a config that cannot be. Connects on first use. */
export function createProducer(config: ClientConfig, deps: ClientDeps): Producer {
  const settings = parseProducer(config, deps.logger);
  if (settings['transactional.id'] !== '') {
    throw clientError(
      'INVALID_CONFIG',
      `Invalid value ${settings['transactional.id']} for configuration transactional.id: this producer has no transactions; remove the key`,
    );
  }
  return new KafkaProducer(settings, new Cluster(settings, deps));
}

function requireOpen(transaction: Transaction): void {
  if (transaction.failure !== null) throw transaction.failure;
  if (transaction.isOpen) return;
  throw clientError('INVALID_STATE', `No transaction of "${transaction.id}" is open`);
}

/** The same with transactions: needs a `transactional.id`. */
export function createTransactionalProducer(
  config: ClientConfig,
  deps: ClientDeps,
): TransactionalProducer {
  const settings = parseProducer(config, deps.logger);
  if (settings['transactional.id'] === '') {
    throw clientError('INVALID_CONFIG', 'Missing configuration transactional.id');
  }
  return new KafkaProducer(settings, new Cluster(settings, deps));
}

interface TopicState {
  /** Partitions with a leader, as of `partitions`. */
  available: readonly number[];
  partitions: unknown;
  readonly choice: PartitionChoice;
}

interface Waiter {
  isReady(): boolean;
  readonly done: ReturnType<typeof deferred<void>>;
}

/** Why `send` took less than it was offered. */
type Blockage =
  | { readonly kind: 'memory'; readonly usedBytes: number }
  | { readonly kind: 'topic'; readonly topic: string; readonly partition: number };

class KafkaProducer implements TransactionalProducer {
  readonly #settings: ProducerSettings;
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #sender: Sender;
  readonly #transaction: Transaction | null;
  readonly #topics = new Map<string, TopicState>();
  readonly #waiters = new Set<Waiter>();
  #blockage: Blockage | null = null;
  /** Calls that wait for batches to go out. */
  #hurried = 0;
  #isClosed = false;

  constructor(settings: ProducerSettings, cluster: Cluster) {
    this.#settings = settings;
    this.#cluster = cluster;
    this.#accumulator = new Accumulator(settings);
    this.#transaction =
      settings['transactional.id'] === ''
        ? null
        : new Transaction(
            cluster,
            {
              transactionalId: settings['transactional.id'],
              timeoutMs: settings['transaction.timeout.ms'],
              maxBlockMs: settings['max.block.ms'],
            },
            () => this.#sender.wake(),
            (error) => this.#sender.stop(error),
          );
    this.#sender = new Sender(cluster, this.#accumulator, settings, this.#transaction, () =>
      this.#onProgress(),
    );
  }

  initTransactions(signal?: AbortSignal): Promise<void> {
    return this.#usable().init(signal);
  }

  beginTransaction(): void {
    this.#usable().begin();
  }

  sendOffsets(
    offsets: readonly TopicPartitionOffset[],
    group: ConsumerGroupMetadata,
    signal?: AbortSignal,
  ): Promise<void> {
    return this.#usable().sendOffsets(offsets, group, signal);
  }

  commitTransaction(signal?: AbortSignal): Promise<void> {
    return this.#usable().commit(() => this.flush(signal), signal);
  }

  abortTransaction(signal?: AbortSignal): Promise<void> {
    return this.#abort(this.#usable(), signal);
  }

  send(records: readonly ProducerRecord[], first: number, listener: DeliveryListener): number {
    if (this.#isClosed) throw clientError('CLOSED', 'The producer is closed');
    if (this.#sender.fatalError !== null) throw this.#sender.fatalError;
    if (this.#transaction !== null) requireOpen(this.#transaction);
    this.#blockage = null;
    const nowMs = Date.now();
    let index = first;
    for (; index < records.length; index++) {
      const record = records[index] as ProducerRecord;
      const { topic } = record;
      const partitionCount = this.#cluster.topic(topic)?.partitions.length ?? 0;
      if ((record.partition ?? 0) >= partitionCount) {
        const error = this.#lastingErrorOf(topic);
        if (error === null) {
          this.#blockage = { kind: 'topic', topic, partition: record.partition ?? 0 };
          this.#sender.wantTopic(topic);
          break;
        }
        this.#refuse(listener, index, { topic, partition: record.partition ?? -1 }, error);
        continue;
      }
      const bytes = estimateBytes(record);
      const partition = this.#partitionFor(record, bytes);
      const error = this.#refusal(record, bytes);
      if (error !== null) {
        this.#refuse(listener, index, { topic, partition }, error);
        continue;
      }
      if (!this.#accumulator.append(topic, partition, record, listener, index, nowMs)) {
        this.#blockage = { kind: 'memory', usedBytes: this.#accumulator.usedBytes };
        break;
      }
    }
    if (index > first) this.#sender.wake();
    return index - first;
  }

  async whenWritable(signal?: AbortSignal): Promise<void> {
    const blockage = this.#blockage;
    if (blockage === null) return;
    const maxBlockMs = this.#settings['max.block.ms'];
    if (blockage.kind === 'topic') {
      const { topic, partition } = blockage;
      const isReady = (): boolean => {
        const count = this.#cluster.topic(topic)?.partitions.length ?? 0;
        if (count > partition || this.#lastingErrorOf(topic) !== null) return true;
        if (this.#sender.metadataError !== null) return true;
        if (!this.#isClosed) this.#sender.wantTopic(topic);
        return false;
      };
      await this.#waitUntil(isReady, signal, maxBlockMs, () => {
        const count = this.#cluster.topic(topic)?.partitions.length;
        return count === undefined
          ? `Topic ${topic} not present in metadata after ${maxBlockMs} ms.`
          : `Partition ${partition} of topic ${topic} with partition count ${count} is not present in metadata after ${maxBlockMs} ms.`;
      });
      if (this.#sender.metadataError !== null) throw this.#sender.metadataError;
      return;
    }
    const { usedBytes } = blockage;
    const isReady = (): boolean => this.#accumulator.usedBytes < usedBytes;
    await this.#hurryUntil(isReady, signal, maxBlockMs, () => {
      const memory = this.#settings['buffer.memory'];
      return `Failed to allocate memory within the configured max blocking time ${maxBlockMs} ms: ${usedBytes} bytes of buffer.memory=${memory} wait to be sent`;
    });
  }

  async flush(signal?: AbortSignal): Promise<void> {
    const last = this.#accumulator.lastNumber;
    const isReady = (): boolean => !this.#accumulator.hasUnsettledUpTo(last);
    await this.#hurryUntil(isReady, signal);
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const transaction = this.#transaction;
    if (timeoutMs > 0 && transaction?.isOpen && this.#sender.fatalError === null) {
      // Others need not wait for transaction.timeout.ms.
      const late = AbortSignal.timeout(Math.min(timeoutMs, longestDelayMs));
      await this.#abort(transaction, late).catch(() => {});
    } else if (timeoutMs > 0) {
      const last = this.#accumulator.lastNumber;
      const isReady = (): boolean => !this.#accumulator.hasUnsettledUpTo(last);
      const late = AbortSignal.timeout(Math.min(timeoutMs, longestDelayMs));
      await this.#hurryUntil(isReady, late).catch(() => {});
    }
    this.#sender.stop(clientError('CLOSED', 'The producer was closed before the record was sent'));
    this.#cluster.close();
  }

  #usable(): Transaction {
    if (this.#isClosed) throw clientError('CLOSED', 'The producer is closed');
    if (this.#sender.fatalError !== null) throw this.#sender.fatalError;
    if (this.#transaction === null) {
      throw clientError('INVALID_STATE', 'The producer has no transactional.id');
    }
    return this.#transaction;
  }

  async #abort(transaction: Transaction, signal?: AbortSignal): Promise<void> {
    const aborted = clientError('TRANSACTION_ABORTED', 'The transaction of the record was aborted');
    const isDrained = (): boolean => {
      // Again and again: what fails in flight waits for its retry.
      this.#sender.giveUpWaiting(aborted);
      return !this.#sender.hasBatchInFlight;
    };
    await transaction.abort(() => this.#waitUntil(isDrained, signal), signal);
    this.#onProgress();
  }

  async #hurryUntil(
    isReady: () => boolean,
    signal?: AbortSignal,
    timeoutMs?: number,
    describe?: () => string,
  ): Promise<void> {
    this.#hurried++;
    this.#sender.isHurried = true;
    try {
      await this.#waitUntil(isReady, signal, timeoutMs, describe);
    } finally {
      this.#hurried--;
      if (this.#hurried === 0) this.#sender.isHurried = false;
    }
  }

  /** Ends, too, when nothing can be sent any more: the next `send` tells why. */
  async #waitUntil(
    isReady: () => boolean,
    signal: AbortSignal | undefined,
    timeoutMs = longestDelayMs,
    describe: () => string = () => '',
  ): Promise<void> {
    signal?.throwIfAborted();
    const waiter: Waiter = {
      isReady: () => this.#sender.fatalError !== null || isReady(),
      done: deferred<void>(),
    };
    if (waiter.isReady()) return;
    this.#waiters.add(waiter);
    // As in Java, where waiting for ever is written as the largest number.
    const isBounded = timeoutMs < longestDelayMs;
    const timer = isBounded
      ? setTimeout(() => waiter.done.reject(clientError('TIMEOUT', describe())), timeoutMs)
      : undefined;
    try {
      await orAbort(waiter.done.promise, signal);
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  /** A transaction without the record is not what was meant: it can only be aborted. */
  #refuse(
    listener: DeliveryListener,
    index: number,
    target: TopicPartition,
    error: KafkaError,
  ): void {
    this.#transaction?.noteFailure(error);
    listener.failed(index, 1, target, error);
  }

  /** An error of the topic that waiting does not mend. */
  #lastingErrorOf(topic: string): KafkaError | null {
    const code = this.#cluster.topicError(topic);
    if (code === 0 || errorByCode(code).isRetriable) return null;
    return brokerError(code, `Cannot produce to topic "${topic}"`);
  }

  /** Why the record can never be sent. */
  #refusal(record: ProducerRecord, bytes: number): KafkaError | null {
    const what = `Cannot produce to topic "${record.topic}"`;
    for (const key of ['max.request.size', 'buffer.memory'] as const) {
      const maxBytes = this.#settings[key];
      if (bytes <= maxBytes) continue;
      return brokerError(
        errorCodes.MESSAGE_TOO_LARGE,
        what,
        `The message is ${bytes} bytes when serialized which is larger than ${maxBytes}, which is the value of the ${key} configuration.`,
      );
    }
    const { partition, timestamp } = record;
    if (partition !== null && !(Number.isInteger(partition) && partition >= 0)) {
      return clientError(
        'INVALID_RECORD',
        `${what}: Invalid partition: ${partition}. Partition number should always be non-negative or null.`,
      );
    }
    if (timestamp !== null && !(Number.isSafeInteger(timestamp) && timestamp >= 0)) {
      return clientError(
        'INVALID_RECORD',
        `${what}: Invalid timestamp: ${timestamp}. Timestamp should always be non-negative or null.`,
      );
    }
    return null;
  }

  #partitionFor(record: ProducerRecord, bytes: number): number {
    if (record.partition !== null) return record.partition;
    const partitions = this.#cluster.topic(record.topic)?.partitions ?? [];
    if (partitions.length === 1) return 0;
    const { 'partitioner.class': chosenClass, 'partitioner.ignore.keys': ignoresKeys } =
      this.#settings;
    if (record.key !== null && chosenClass === '' && !ignoresKeys) {
      return partitionForKey(record.key, partitions.length);
    }
    let state = this.#topics.get(record.topic);
    if (state === undefined) {
      state = { available: [], partitions: null, choice: this.#choiceFor(record.topic) };
      this.#topics.set(record.topic, state);
    }
    if (state.partitions !== partitions) {
      state.partitions = partitions;
      const withLeader = [...partitions.keys()].filter(
        (partition) => (partitions[partition]?.leader ?? -1) >= 0,
      );
      state.available = withLeader.length > 0 ? withLeader : [...partitions.keys()];
    }
    return state.choice.next(state.available, bytes);
  }

  #choiceFor(topic: string): PartitionChoice {
    if (this.#settings['partitioner.class'] !== '') return new RoundRobinChoice();
    const {
      'batch.size': batchBytes,
      'partitioner.adaptive.partitioning.enable': isAdaptive,
      'partitioner.availability.timeout.ms': limitMs,
    } = this.#settings;
    const load = {
      queuedBatches: (partition: number) =>
        this.#accumulator.queueFor(topic, partition)?.batches.length,
      hasRoom: (partition: number, bytes: number) =>
        this.#accumulator.queueFor(topic, partition)?.hasRoom(bytes, batchBytes) ?? false,
      isStalled: (partition: number) => {
        const leader = this.#cluster.topic(topic)?.partitions[partition]?.leader ?? -1;
        return limitMs > 0 && this.#sender.isStalled(leader, limitMs);
      },
    };
    return new StickyChoice(batchBytes, load, isAdaptive);
  }

  #onProgress(): void {
    for (const waiter of this.#waiters) {
      if (waiter.isReady()) waiter.done.resolve();
    }
  }
}
