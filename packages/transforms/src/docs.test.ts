import { readFileSync } from 'node:fs';
import {
  type ConnectRecord,
  DATE_NAME,
  DATE_SCHEMA,
  Headers,
  isStruct,
  type PredicatePlugin,
  Schema,
  SchemaBuilder,
  type SchemaType,
  SinkRecord,
  Struct,
  TIME_NAME,
  TIME_SCHEMA,
  TIMESTAMP_NAME,
  TIMESTAMP_SCHEMA,
  type TransformationPlugin,
  TypedNumber,
} from '@tributary/sdk';
import { describe, expect, it } from 'vitest';
import * as exported from './index.ts';

/**
 * The examples of docs/transforms.md. A record names what it has: `topic`, `partition`, `timestamp`, `key`, `value`, `headers`. With `keySchema` or `valueSchema`
 * the half has a schema: `"int32"`, `"string?"` (optional), `{"field": ...}` (a struct, its name in `"$name"`), `["int32"]` (a list).
 */
interface Example {
  config: Record<string, string>;
  before: DocRecord;
  /** Null: the record is dropped. */
  after?: DocRecord | null;
  /** Of a predicate. */
  matches?: boolean;
}

interface DocRecord {
  topic?: string;
  partition?: number | null;
  timestamp?: number | null;
  keySchema?: DocSchema;
  key?: unknown;
  valueSchema?: DocSchema;
  value?: unknown;
  headers?: Record<string, unknown>;
}

type DocSchema = string | [DocSchema] | { [field: string]: DocSchema };

