/** What the sink spine and its steps share. (no I/O) */
import type { Consumer, TopicPartition } from '@tributary/kafka';
import type { SinkRecord, SinkTask } from '@tributary/sdk';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';

/** An assigned partition. Offsets are the next to be read. */
export interface Assigned extends TopicPartition {
  /** Behind everything the task has taken. */
  current: bigint;
  lastCommitted: bigint;
  isPausedByTask: boolean;
}

export interface SinkState {
  /** By `keyOf`. */
  readonly assigned: Map<string, Assigned>;
  /** Positions that the task asked for, applied before the next delivery. */
  readonly rewinds: Map<string, TopicPartition & { offset: bigint }>;
  /** What the task is given next, or was given and must be given again. */
  batch: SinkRecord[];
  /** Where each partition stands once `batch` is delivered, dropped records included. */
  readonly batchOffsets: Map<string, bigint>;
  /** The last `put` asked for the same batch again: nothing new is consumed. */
  isRedelivering: boolean;
  /** All partitions of the consumer are paused, because the connector is. */
  isPaused: boolean;
  /** From `SinkTaskContext.timeout`, once; -1 for none. */
  timeoutMs: number;
  isCommitRequested: boolean;
  /** The task has been stopped: rebalances concern it no more. */
  isTaskStopped: boolean;
}

export interface SinkContext {
  readonly taskName: string;
  readonly task: SinkTask;
  readonly consumer: Consumer;
  readonly state: SinkState;
  readonly clock: Clock;
  readonly logger: Logger;
}
