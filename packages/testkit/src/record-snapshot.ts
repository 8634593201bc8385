import { type ConnectRecord, isDecimal, isStruct, type Schema, TypedNumber } from '@tributary/sdk';

/** Everything that a record holds, down to the bytes: equal when nothing of it was changed. */
export function recordSnapshot(record: ConnectRecord): string {
  const { topic, kafkaPartition, keySchema, key, valueSchema, value, timestamp, headers } = record;
  return JSON.stringify([
    topic,
    kafkaPartition,
    timestamp,
    schemaParts(keySchema),
    plain(key),
    schemaParts(valueSchema),
    plain(value),
    [...headers].map((header) => [header.key, schemaParts(header.schema), plain(header.value)]),
  ]);
}

function schemaParts(schema: Schema | null): unknown {
  if (schema === null) return null;
  const { type, isOptional, name, version, doc, parameters, defaultValue } = schema;
  const attributes = [type, isOptional, name, version, doc, parameters && [...parameters]];
  const parts = [
    type === 'MAP' ? schemaParts(schema.keySchema) : null,
    type === 'MAP' || type === 'ARRAY' ? schemaParts(schema.valueSchema) : null,
    type === 'STRUCT' ? schema.fields.map((field) => [field.name, schemaParts(field.schema)]) : [],
  ];
  return [attributes, plain(defaultValue), parts];
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint' || Object.is(value, -0)) return `${typeof value} ${value}`;
  if (typeof value === 'number') return `number ${value}`;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Date) return value.getTime();
  if (value instanceof Map) return [...value].map(([key, item]) => [plain(key), plain(item)]);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof TypedNumber) return [value.type, String(value.value)];
  if (isDecimal(value)) return String(value);
  if (isStruct(value)) {
    return value.schema.fields.map((field) => [field.name, plain(value.at(field.index))]);
  }
  return Object.entries(value).map(([key, item]) => [key, plain(item)]);
}