const text = readFileSync(new URL('../../../docs/transforms.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/^```json\n(.*?)^```$/gms)].map(
  ([, json]) => JSON.parse(json as string) as Example,
);
const plugins = Object.values<TransformationPlugin | PredicatePlugin>(exported);

describe('the examples of docs/transforms.md', () => {
  it.each(examples)('do what they say: $config.type', ({ config, before, after, matches }) => {
    const { type, ...options } = config;
    const plugin = plugins.find(({ className }) => className === type);
    if (plugin === undefined) throw new Error(`No plugin ${type}`);
    const instance = plugin.create();
    instance.configure(options);
    if ('test' in instance) {
      expect(instance.test(readRecord(before))).toBe(matches);
    } else {
      const result = instance.apply(readRecord(before));
      expect(result && writeRecord(result)).toEqual(after);
    }
  });

  it('show every transformation and predicate, one half of each', () => {
    const shown = new Set(examples.map(({ config }) => baseName(config['type'] as string)));
    expect(new Set(plugins.map(({ className }) => baseName(className)))).toEqual(shown);
  });

  it('name every class', () => {
    const missing = plugins.filter(({ className }) => !text.includes(`\`${className}\``));
    expect(missing.map(({ className }) => className)).toEqual([]);
  });

  it('name every key', () => {
    const sections = text.split(/^### /m);
    for (const { className, config } of plugins) {
      const section = sections.find((each) => each.includes(`\`${className}\``)) ?? '';
      for (const { name } of config.keys) expect(section, className).toContain(`\`${name}\``);
    }
  });
});

function baseName(className: string): string {
  return className.replace(/\$(Key|Value|Header)$/, '');
}

function readRecord(json: DocRecord): ConnectRecord {
  const keySchema = json.keySchema === undefined ? null : readSchema(json.keySchema);
  const valueSchema = json.valueSchema === undefined ? null : readSchema(json.valueSchema);
  const headers = new Headers();
  for (const [name, value] of Object.entries(json.headers ?? {})) {
    if (typeof value === 'string') headers.addString(name, value);
    else headers.add(name, value, null);
  }
  return SinkRecord.from({
    topic: json.topic ?? 'orders',
    kafkaPartition: json.partition ?? 0,
    timestamp: json.timestamp ?? null,
    keySchema,
    key: readValue(json.key, keySchema),
    valueSchema,
    value: readValue(json.value, valueSchema),
    headers,
    offset: 7,
  });
}

/** Only what differs from an empty record of the topic "orders". */
function writeRecord(record: ConnectRecord): DocRecord {
  const json: DocRecord = {};
  if (record.topic !== 'orders') json.topic = record.topic;
  if (record.kafkaPartition !== 0) json.partition = record.kafkaPartition;
  if (record.timestamp !== null) json.timestamp = record.timestamp;
  if (record.keySchema !== null) json.keySchema = writeSchema(record.keySchema);
  if (record.key !== null) json.key = writeValue(record.key);
  if (record.valueSchema !== null) json.valueSchema = writeSchema(record.valueSchema);
  if (record.value !== null) json.value = writeValue(record.value);
  const headers = [...record.headers].map(({ key, value }) => [key, writeValue(value)]);
  if (headers.length > 0) json.headers = Object.fromEntries(headers);
  return json;
}

const logical: Record<string, Schema> = {
  Date: DATE_SCHEMA,
  Time: TIME_SCHEMA,
  Timestamp: TIMESTAMP_SCHEMA,
};

function readSchema(json: DocSchema): Schema {
  if (Array.isArray(json)) return SchemaBuilder.array(readSchema(json[0])).build();
  if (typeof json === 'string') {
    const isOptional = json.endsWith('?');
    const name = isOptional ? json.slice(0, -1) : json;
    const known = logical[name];
    return new Schema({
      type: known?.type ?? (name.toUpperCase() as SchemaType),
      name: known?.name ?? null,
      version: known?.version ?? null,
      isOptional,
    });
  }
  const builder = SchemaBuilder.struct();
  for (const [name, schema] of Object.entries(json)) {
    if (name === '$name') builder.name(schema as string);
    else if (name === '$version') builder.version(Number(schema));
    else if (name === '$optional') builder.optional();
    else builder.field(name, readSchema(schema));
  }
  return builder.build();
}

function writeSchema(schema: Schema): DocSchema {
  if (schema.type === 'ARRAY') return [writeSchema(schema.valueSchema as Schema)];
  if (schema.type === 'STRUCT') {
    const fields = schema.fields.map((field) => [field.name, writeSchema(field.schema)]);
    const name = schema.name === null ? [] : [['$name', schema.name]];
    const version = schema.version === null ? [] : [['$version', String(schema.version)]];
    const optional = schema.isOptional ? [['$optional', 'yes']] : [];
    return Object.fromEntries([...name, ...version, ...optional, ...fields]);
  }
  const logicalName = [DATE_NAME, TIME_NAME, TIMESTAMP_NAME].find((name) => name === schema.name);
  const name = logicalName?.split('.').at(-1) ?? schema.type.toLowerCase();
  return schema.isOptional ? `${name}?` : name;
}

function readValue(json: unknown, schema: Schema | null): unknown {
  if (json === undefined || json === null) return null;
  if (schema === null) return readSchemaless(json);
  if (
    schema.name !== null &&
    schema.name in { [DATE_NAME]: 0, [TIME_NAME]: 0, [TIMESTAMP_NAME]: 0 }
  ) {
    return new Date(json as string);
  }
  switch (schema.type) {
    case 'INT64':
      return BigInt(json as number);
    case 'BYTES':
      return new Uint8Array(Buffer.from(json as string, 'base64'));
    case 'ARRAY':
      return (json as unknown[]).map((item) => readValue(item, schema.valueSchema));
    case 'STRUCT': {
      const members = json as Record<string, unknown>;
      return new Struct(
        schema,
        schema.fields.map((field) => readValue(members[field.name], field.schema)),
      );
    }
    default:
      return json;
  }
}

function readSchemaless(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const members = Object.entries(json as Record<string, unknown>);
  return new Map(members.map(([name, value]) => [name, readSchemaless(value)]));
}

function writeValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof TypedNumber) return Number(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(writeValue);
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, item]) => [name, writeValue(item)]));
  }
  if (isStruct(value)) {
    const members = value.schema.fields.map((field) => [
      field.name,
      writeValue(value.at(field.index)),
    ]);
    return Object.fromEntries(members);
  }
  return value;
}
