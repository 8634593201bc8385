import { defineConfig, SchemaBuilder, Struct, string } from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from './define.ts';
import { perSchema } from './per-schema.ts';

const config = defineConfig(
  string('field', { doc: 'Name of the only field of the struct or map that wraps the data.' }),
);

/** Wraps data in a struct or, without a schema, in a map. */
export const hoistField: KeyAndValue = defineForKeyAndValue(
  `${apache}.HoistField`,
  config,
  ({ field }, half) => {
    const wrappedSchema = perSchema((schema) =>
      SchemaBuilder.struct().field(field, schema).build(),
    );
    return (record, own) => {
      const schema = half.schemaOf(record);
      const value = half.valueOf(record);
      if (schema === null) {
        return half.replace(record, null, own.take(new Map([[field, value]])));
      }
      const wrapped = wrappedSchema(schema);
      return half.replace(record, wrapped, new Struct(wrapped).put(field, value));
    };
  },
);
