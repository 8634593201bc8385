import type { ConnectRecord, Headers, Schema } from '@tributary/sdk';

/** The half of a record that a transformation works on: its key or its value. */
export interface Half {
  /** For messages. */
  readonly name: 'key' | 'value';
  schemaOf(record: ConnectRecord): Schema | null;
  valueOf(record: ConnectRecord): unknown;
  /** A copy of the record with this half replaced; the headers, too, where they are given. */
  replace(
    record: ConnectRecord,
    schema: Schema | null,
    value: unknown,
    headers?: Headers,
  ): ConnectRecord;
}

export const keyHalf: Half = {
  name: 'key',
  schemaOf: (record) => record.keySchema,
  valueOf: (record) => record.key,
  replace: (record, keySchema, key, headers) =>
    record.newRecord(headers === undefined ? { keySchema, key } : { keySchema, key, headers }),
};

export const valueHalf: Half = {
  name: 'value',
  schemaOf: (record) => record.valueSchema,
  valueOf: (record) => record.value,
  replace: (record, valueSchema, value, headers) =>
    record.newRecord(
      headers === undefined ? { valueSchema, value } : { valueSchema, value, headers },
    ),
};
