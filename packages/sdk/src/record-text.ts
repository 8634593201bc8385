import { javaText } from './java-text.ts';
import type { ConnectRecord } from './record.ts';
import { schemasEqual } from './schema.ts';
import { valuesEqual } from './values-equal.ts';

/** The part of a record's text that source and sink records share. */
export function connectRecordText(record: ConnectRecord): string {
  const key = javaText(record.key, record.keySchema);
  const value = javaText(record.value, record.valueSchema);
  const headers = record.headersOrNull?.toString() ?? 'ConnectHeaders(headers=)';
  return (
    `ConnectRecord{topic='${record.topic}', kafkaPartition=${record.kafkaPartition}, ` +
    `key=${key}, keySchema=${record.keySchema}, value=${value}, valueSchema=${record.valueSchema}, ` +
    `timestamp=${record.timestamp}, headers=${headers}}`
  );
}

export function recordsEqual(a: ConnectRecord, b: ConnectRecord): boolean {
  return (
    a.topic === b.topic &&
    a.kafkaPartition === b.kafkaPartition &&
    a.timestamp === b.timestamp &&
    schemasEqual(a.keySchema, b.keySchema) &&
    schemasEqual(a.valueSchema, b.valueSchema) &&
    valuesEqual(a.key, b.key) &&
    valuesEqual(a.value, b.value) &&
    headersEqual(a, b)
  );
}

function headersEqual(a: ConnectRecord, b: ConnectRecord): boolean {
  const ours = a.headersOrNull;
  const theirs = b.headersOrNull;
  if (ours === null || theirs === null) return (ours?.size ?? 0) === (theirs?.size ?? 0);
  return ours.equals(theirs);
}
