import {
  ConfigError,
  type ConfigKey,
  type ConnectRecord,
  DataError,
  defineConfig,
  INT32_SCHEMA,
  INT64_SCHEMA,
  javaClassName,
  OPTIONAL_INT32_SCHEMA,
  OPTIONAL_INT64_SCHEMA,
  OPTIONAL_STRING_SCHEMA,
  OPTIONAL_TIMESTAMP_SCHEMA,
  type Schema,
  type SinkRecord,
  STRING_SCHEMA,
  Struct,
  string,
  TIMESTAMP_SCHEMA,
  TypedNumber,
} from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from './define.ts';
import { perSchema } from './per-schema.ts';
import { requireMap, requireStruct } from './requirements.ts';
import {
  checkedCopy,
  fieldReader,
  replaceNullWithDefault,
  structWithBasics,
} from './struct-copy.ts';

const purpose = 'field insertion';
const marks = 'With "!" behind the name the field is required, with "?" or nothing optional.';

const config = defineConfig(
  nameKey('topic.field', `Field for the record's topic. ${marks}`),
  nameKey('partition.field', `Field for the record's partition. ${marks}`),
  nameKey('offset.field', `Field for the Kafka offset, for sinks only. ${marks}`),
  nameKey('timestamp.field', `Field for the record's timestamp. ${marks}`),
  nameKey('static.field', `Field for a text that is always the same. ${marks}`),
  nameKey('static.value', 'That text.'),
  replaceNullWithDefault,
);

/** Adds facts of the record, or a fixed text, as fields. */
export const insertField: KeyAndValue = defineForKeyAndValue(
  `${apache}.InsertField`,
  config,
  (options, half) => {
    const insertions = readInsertions(options);
    const read = fieldReader(options['replace.null.with.default']);
    const extended = perSchema((schema) => extendSchema(schema, insertions));
    return (record, own) => {
      const value = half.valueOf(record);
      if (value === null) return record;
      const schema = half.schemaOf(record);
      if (schema === null) {
        const updated = own.of(requireMap(value, purpose));
        for (const { name, source } of insertions) {
          const inserted = source.schemaless(record);
          if (inserted !== null) updated.set(name, inserted);
        }
        return half.replace(record, null, updated);
      }
      const struct = requireStruct(value, schema, purpose);
      const updated = extended(struct.schema);
      return half.replace(record, updated, extend(struct, updated, record));
    };

    function extend(struct: Struct, schema: Schema, record: ConnectRecord): Struct {
      const values = struct.schema.fields.map((field) => checkedCopy(read(struct, field), field));
      for (const { source } of insertions) values.push(source.value(record));
      return new Struct(schema, values);
    }
  },
);

/** Where a fact comes from. Null: this record has none, and nothing is inserted. */
interface Source {
  readonly required: Schema;
  readonly optional: Schema;
  value(record: ConnectRecord): unknown;
  schemaless(record: ConnectRecord): unknown;
}

interface Insertion {
  readonly name: string;
  readonly isOptional: boolean;
  readonly source: Source;
}

const topicSource = textSource((record) => record.topic);
const partitionSource: Source = {
  required: INT32_SCHEMA,
  optional: OPTIONAL_INT32_SCHEMA,
  value: (record) => record.kafkaPartition,
  schemaless: ({ kafkaPartition }) =>
    kafkaPartition === null ? null : TypedNumber.of('INT32', kafkaPartition),
};
const offsetSource: Source = {
  required: INT64_SCHEMA,
  optional: OPTIONAL_INT64_SCHEMA,
  value: (record) => requireSinkRecord(record).kafkaOffset,
  schemaless: (record) => requireSinkRecord(record).offset,
};
const timestampSource: Source = {
  required: TIMESTAMP_SCHEMA,
  optional: OPTIONAL_TIMESTAMP_SCHEMA,
  value: ({ timestamp }) => (timestamp === null ? null : new Date(timestamp)),
  schemaless: (record) => record.timestamp,
};

function textSource(text: (record: ConnectRecord) => string): Source {
  return {
    required: STRING_SCHEMA,
    optional: OPTIONAL_STRING_SCHEMA,
    value: text,
    schemaless: text,
  };
}

function readInsertions(options: Readonly<Record<NameKey, string | null>>): Insertion[] {
  const staticValue = options['static.value'];
  const specs = [
    [options['topic.field'], topicSource],
    [options['partition.field'], partitionSource],
    [options['offset.field'], offsetSource],
    [options['timestamp.field'], timestampSource],
    [options['static.field'], textSource(() => staticValue as string)],
  ] as const;
  const insertions = specs.flatMap(([spec, source]) =>
    spec === null ? [] : { ...parseSpec(spec), source },
  );
  if (insertions.length === 0) throw new ConfigError('No field insertion configured');
  if (options['static.field'] !== null && staticValue === null) {
    throw new ConfigError(
      'static.value',
      null,
      // Java prints the identity of an object here.
      `No value specified for static field: ${apache}.InsertField$InsertionSpec@1`,
    );
  }
  return insertions;
}

function parseSpec(spec: string): { name: string; isOptional: boolean } {
  const isMarked = spec.endsWith('!') || spec.endsWith('?');
  return { name: isMarked ? spec.slice(0, -1) : spec, isOptional: !spec.endsWith('!') };
}

function extendSchema(schema: Schema, insertions: readonly Insertion[]): Schema {
  const builder = structWithBasics(schema);
  for (const field of schema.fields) builder.field(field.name, field.schema);
  for (const { name, isOptional, source } of insertions) {
    builder.field(name, isOptional ? source.optional : source.required);
  }
  return builder.build();
}

function requireSinkRecord(record: ConnectRecord): SinkRecord {
  if ('kafkaOffset' in record) return record as SinkRecord;
  const className =
    'sourceOffset' in record
      ? 'org.apache.kafka.connect.source.SourceRecord'
      : javaClassName(record);
  throw new DataError(`Only SinkRecord supported for [${purpose}], found: ${className}`);
}

type NameKey =
  | 'topic.field'
  | 'partition.field'
  | 'offset.field'
  | 'timestamp.field'
  | 'static.field'
  | 'static.value';

function nameKey<const Name extends NameKey>(
  name: Name,
  doc: string,
): ConfigKey<Name, string | null> {
  return string(name, { default: null, doc });
}
