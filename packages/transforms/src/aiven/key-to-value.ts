import {
  type ConnectRecord,
  DataError,
  defineConfig,
  inferSchema,
  isStruct,
  javaClassName,
  list,
  type OwnMap,
  type Schema,
  Struct,
  type TransformationPlugin,
} from '@tributary/sdk';
import { aiven } from '../class-names.ts';
import { defineTransformation } from '../define.ts';
import { fieldOf } from '../java-value.ts';
import { perSchema } from '../per-schema.ts';
import { isPlainObject, requireMap } from '../requirements.ts';
import { structWithBasics } from '../struct-copy.ts';

const config = defineConfig(
  list('key.fields', {
    importance: 'HIGH',
    doc: 'Fields of the key to copy; * stands for the whole key.',
  }),
  list('value.fields', {
    default: '',
    importance: 'HIGH',
    doc: 'Their names in the value, where they differ; the whole key is called _key.',
  }),
);

const whole = '*';

/** Copies the key or fields of it into the value. */
export const keyToValue: TransformationPlugin = defineTransformation(
  `${aiven}.KeyToValue`,
  config,
  ({ 'key.fields': keyFields, 'value.fields': valueFields }) => {
    const sources = readSources(keyFields, valueFields);
    const merged = perSchema((keySchema) =>
      perSchema((valueSchema) => mergeSchemas(keySchema, valueSchema, sources)),
    );
    return (record, own) => {
      check(record, sources);
      const { key, value } = record;
      if (!isStruct(value))
        return record.newRecord({ valueSchema: null, value: mergeMap(record, own) });
      const keySchema = record.keySchema ?? inferSchema(key);
      if (keySchema === null) {
        throw new DataError(`Cannot infer schema for unsupported key class: ${javaClassName(key)}`);
      }
      const schema = merged(keySchema)(value.schema);
      const struct = new Struct(schema);
      for (const field of schema.fields) {
        const source = sources.get(field.name);
        struct.put(field, source === undefined ? value.get(field) : partOf(key, source));
      }
      return record.newRecord({ valueSchema: schema, value: struct });
    };

    function mergeMap(record: ConnectRecord, own: OwnMap): Map<string, unknown> {
      const updated = own.of(requireMap(record.value, 'copying the key to the value'));
      for (const [name, source] of sources) updated.set(name, partOf(record.key, source));
      return updated;
    }
  },
);

/** Name in the value -> name in the key. */
type Sources = ReadonlyMap<string, string>;

function readSources(keyFields: readonly string[], valueFields: readonly string[]): Sources {
  const sources = new Map<string, string>();
  for (const [index, source] of keyFields.entries()) {
    const given = valueFields[index] ?? source;
    const name = given === whole ? '_key' : given;
    if (sources.has(name)) {
      throw new DataError(`More than one key value is copied to the value field name '${name}'`);
    }
    sources.set(name, source);
  }
  return sources;
}

function check({ keySchema, key, valueSchema, value }: ConnectRecord, sources: Sources): void {
  const names = [...sources.values()];
  const isMap = key instanceof Map || isPlainObject(key);
  if (names.some((name) => name !== whole)) {
    if (keySchema !== null && keySchema.type !== 'STRUCT') {
      throw new DataError(
        `Named key fields [${names.join(', ')}] cannot be copied from the key schema: ${keySchema.type}`,
      );
    }
    if (keySchema === null && !isMap && !isStruct(key)) {
      throw new DataError(
        `Named key fields [${names.join(', ')}] cannot be copied from the key class: ${javaClassName(key)}`,
      );
    }
  }
  if (names.includes(whole) && keySchema === null && isMap && valueSchema?.type === 'STRUCT') {
    throw new DataError('The value requires a schema, but the key class is a schemaless Map');
  }
  const isValueMap = value instanceof Map || isPlainObject(value);
  if (valueSchema === null ? !isValueMap : valueSchema.type !== 'STRUCT') {
    throw new DataError('The value needs to be a Struct or Map in order to append fields');
  }
}

function mergeSchemas(keySchema: Schema, valueSchema: Schema, sources: Sources): Schema {
  const fields = new Map(valueSchema.fields.map((field) => [field.name, field.schema]));
  for (const [name, source] of sources) {
    const schema = source === whole ? keySchema : keySchema.field(source)?.schema;
    if (schema === undefined) throw new DataError(`Key field '${source}' not found in key schema`);
    fields.set(name, schema);
  }
  const builder = structWithBasics(valueSchema);
  if (valueSchema.isOptional) builder.optional();
  for (const [name, schema] of fields) builder.field(name, schema);
  return builder.build();
}

function partOf(key: unknown, source: string): unknown {
  return source === whole ? key : (fieldOf(key, source)?.value ?? null);
}
