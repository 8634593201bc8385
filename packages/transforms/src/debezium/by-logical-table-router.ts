import {
  boolean,
  ConfigError,
  type ConnectRecord,
  defineConfig,
  type Schema,
  SchemaBuilder,
  STRING_SCHEMA,
  Struct,
  string,
  type TransformationPlugin,
  validJavaPattern,
} from '@tributary/sdk';
import { debezium } from '../class-names.ts';
import { defineTransformation } from '../define.ts';
import { perSchema } from '../per-schema.ts';
import { perText } from '../per-text.ts';
import { requireStruct } from '../requirements.ts';
import { topicRenamer } from '../topic-renamer.ts';
import { adjustSchemaName, envelopeOf } from './envelope.ts';

const purpose = 'Updating schema';

const config = defineConfig(
  string('topic.regex', {
    importance: 'LOW',
    validator: validJavaPattern(),
    doc: 'Java regular expression of the topics to change.',
  }),
  string('topic.replacement', { importance: 'LOW', doc: 'New topic; $1 stands for a group.' }),
  boolean('key.enforce.uniqueness', {
    default: true,
    importance: 'LOW',
    doc: 'Whether the key gets a field that tells the tables apart.',
  }),
  string('key.field.name', {
    default: '__dbz__physicalTableIdentifier',
    importance: 'LOW',
    doc: 'Name of that field.',
  }),
  string('key.field.regex', {
    default: '',
    importance: 'LOW',
    validator: validJavaPattern(),
    doc: 'Java regular expression of topics whose value for that field is made by the replacement.',
  }),
  string('key.field.replacement', {
    default: '',
    importance: 'LOW',
    doc: 'Makes the value of that field; without it the old topic is the value.',
  }),
  string('schema.name.adjustment.mode', {
    default: 'none',
    oneOf: ['none', 'avro', 'avro_unicode'],
    doc: 'What becomes of characters in schema names that Avro refuses.',
  }),
);

/** Joins tables of one form, such as shards, in one topic. */
export const byLogicalTableRouter: TransformationPlugin = defineTransformation(
  `${debezium}.ByLogicalTableRouter`,
  config,
  (options) => {
    const { 'key.field.name': keyField, 'schema.name.adjustment.mode': mode } = options;
    const isUnique = options['key.enforce.uniqueness'];
    const newTopic = topicRenamer(
      options['topic.regex'],
      options['topic.replacement'],
      'topic.replacement',
    );
    const tableOf = tableNamer(options['key.field.regex'], options['key.field.replacement']);
    const keySchemaOf = perText((topic) =>
      perSchema((schema) => {
        const builder = copyWithName(schema, adjustSchemaName(`${topic}.Key`, mode));
        for (const field of schema.fields) builder.field(field.name, field.schema);
        if (isUnique) builder.field(keyField, STRING_SCHEMA);
        return builder.build();
      }),
    );
    const eventSchemaOf = perText((topic) =>
      perSchema((schema) => renameEvent(schema, topic, mode)),
    );

    return (record) => {
      const topic = newTopic(record.topic);
      if (topic === null || topic === '') return record;
      const changed =
        record.key === null ? { keySchema: null, key: null } : changeKey(record, topic);
      const event = record.value === null ? null : envelopeOf(record, purpose);
      if (event === null) return record.newRecord({ topic, ...changed });
      const schema = eventSchemaOf(topic)(event.schema);
      return record.newRecord({
        topic,
        ...changed,
        valueSchema: schema,
        value: moveEvent(event, schema),
      });
    };

    function changeKey(record: ConnectRecord, topic: string): { keySchema: Schema; key: Struct } {
      const old = requireStruct(record.key, record.keySchema, purpose);
      const keySchema = keySchemaOf(topic)(old.schema);
      const values = old.schema.fields.map((field) => old.get(field));
      if (isUnique) values.push(tableOf(record.topic));
      return { keySchema, key: new Struct(keySchema, values) };
    }
  },
);

function tableNamer(regex: string, replacement: string): (topic: string) => string {
  if (regex.trim() === '') return (topic) => topic;
  if (replacement.trim() === '') {
    throw new ConfigError('key.field.replacement must be non-empty if key.field.regex is set.');
  }
  const renamed = topicRenamer(regex, replacement, 'key.field.replacement');
  return (topic) => renamed(topic) ?? topic;
}

function renameEvent(schema: Schema, topic: string, mode: string): Schema {
  const rowSchema = schema.field('before')?.schema ?? (schema.field('after')?.schema as Schema);
  const row = copyWithName(rowSchema, adjustSchemaName(`${topic}.Value`, mode));
  for (const field of rowSchema.fields) row.field(field.name, field.schema);
  const renamedRow = row.build();
  const event = copyWithName(schema, adjustSchemaName(`${topic}.Envelope`, mode));
  for (const { name, schema: own } of schema.fields) {
    event.field(name, name === 'before' || name === 'after' ? renamedRow : own);
  }
  return event.build();
}

function moveEvent(event: Struct, schema: Schema): Struct {
  const moved = new Struct(schema);
  for (const field of schema.fields) {
    const value = event.get(field.name);
    const isRow = (field.name === 'before' || field.name === 'after') && value !== null;
    moved.put(field, isRow ? moveRow(value, field.schema) : value);
  }
  return moved;
}

function moveRow(value: unknown, schema: Schema): Struct {
  const row = requireStruct(value, null, purpose);
  return new Struct(
    schema,
    row.schema.fields.map((field) => row.get(field)),
  );
}

/** Without its fields. */
function copyWithName(schema: Schema, name: string): SchemaBuilder {
  const builder = SchemaBuilder.struct()
    .name(name)
    .version(schema.version)
    .doc(schema.doc)
    .parameters(schema.parameters);
  return schema.isOptional ? builder.optional() : builder;
}
