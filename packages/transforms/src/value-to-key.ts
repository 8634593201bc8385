import {
  anyNonDuplicateValues,
  DataError,
  defineConfig,
  type Field,
  list,
  type Schema,
  SchemaBuilder,
  Struct,
  type TransformationPlugin,
} from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineTransformation } from './define.ts';
import { perSchema } from './per-schema.ts';
import { requireMap, requireStruct } from './requirements.ts';
import { checkedCopy, fieldReader, replaceNullWithDefault } from './struct-copy.ts';

const purpose = 'copying fields from value to key';

const config = defineConfig(
  list('fields', {
    importance: 'HIGH',
    validator: anyNonDuplicateValues(false, false),
    doc: 'Fields of the value that make the key.',
  }),
  replaceNullWithDefault,
);

/** Makes the key of some fields of the value. */
export const valueToKey: TransformationPlugin = defineTransformation(
  `${apache}.ValueToKey`,
  config,
  ({ fields, 'replace.null.with.default': replacesNull }) => {
    const read = fieldReader(replacesNull);
    const planFor = perSchema((schema) => planKey(schema, fields));
    return (record) => {
      if (record.valueSchema === null) {
        const value = requireMap(record.value, purpose);
        const key = new Map<string, unknown>();
        for (const name of fields) key.set(name, value.get(name) ?? null);
        return record.newRecord({ keySchema: null, key });
      }
      const value = requireStruct(record.value, record.valueSchema, purpose);
      const { keySchema, sources } = planFor(value.schema);
      const values = sources.map((source, index) =>
        checkedCopy(read(value, source), keySchema.fields[index] as Field),
      );
      const key = new Struct(keySchema, values);
      return record.newRecord({ keySchema, key, valueSchema: value.schema });
    };
  },
);

function planKey(
  schema: Schema,
  names: readonly string[],
): { keySchema: Schema; sources: readonly Field[] } {
  const sources = names.map((name) => {
    const field = schema.field(name);
    if (field === null) throw new DataError(`Field does not exist: ${name}`);
    return field;
  });
  const builder = SchemaBuilder.struct();
  for (const field of sources) builder.field(field.name, field.schema);
  return { keySchema: builder.build(), sources };
}
