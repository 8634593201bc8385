import { Headers } from './headers.ts';
import type { ConnectRecord, RecordChanges, TimestampType } from './record.ts';
import { connectRecordText, recordsEqual } from './record-text.ts';
import type { Schema } from './schema.ts';

export interface SinkRecordFields {
  topic: string;
  kafkaPartition: number;
  keySchema?: Schema | null;
  key?: unknown;
  valueSchema?: Schema | null;
  value?: unknown;
  offset: number;
  timestamp?: number | null;
  timestampType?: TimestampType;
  headers?: Headers | null;
  /** Coordinates as consumed; default: the record's own. */
  originalTopic?: string;
  originalKafkaPartition?: number;
  originalOffset?: number;
}

/**
 * A record consumed from Kafka. Transformations may change topic and partition; the `original` coordinates stay those of the log:
 * use them for anything about offsets. Source: Kafka Connect `SinkRecord`.
 */
export class SinkRecord implements ConnectRecord {
  readonly topic: string;
  readonly kafkaPartition: number;
  readonly keySchema: Schema | null;
  readonly key: unknown;
  readonly valueSchema: Schema | null;
  readonly value: unknown;
  /** The Kafka offset as a number: exact below 2^53. */
  readonly offset: number;
  readonly timestamp: number | null;
  readonly timestampType: TimestampType;
  readonly originalTopic: string;
  readonly originalKafkaPartition: number;
  readonly originalOffset: number;
  #headers: Headers | null;

  constructor(
    topic: string,
    kafkaPartition: number,
    keySchema: Schema | null,
    key: unknown,
    valueSchema: Schema | null,
    value: unknown,
    offset: number,
    timestamp: number | null = null,
    timestampType: TimestampType = 'NoTimestampType',
    headers: Headers | null = null,
    originalTopic: string = topic,
    originalKafkaPartition: number = kafkaPartition,
    originalOffset: number = offset,
  ) {
    this.topic = topic;
    this.kafkaPartition = kafkaPartition;
    this.keySchema = keySchema;
    this.key = key;
    this.valueSchema = valueSchema;
    this.value = value;
    this.offset = offset;
    this.timestamp = timestamp;
    this.timestampType = timestampType;
    this.originalTopic = originalTopic;
    this.originalKafkaPartition = originalKafkaPartition;
    this.originalOffset = originalOffset;
    this.#headers = headers;
  }

  static from(fields: SinkRecordFields): SinkRecord {
    return new SinkRecord(
      fields.topic,
      fields.kafkaPartition,
      fields.keySchema ?? null,
      fields.key ?? null,
      fields.valueSchema ?? null,
      fields.value ?? null,
      fields.offset,
      fields.timestamp ?? null,
      fields.timestampType ?? 'NoTimestampType',
      fields.headers ?? null,
      fields.originalTopic ?? fields.topic,
      fields.originalKafkaPartition ?? fields.kafkaPartition,
      fields.originalOffset ?? fields.offset,
    );
  }

  get kafkaOffset(): bigint {
    return BigInt(this.offset);
  }

  get originalKafkaOffset(): bigint {
    return BigInt(this.originalOffset);
  }

  get headers(): Headers {
    this.#headers ??= new Headers();
    return this.#headers;
  }

  get headersOrNull(): Headers | null {
    return this.#headers;
  }

  newRecord(changes: RecordChanges): this {
    return new SinkRecord(
      changes.topic ?? this.topic,
      // Java allows a partition of null here too; a consumed record always has one.
      changes.kafkaPartition === undefined
        ? this.kafkaPartition
        : (changes.kafkaPartition as number),
      changes.keySchema === undefined ? this.keySchema : changes.keySchema,
      changes.key === undefined ? this.key : changes.key,
      changes.valueSchema === undefined ? this.valueSchema : changes.valueSchema,
      changes.value === undefined ? this.value : changes.value,
      this.offset,
      changes.timestamp === undefined ? this.timestamp : changes.timestamp,
      this.timestampType,
      changes.headers === undefined ? (this.#headers?.duplicate() ?? null) : changes.headers,
      this.originalTopic,
      this.originalKafkaPartition,
      this.originalOffset,
    ) as this;
  }

  equals(other: unknown): boolean {
    return (
      other instanceof SinkRecord &&
      recordsEqual(this, other) &&
      this.offset === other.offset &&
      this.timestampType === other.timestampType &&
      this.originalTopic === other.originalTopic &&
      this.originalKafkaPartition === other.originalKafkaPartition &&
      this.originalOffset === other.originalOffset
    );
  }

  toString(): string {
    return (
      `SinkRecord{kafkaOffset=${this.offset}, timestampType=${this.timestampType}, ` +
      `originalTopic=${this.originalTopic}, originalKafkaPartition=${this.originalKafkaPartition}, ` +
      `originalKafkaOffset=${this.originalOffset}} ${connectRecordText(this)}`
    );
  }
}
