/** What the stages and the spines share. (no I/O) */
import type { ConsumedRecords, ConsumerRecord } from '@tributary/kafka';
import type { Converter, HeaderConverter, SourceRecord } from '@tributary/sdk';

export type Stage =
  | 'TRANSFORMATION'
  | 'KEY_CONVERTER'
  | 'VALUE_CONVERTER'
  | 'HEADER_CONVERTER'
  | 'KAFKA_PRODUCE'
  | 'TASK_PUT';

/** Where a record failed; `className` is that of the plugin at work, as Java tools know it. */
export interface FailedStage {
  readonly stage: Stage;
  readonly className: string;
}

/** A consumed record with its place: what a dead letter queue needs of it. */
export interface Consumed {
  readonly from: ConsumedRecords;
  readonly record: ConsumerRecord;
}

/** Of the record either the source's or the consumed form is there. */
export interface Failure extends FailedStage {
  readonly error: unknown;
  readonly source: SourceRecord | null;
  readonly consumed: Consumed | null;
}

/** Tells of failed records. The promise settles when all of the report is written. */
export type Report = (failure: Failure) => Promise<void>;

export interface Named<T> {
  readonly plugin: T;
  readonly className: string;
}

export interface Converters {
  readonly key: Named<Converter>;
  readonly value: Named<Converter>;
  readonly header: Named<HeaderConverter>;
}

/**
 * One record through all of its stages. A stage that fails throws; `failedStage` then names it, and `resume` takes the same record up again at that stage,
 * so that a retry repeats nothing that succeeded. One instance per task, not reentrant.
 */
export interface Conversion<In, Out> {
  /** Null: a transformation dropped the record. */
  convert(input: In): Out | null;
  resume(): Out | null;
  failedStage(): FailedStage;
}

/** `errors.tolerance`, `errors.retry.timeout` (-1: without end) and `errors.retry.delay.max.ms`. */
export interface TolerancePolicy {
  readonly toleratesAll: boolean;
  readonly retryTimeoutMs: number;
  readonly retryMaxDelayMs: number;
}
