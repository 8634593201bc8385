import { defineConfig, IllegalArgumentError, string } from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from './define.ts';
import { fieldPath, fieldSyntaxVersion } from './field-path.ts';
import { perSchema } from './per-schema.ts';
import { requireMapOrNull, requireStructOrNull } from './requirements.ts';
import { replaceNullWithDefault } from './struct-copy.ts';

const purpose = 'field extraction';

const config = defineConfig(
  string('field', { doc: 'Field to extract.' }),
  replaceNullWithDefault,
  fieldSyntaxVersion,
);

/** Replaces data by one of its fields. */
export const extractField: KeyAndValue = defineForKeyAndValue(
  `${apache}.ExtractField`,
  config,
  (options, half) => {
    const path = fieldPath(options.field, options['field.syntax.version']);
    const withDefault = options['replace.null.with.default'];
    const fieldSchema = perSchema((schema) => {
      const found = path.schemaIn(schema);
      if (found === null) throw new IllegalArgumentError(`Unknown field: ${options.field}`);
      return found;
    });
    return (record) => {
      const schema = half.schemaOf(record);
      const value = half.valueOf(record);
      if (schema === null) {
        const map = requireMapOrNull(value, purpose);
        return half.replace(record, null, map && path.valueInMap(map));
      }
      const struct = requireStructOrNull(value, schema, purpose);
      const found = fieldSchema(schema);
      return half.replace(record, found, struct && path.valueInStruct(struct, withDefault));
    };
  },
);
