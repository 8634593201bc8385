import { Headers } from './headers.ts';
import { javaText } from './java-text.ts';
import type { ConnectRecord, RecordChanges, SourceMap } from './record.ts';
import { connectRecordText, recordsEqual } from './record-text.ts';
import type { Schema } from './schema.ts';
import { valuesEqual } from './values-equal.ts';

export interface SourceRecordFields {
  sourcePartition: SourceMap | null;
  sourceOffset: SourceMap | null;
  topic: string;
  kafkaPartition?: number | null;
  keySchema?: Schema | null;
  key?: unknown;
  valueSchema?: Schema | null;
  value?: unknown;
  timestamp?: number | null;
  headers?: Headers | null;
}

/**
 * A record on its way to Kafka, with the place it was read from. Partition maps may be shared between records.
 * Construct it from positions in tasks that make many: no object besides the record is made. Source: Kafka Connect `SourceRecord`.
 */
export class SourceRecord implements ConnectRecord {
  readonly sourcePartition: SourceMap | null;
  readonly sourceOffset: SourceMap | null;
  readonly topic: string;
  readonly kafkaPartition: number | null;
  readonly keySchema: Schema | null;
  readonly key: unknown;
  readonly valueSchema: Schema | null;
  readonly value: unknown;
  readonly timestamp: number | null;
  #headers: Headers | null;

  constructor(
    sourcePartition: SourceMap | null,
    sourceOffset: SourceMap | null,
    topic: string,
    kafkaPartition: number | null,
    keySchema: Schema | null,
    key: unknown,
    valueSchema: Schema | null,
    value: unknown,
    timestamp: number | null = null,
    headers: Headers | null = null,
  ) {
    this.sourcePartition = sourcePartition;
    this.sourceOffset = sourceOffset;
    this.topic = topic;
    this.kafkaPartition = kafkaPartition;
    this.keySchema = keySchema;
    this.key = key;
    this.valueSchema = valueSchema;
    this.value = value;
    this.timestamp = timestamp;
    this.#headers = headers;
  }

  static from(fields: SourceRecordFields): SourceRecord {
    return new SourceRecord(
      fields.sourcePartition,
      fields.sourceOffset,
      fields.topic,
      fields.kafkaPartition ?? null,
      fields.keySchema ?? null,
      fields.key ?? null,
      fields.valueSchema ?? null,
      fields.value ?? null,
      fields.timestamp ?? null,
      fields.headers ?? null,
    );
  }

  get headers(): Headers {
    this.#headers ??= new Headers();
    return this.#headers;
  }

  get headersOrNull(): Headers | null {
    return this.#headers;
  }

  newRecord(changes: RecordChanges): this {
    return new SourceRecord(
      this.sourcePartition,
      this.sourceOffset,
      changes.topic ?? this.topic,
      changes.kafkaPartition === undefined ? this.kafkaPartition : changes.kafkaPartition,
      changes.keySchema === undefined ? this.keySchema : changes.keySchema,
      changes.key === undefined ? this.key : changes.key,
      changes.valueSchema === undefined ? this.valueSchema : changes.valueSchema,
      changes.value === undefined ? this.value : changes.value,
      changes.timestamp === undefined ? this.timestamp : changes.timestamp,
      changes.headers === undefined ? (this.#headers?.duplicate() ?? null) : changes.headers,
    ) as this;
  }

  equals(other: unknown): boolean {
    return (
      other instanceof SourceRecord &&
      recordsEqual(this, other) &&
      valuesEqual(this.sourcePartition, other.sourcePartition) &&
      valuesEqual(this.sourceOffset, other.sourceOffset)
    );
  }

  toString(): string {
    const position = `sourcePartition=${javaText(this.sourcePartition)}, sourceOffset=${javaText(this.sourceOffset)}`;
    return `SourceRecord{${position}} ${connectRecordText(this)}`;
  }
}
