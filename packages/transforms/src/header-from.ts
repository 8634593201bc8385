import {
  ConfigError,
  type ConnectRecord,
  defineConfig,
  type Headers,
  list,
  type OwnMap,
  type Schema,
  Struct,
  string,
  validator,
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

const nonEmptyList = validator('non-empty list', (name, value) => {
  if (value === null || (value as readonly string[]).length === 0) {
    throw new ConfigError(name, value, 'Empty list');
  }
});

const config = defineConfig(
  list('fields', {
    importance: 'HIGH',
    validator: nonEmptyList,
    doc: 'Fields whose values become headers.',
  }),
  list('headers', {
    importance: 'HIGH',
    validator: nonEmptyList,
    doc: 'Names of the headers, in the order of the fields.',
  }),
  string('operation', {
    importance: 'HIGH',
    oneOf: ['move', 'copy'],
    doc: 'Whether the fields go away ("move") or stay ("copy").',
  }),
  replaceNullWithDefault,
);

/** Copies or moves fields to headers. */
export const headerFrom: KeyAndValue = defineForKeyAndValue(
  `${apache}.HeaderFrom`,
  config,
  (options, half) => {
    const { fields, headers: names, operation } = options;
    if (fields.length !== names.length) {
      throw new ConfigError(
        "'fields' config must have the same number of elements as 'headers' config.",
      );
    }
    const purpose = `header ${operation}`;
    const isMove = operation === 'move';
    const moved = new Set(fields);
    const read = fieldReader(options['replace.null.with.default']);
    const schemaAfterMove = perSchema((schema) => withoutFields(schema, moved));
    return (record, own) => {
      const schema = half.schemaOf(record);
      return schema === null ? applySchemaless(record, own) : applyWithSchema(record, schema);
    };

    function applySchemaless(record: ConnectRecord, own: OwnMap): ConnectRecord {
      const map = requireMap(half.valueOf(record), purpose);
      const headers = record.headers.duplicate();
      for (const [index, field] of fields.entries()) {
        headers.add(names[index] as string, map.get(field) ?? null, null);
      }
      const updated = own.of(map);
      if (isMove) for (const field of fields) updated.delete(field);
      return half.replace(record, null, updated, headers);
    }

    function applyWithSchema(record: ConnectRecord, schema: Schema): ConnectRecord {
      const struct = requireStruct(half.valueOf(record), schema, purpose);
      const updatedSchema = isMove ? schemaAfterMove(schema) : schema;
      const updated = isMove ? copyRest(struct, updatedSchema) : struct;
      const headers = record.headers.duplicate();
      addHeaders(headers, struct, schema);
      return half.replace(record, updatedSchema, updated, headers);
    }

    function copyRest(struct: Struct, schema: Schema): Struct {
      const values: unknown[] = [];
      for (const field of struct.schema.fields) {
        if (!moved.has(field.name)) values.push(checkedCopy(read(struct, field), field));
      }
      return new Struct(schema, values);
    }

    function addHeaders(headers: Headers, struct: Struct, schema: Schema): void {
      for (const [index, name] of fields.entries()) {
        const field = schema.field(name);
        if (field === null) throw new TypeError(`There is no field "${name}": its schema is null`);
        headers.add(names[index] as string, read(struct, field), field.schema);
      }
    }
  },
);

function withoutFields(schema: Schema, names: ReadonlySet<string>): Schema {
  const builder = structWithBasics(schema);
  for (const field of schema.fields) {
    if (!names.has(field.name)) builder.field(field.name, field.schema);
  }
  return builder.build();
}
