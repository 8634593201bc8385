import { DataError, defineConfig, Schema, string } from '@tributary/sdk';
import { confluent } from '../class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from '../define.ts';
import { perSchema } from '../per-schema.ts';

const config = defineConfig(
  string('schema.behavior', {
    default: 'nullify',
    oneOf: ['nullify', 'retain', 'validate', 'force_optional'],
    isCaseIgnored: true,
    doc: 'What becomes of the schema: it goes (nullify), stays (retain), must be optional (validate) or becomes optional (force_optional).',
  }),
);

/** Takes away the key or the value. */
export const drop: KeyAndValue = defineForKeyAndValue(
  `${confluent}.Drop`,
  config,
  ({ 'schema.behavior': behavior }, half) => {
    const schemaAfter = schemaRule(behavior.toLowerCase(), half.name);
    return (record) => {
      const schema = half.schemaOf(record);
      return half.replace(record, schema && schemaAfter(schema), null);
    };
  },
);

function schemaRule(behavior: string, place: string): (schema: Schema) => Schema | null {
  switch (behavior) {
    case 'retain':
      return (schema) => schema;
    case 'validate':
      return (schema) => {
        if (schema.isOptional) return schema;
        throw new DataError(`Cannot drop the ${place}: its schema ${schema} is not optional`);
      };
    case 'force_optional':
      return perSchema(asOptional);
    default:
      return () => null;
  }
}

function asOptional(schema: Schema): Schema {
  if (schema.isOptional) return schema;
  const hasElements = schema.type === 'ARRAY' || schema.type === 'MAP';
  return new Schema({
    type: schema.type,
    isOptional: true,
    defaultValue: schema.defaultValue,
    name: schema.name,
    version: schema.version,
    doc: schema.doc,
    parameters: schema.parameters,
    keySchema: schema.type === 'MAP' ? schema.keySchema : null,
    valueSchema: hasElements ? schema.valueSchema : null,
    fields: schema.type === 'STRUCT' ? schema.fields : null,
  });
}
