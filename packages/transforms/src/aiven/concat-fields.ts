import {
  DataError,
  defineConfig,
  isStruct,
  list,
  nonEmptyString,
  OPTIONAL_STRING_SCHEMA,
  type Schema,
  SchemaBuilder,
  Struct,
  string,
} from '@tributary/sdk';
import { aiven } from '../class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from '../define.ts';
import { fieldOf, textOf } from '../java-value.ts';
import { perSchema } from '../per-schema.ts';
import { isPlainObject, requireMap } from '../requirements.ts';
import { checkedCopy } from '../struct-copy.ts';

const config = defineConfig(
  list('field.names', { importance: 'HIGH', doc: 'Fields to join, in this order.' }),
  string('output.field.name', {
    importance: 'HIGH',
    validator: nonEmptyString(),
    doc: 'New field for the joined text.',
  }),
  string('field.replace.missing', {
    default: '',
    importance: 'HIGH',
    doc: 'Stands for fields that are missing or null.',
  }),
  string('delimiter', { default: '', importance: 'HIGH', doc: 'Stands between the fields.' }),
);

/** Joins the texts of fields in a new one. */
export const concatFields: KeyAndValue = defineForKeyAndValue(
  `${aiven}.ConcatFields`,
  config,
  (options, half) => {
    const { 'field.names': names, 'output.field.name': output, delimiter } = options;
    const extended = perSchema((schema) => extendSchema(schema, output));
    return (record, own) => {
      const value = half.valueOf(record);
      if (value === null) throw new DataError(`${half.name} Value can't be null: ${record}`);
      if (isStruct(value)) {
        const schema = extended(value.schema);
        const values = value.schema.fields.map((field) => checkedCopy(value.get(field), field));
        return half.replace(record, schema, new Struct(schema, [...values, joined(value)]));
      }
      if (value instanceof Map || isPlainObject(value)) {
        const updated = own.of(requireMap(value, 'concatenation')).set(output, joined(value));
        return half.replace(record, half.schemaOf(record), updated);
      }
      throw new DataError(`Value type must be STRUCT or MAP: ${record}`);
    };

    function joined(container: unknown): string {
      const texts = names.map((name) => {
        const field = fieldOf(container, name) ?? null;
        return field === null || field.value === null
          ? options['field.replace.missing']
          : textOf(field);
      });
      return texts.join(delimiter);
    }
  },
);

/** As Java's does it, the new schema has neither name nor version. */
function extendSchema(schema: Schema, output: string): Schema {
  const builder = SchemaBuilder.struct();
  for (const field of schema.fields) builder.field(field.name, field.schema);
  return builder.field(output, OPTIONAL_STRING_SCHEMA).build();
}
