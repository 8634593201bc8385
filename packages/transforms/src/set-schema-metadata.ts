import { ConfigError, defineConfig, int, isStruct, Schema, Struct, string } from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from './define.ts';
import { perSchema } from './per-schema.ts';
import { requireSchema } from './requirements.ts';
import { fieldReader, replaceNullWithDefault } from './struct-copy.ts';

const config = defineConfig(
  string('schema.name', { default: null, importance: 'HIGH', doc: 'Schema name to set.' }),
  int('schema.version', { default: null, importance: 'HIGH', doc: 'Schema version to set.' }),
  replaceNullWithDefault,
);

/** Sets name, version or both of a struct's schema. */
export const setSchemaMetadata: KeyAndValue = defineForKeyAndValue(
  `${apache}.SetSchemaMetadata`,
  config,
  (options, half) => {
    const { 'schema.name': name, 'schema.version': version } = options;
    if (name === null && version === null) {
      throw new ConfigError('Neither schema name nor version configured');
    }
    const read = fieldReader(options['replace.null.with.default']);
    const renamed = perSchema((schema) => withMetadata(schema, name, version));
    return (record) => {
      const schema = half.schemaOf(record);
      const value = half.valueOf(record);
      if (schema === null && value === null) return record;
      const updated = renamed(requireSchema(schema, 'updating schema metadata'));
      return half.replace(record, updated, isStruct(value) ? moved(value, updated) : value);
    };

    function moved(struct: Struct, to: Schema): Struct {
      const copy = new Struct(to);
      for (const field of to.fields) {
        copy.put(field, read(struct, field));
      }
      return copy;
    }
  },
);

/** As in Java only structs work: it is their fields that are asked for. */
function withMetadata(schema: Schema, name: string | null, version: number | null): Schema {
  return new Schema({
    type: schema.type,
    isOptional: schema.isOptional,
    defaultValue: schema.defaultValue,
    name: name ?? schema.name,
    version: version ?? schema.version,
    doc: schema.doc,
    parameters: schema.parameters,
    fields: schema.fields,
  });
}
