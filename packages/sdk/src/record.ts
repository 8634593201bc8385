import type { Headers } from './headers.ts';
import type { Schema } from './schema.ts';

/** A JSON object of scalars: where a source record comes from (`sourcePartition`) and how far it is read (`sourceOffset`). */
export type SourceMap = Readonly<Record<string, SourceScalar>>;
export type SourceScalar = string | number | bigint | boolean | null | Uint8Array;

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** `offset` is the next Kafka offset to read, as in Kafka's committed offsets. */
export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: bigint;
}

/** What source and sink records have in common. Absent is `null`, never `undefined`; `timestamp` is epoch milliseconds. */
export interface ConnectRecord {
  readonly topic: string;
  /** Source: null lets the producer choose. */
  readonly kafkaPartition: number | null;
  readonly keySchema: Schema | null;
  readonly key: unknown;
  readonly valueSchema: Schema | null;
  readonly value: unknown;
  readonly timestamp: number | null;
  /** Created empty on first use: read `headersOrNull` where headers are only looked at. */
  readonly headers: Headers;
  readonly headersOrNull: Headers | null;
  /** A copy with `changes`; source position or sink coordinates stay with it. Headers are copied unless given. */
  newRecord(changes: RecordChanges): this;
}

export interface RecordChanges {
  topic?: string;
  kafkaPartition?: number | null;
  keySchema?: Schema | null;
  key?: unknown;
  valueSchema?: Schema | null;
  value?: unknown;
  timestamp?: number | null;
  headers?: Headers | null;
}

export type TimestampType = 'NoTimestampType' | 'CreateTime' | 'LogAppendTime';
