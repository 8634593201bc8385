/** What the client's parts and its users share. No I/O. */

import type { Duplex } from 'node:stream';

/** Java client keys (`bootstrap.servers`, `acks`, `linger.ms`, ...) with their values as text. Unknown keys are logged once and ignored, unsupported ones refused. */
export type ClientConfig = Readonly<Record<string, string>>;

/** The part of a logger that the client uses; pino's fits. */
export interface ClientLogger {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

/** A connection to a broker, as `node:net` has it: `connect` is emitted when it is open, `error` when that fails. */
export interface ByteStream extends Duplex {
  setTimeout(timeoutMs: number, onIdle?: () => void): this;
}

/** What a client is given beside its config. */
export interface ClientDeps {
  readonly logger: ClientLogger;
  /** Begins a connection and returns at once. Absent: TCP. With TLS the client speaks it over this stream. */
  readonly connect?: (address: { readonly host: string; readonly port: number }) => ByteStream;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** `offset` is the next offset to read. */
export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: bigint;
  /** Of the record before it, when it is known: a log that has lost that record is then noticed. A consumer that commits its own position adds it by itself. */
  readonly leaderEpoch?: number;
}

export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface ProducerRecord {
  readonly topic: string;
  /** Null: chosen by the partitioner (murmur2 of the key, else sticky). */
  readonly partition: number | null;
  /** Epoch milliseconds; null: now. */
  readonly timestamp: number | null;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

/**
 * Told of the fate of the records of one `send` call, by runs of consecutive indices into its array. Each accepted record is reported exactly once.
 * Within a partition in order; across partitions in any order. Must not throw.
 */
export interface DeliveryListener {
  /** Records `first` .. `first + count - 1` lie at `baseOffset`, `baseOffset + 1`, ... `timestampMs` is the broker's with LogAppendTime, else -1 (each record has its own). */
  delivered(
    first: number,
    count: number,
    target: TopicPartition,
    baseOffset: bigint,
    timestampMs: number,
  ): void;
  failed(first: number, count: number, target: TopicPartition, error: KafkaError): void;
}

export interface Producer {
  /**
   * Takes records from index `first` on, in order, into its buffers; copies keys and values. Never waits: returns how many it took.
   * Fewer than offered means that `buffer.memory` is used up or a topic's partitions are not known yet: await `whenWritable`, then offer the rest.
   * A record that can never be sent (larger than `max.request.size`, invalid topic) is taken and reported to `listener.failed`.
   * Throws KafkaError when the producer is closed or fenced.
   */
  send(records: readonly ProducerRecord[], first: number, listener: DeliveryListener): number;
  /** Resolves when `send` is worth calling again. Rejects after `max.block.ms` (naming the topic that is missing, or the full buffer), or with the signal's reason. */
  whenWritable(signal?: AbortSignal): Promise<void>;
  /** Sends all that is buffered and resolves when each record is acknowledged or failed. */
  flush(signal?: AbortSignal): Promise<void>;
  /** Flushes for up to `timeoutMs`, then fails what is left and closes its connections. */
  close(timeoutMs: number): Promise<void>;
}

/** Under which offsets are committed in a transaction; generation -1 and an empty member id: the group is not asked whether they may be. */
export interface ConsumerGroupMetadata {
  readonly groupId: string;
  readonly generation: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

/**
 * A producer with a `transactional.id`: records are sent between `beginTransaction` and `commitTransaction`, and are read (read_committed) together or not at all.
 * Calls do not overlap. When one rejects, or a record fails, only `abortTransaction` leads on; with PRODUCER_FENCED or INVALID_PRODUCER_EPOCH from the coordinator another producer
 * has taken over, and the producer is to be closed. TIMEOUT of commit or abort: the same call again.
 */
export interface TransactionalProducer extends Producer {
  /** Once, first: ends what an earlier producer of the same id left open, and fences it. Waits for up to `max.block.ms`. */
  initTransactions(signal?: AbortSignal): Promise<void>;
  beginTransaction(): void;
  /** What was consumed counts as such when the transaction commits. */
  sendOffsets(
    offsets: readonly TopicPartitionOffset[],
    group: ConsumerGroupMetadata,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Flushes first. Rejects when a record failed. */
  commitTransaction(signal?: AbortSignal): Promise<void>;
  /** Records that are not sent yet are reported failed. */
  abortTransaction(signal?: AbortSignal): Promise<void>;
}

export interface ConsumerRecord {
  /** Number: a log's offsets stay below 2^53; a batch that does not is refused. */
  readonly offset: number;
  /** Epoch milliseconds; -1 when there is none. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
}

/** Consecutive records of one partition. Buffers are slices of the fetch response; they stay valid as long as they are referenced. */
export interface ConsumedRecords extends TopicPartition {
  readonly timestampType: 'NoTimestampType' | 'CreateTime' | 'LogAppendTime';
  readonly records: readonly ConsumerRecord[];
  /** Where the position stands behind these records; may lie beyond the last one (control records, compaction). */
  readonly nextOffset: bigint;
}

/** Awaited during `poll`, and during `close` for the partitions given back. */
export interface RebalanceListener {
  onAssigned(partitions: readonly TopicPartition[]): void | Promise<void>;
  onRevoked(partitions: readonly TopicPartition[]): void | Promise<void>;
  /** The group has given the partitions to others already: nothing may be committed for them. */
  onLost(partitions: readonly TopicPartition[]): void | Promise<void>;
}

export interface Consumer {
  /** Joins `group.id` on the next poll. A pattern must match the whole topic name; new topics are found by `metadata.max.age.ms`. */
  subscribe(subscription: readonly string[] | RegExp, listener: RebalanceListener): void;
  readonly assignment: readonly TopicPartition[];
  /** For `sendOffsets` of a transactional producer. */
  readonly groupMetadata: ConsumerGroupMetadata;
  /**
   * Up to `max.poll.records` records, empty after `timeoutMs` or on `wakeup`. Rebalances happen inside. Rejects with KafkaError (fatal ones, and `none` resets), with what the
   * listener threw, or with the signal's reason.
   */
  poll(timeoutMs: number, signal?: AbortSignal): Promise<readonly ConsumedRecords[]>;
  /** Ends a waiting poll, or the next one, with what there is. */
  wakeup(): void;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** With the leader epoch of the record before the offset the position is first compared with the leader's log. */
  seek(partition: TopicPartition, offset: bigint, leaderEpoch?: number): void;
  /** The next offset to be returned; undefined until known. */
  position(partition: TopicPartition): bigint | undefined;
  /** Resolves the positions of all assigned partitions (committed offset, else `auto.offset.reset`) and returns them. */
  positions(signal?: AbortSignal): Promise<TopicPartitionOffset[]>;
  /** Retries retriable errors until `default.api.timeout.ms`; rejects when the member was fenced or a rebalance is under way. */
  commit(offsets: readonly TopicPartitionOffset[], signal?: AbortSignal): Promise<void>;
  /** Gives back partitions (`onRevoked`), leaves the group, closes. */
  close(timeoutMs: number): Promise<void>;
}

export interface GroupMemberId {
  readonly groupId: string;
  readonly memberId: string;
}

/**
 * A failure that Kafka or the client names. `errorName` is Kafka's (`UNKNOWN_TOPIC_OR_PARTITION`, or `TIMEOUT`, `NETWORK`, `CLOSED` of the client itself), `errorCode` its number or -1000 for the client's own.
 * Messages name the address, topic or group concerned and never carry secrets.
 */
export class KafkaError extends Error {
  override readonly name = 'KafkaError';
  readonly errorName: string;
  readonly errorCode: number;
  readonly isRetriable: boolean;

  constructor(
    message: string,
    facts: { errorName: string; errorCode: number; isRetriable: boolean; cause?: unknown },
  ) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause });
    this.errorName = facts.errorName;
    this.errorCode = facts.errorCode;
    this.isRetriable = facts.isRetriable;
  }
}
