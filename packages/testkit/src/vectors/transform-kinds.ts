import {
  type ConnectRecord,
  Headers,
  type PredicatePlugin,
  SinkRecord,
  SourceRecord,
  type TransformationPlugin,
} from '@tributary/sdk';
import * as transforms from '@tributary/transforms';
import type { Adapter, VectorInput } from './vector-file.ts';
import {
  readSchema,
  readValue,
  type VectorSchema,
  writeSchema,
  writeValue,
} from './vector-values.ts';

const transformations = [
  'Cast',
  'DropHeaders',
  'ExtractField',
  'Filter',
  'Flatten',
  'HeaderFrom',
  'HoistField',
  'InsertField',
  'InsertHeader',
  'MaskField',
  'RegexRouter',
  'ReplaceField',
  'SetSchemaMetadata',
  'TimestampConverter',
  'TimestampRouter',
  'ValueToKey',
];
const predicates = ['HasHeaderKey', 'RecordIsTombstone', 'TopicNameMatches'];

export const transformClasses: readonly string[] = [...transformations, ...predicates];

export const transformKinds: Record<string, Adapter> = {
  predicates: runPredicate,
};
for (const name of transformations) transformKinds[`transform-${name}`] = runTransformation;

function runPredicate(input: VectorInput): unknown {
  const predicate = (pluginOf(input.class) as PredicatePlugin).create();
  predicate.configure(input.config);
  return predicate.test(readRecord(input.record));
}

function runTransformation(input: VectorInput): unknown {
  const transformation = (pluginOf(input.class) as TransformationPlugin).create();
  transformation.configure(input.config);
  const result = transformation.apply(readRecord(input.record));
  return result && writeRecord(result);
}

function pluginOf(className: string): TransformationPlugin | PredicatePlugin {
  const plugin = Object.values(transforms).find((each) => each.className === className);
  if (plugin === undefined) throw new Error(`No plugin ${className}`);
  return plugin;
}

function readRecord(json: VectorInput): ConnectRecord {
  const keySchema = readSchema(json.keySchema);
  const valueSchema = readSchema(json.valueSchema);
  const common = {
    topic: json.topic,
    kafkaPartition: json.partition,
    keySchema,
    key: readValue(json.key, keySchema),
    valueSchema,
    value: readValue(json.value, valueSchema),
    timestamp: json.timestamp,
    headers: readHeaders(json.headers),
  };
  if (json.kind === 'sink') {
    const { offset, timestampType } = json;
    const originals = { originalTopic: json.originalTopic, originalOffset: json.originalOffset };
    return SinkRecord.from({ ...common, ...originals, offset, timestampType });
  }
  return SourceRecord.from({
    ...common,
    sourcePartition: readPlainMap(json.sourcePartition),
    sourceOffset: readPlainMap(json.sourceOffset),
  });
}

function readHeaders(
  json: { key: string; schema: VectorSchema | null; value: unknown }[],
): Headers | null {
  if (json.length === 0) return null;
  const headers = new Headers();
  for (const { key, schema, value } of json) {
    const read = readSchema(schema);
    headers.add(key, readValue(value, read), read);
  }
  return headers;
}

function readPlainMap(json: unknown): Record<string, never> | null {
  const map = readValue(json, null) as ReadonlyMap<string, never> | null;
  return map && Object.fromEntries(map);
}

function writeRecord(record: ConnectRecord): unknown {
  const common = {
    topic: record.topic,
    partition: record.kafkaPartition,
    timestamp: record.timestamp,
    keySchema: writeSchema(record.keySchema),
    key: writeValue(record.key, record.keySchema),
    valueSchema: writeSchema(record.valueSchema),
    value: writeValue(record.value, record.valueSchema),
    headers: [...record.headers].map(({ key, schema, value }) => ({
      key,
      schema: writeSchema(schema),
      value: writeValue(value, schema),
    })),
  };
  if (record instanceof SinkRecord) {
    return {
      kind: 'sink',
      ...common,
      offset: record.offset,
      timestampType: record.timestampType,
      originalTopic: record.originalTopic,
      originalPartition: record.originalKafkaPartition,
      originalOffset: record.originalOffset,
    };
  }
  const { sourcePartition, sourceOffset } = record as SourceRecord;
  return {
    kind: 'source',
    ...common,
    sourcePartition: writeValue(sourcePartition, null),
    sourceOffset: writeValue(sourceOffset, null),
  };
}
