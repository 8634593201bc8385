import type { Headers } from './headers.ts';
import type { Schema, SchemaAndValue } from './schema.ts';

/**
 * Value <-> bytes. One instance serves keys or values of one task; calls are synchronous and never overlap.
 * DataError: the record is bad. RetriableError: tried again by `errors.retry.*`.
 * Source: Kafka Connect `Converter`.
 */
export interface Converter {
  configure(config: Readonly<Record<string, string>>, isKey: boolean): void;
  fromConnectData(
    topic: string,
    schema: Schema | null,
    value: unknown,
    headers: Headers | null,
  ): Uint8Array | null;
  toConnectData(topic: string, bytes: Uint8Array | null, headers: Headers | null): SchemaAndValue;
  close?(): void | Promise<void>;
}

/** Source: Kafka Connect `HeaderConverter`. */
export interface HeaderConverter {
  configure(config: Readonly<Record<string, string>>): void;
  fromConnectHeader(
    topic: string,
    key: string,
    schema: Schema | null,
    value: unknown,
  ): Uint8Array | null;
  toConnectHeader(topic: string, key: string, bytes: Uint8Array | null): SchemaAndValue;
  close?(): void | Promise<void>;
}
