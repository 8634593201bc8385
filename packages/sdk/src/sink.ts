import type { Connector, ConnectorContext, Task } from './connector.ts';
import type { TopicPartition, TopicPartitionOffset } from './record.ts';
import type { SinkRecord } from './sink-record.ts';

/** Source: Kafka Connect `SinkConnector`. */
export interface SinkConnector extends Connector<ConnectorContext> {
  /** As `SourceConnector.alterOffsets`; an offset of null deletes the committed offset of its partition. */
  alterOffsets?(
    config: Readonly<Record<string, string>>,
    offsets: readonly (TopicPartition & { offset: bigint | null })[],
  ): boolean | Promise<boolean>;
}

export interface SinkTaskContext {
  /** The task's config, placeholders resolved. */
  readonly configs: Readonly<Record<string, string>>;
  /** Partitions assigned now. */
  readonly assignment: readonly TopicPartition[];
  /** Reset the consumer to these positions before the next delivery. */
  offset(positions: readonly TopicPartitionOffset[]): void;
  /** Wait at most this long for records before the next `put`; also the back-off after a RetriableError. Milliseconds, once. */
  timeout(timeoutMs: number): void;
  /** Stop and go on delivering records of these partitions. IllegalWorkerStateError when one is not assigned. */
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** Commit before the next delivery instead of waiting for `offset.flush.interval.ms`. */
  requestCommit(): void;
  /** Null unless a dead letter queue or error log is configured. */
  readonly errantRecordReporter: ErrantRecordReporter | null;
}

export interface ErrantRecordReporter {
  /** Hand over a record that the task cannot deliver; resolves when the report is written. */
  report(record: SinkRecord, error: Error): Promise<void>;
}

/**
 * Writes records to one system. Calls never overlap: `initialize`, `start`, `open`, then `put` and `preCommit`, `close` when partitions leave, `stop`.
 * Source: Kafka Connect `SinkTask`.
 */
export interface SinkTask extends Task {
  initialize?(context: SinkTaskContext): void;
  /** Partitions newly assigned. */
  open?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /**
   * Deliver records; each partition's come in order. Called with an empty array when there are none.
   * RetriableError: the same array is delivered again. Any other error fails the task.
   */
  put(records: readonly SinkRecord[]): void | Promise<void>;
  /** Make everything put so far durable. `offsets`: the next offset of each partition. */
  flush?(offsets: readonly TopicPartitionOffset[]): void | Promise<void>;
  /** Which offsets may be committed. Default: `flush(offsets)`, then all of `offsets`. Return an empty array to commit none. */
  preCommit?(
    offsets: readonly TopicPartitionOffset[],
  ): readonly TopicPartitionOffset[] | Promise<readonly TopicPartitionOffset[]>;
  /** Partitions that leave; comes after the last `preCommit` for them. */
  close?(partitions: readonly TopicPartition[]): void | Promise<void>;
}
