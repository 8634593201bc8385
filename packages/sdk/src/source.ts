import type { Connector, ConnectorContext, Task } from './connector.ts';
import type { SourceMap } from './record.ts';
import type { SourceRecord } from './source-record.ts';

export type ExactlyOnceSupport = 'SUPPORTED' | 'UNSUPPORTED';
export type ConnectorTransactionBoundaries = 'SUPPORTED' | 'UNSUPPORTED';

/** Source: Kafka Connect `SourceConnector`. */
export interface SourceConnector extends Connector<SourceConnectorContext> {
  /** Null means that the connector does not say. May be called on an instance that was never started. */
  exactlyOnceSupport?(config: Readonly<Record<string, string>>): ExactlyOnceSupport | null;
  canDefineTransactionBoundaries?(
    config: Readonly<Record<string, string>>,
  ): ConnectorTransactionBoundaries;
  /**
   * Called before the runtime writes offsets that a user changed; an offset of null resets its partition. Never started instance.
   * True: the connector has checked or applied the change. False: it cannot vouch for it. Throwing refuses the request.
   */
  alterOffsets?(
    config: Readonly<Record<string, string>>,
    offsets: readonly { partition: SourceMap | null; offset: SourceMap | null }[],
  ): boolean | Promise<boolean>;
}

export interface SourceConnectorContext extends ConnectorContext {
  readonly offsetStorageReader: OffsetStorageReader;
}

/** Offsets as stored by the last successful commit. Rejects after the task was cancelled. */
export interface OffsetStorageReader {
  /** Null when nothing is stored for the partition. */
  offset(partition: SourceMap): Promise<Record<string, unknown> | null>;
  /** One answer per partition, in order. */
  offsets(partitions: readonly SourceMap[]): Promise<(Record<string, unknown> | null)[]>;
}

export interface SourceTaskContext {
  /** The task's config, placeholders resolved. */
  readonly configs: Readonly<Record<string, string>>;
  readonly offsetStorageReader: OffsetStorageReader;
}

/** Where a record arrived. `timestampMs` is the broker's with LogAppendTime, otherwise the record's; -1 when unknown. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
}

/**
 * Reads one part of a system. The runtime calls `initialize`, `start`, then `poll` again and again, never two calls at once;
 * `commit` and `commitRecord` come between polls or while a poll is waiting. `stop` comes once, after the last poll has returned.
 * Source: Kafka Connect `SourceTask`.
 */
export interface SourceTask extends Task {
  initialize?(context: SourceTaskContext): void;
  /**
   * The next records in order, or null or an empty array when there are none now. Wait (up to about a second) rather than return at once with
   * nothing; give up waiting when `signal` aborts, which means pause or stop. A record that was returned is the runtime's.
   * RetriableError: called again. Any other error fails the task.
   */
  poll(
    signal: AbortSignal,
  ): readonly SourceRecord[] | null | Promise<readonly SourceRecord[] | null>;
  /** All offsets of records acknowledged so far are stored. Errors are logged. */
  commit?(): void | Promise<void>;
  /** `record` was acknowledged by Kafka; `metadata` is null for one that was filtered or dropped as errant. Errors are logged. */
  commitRecord?(record: SourceRecord, metadata: RecordMetadata | null): void;
}
