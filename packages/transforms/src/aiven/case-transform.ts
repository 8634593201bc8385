import {
  ConfigError,
  DataError,
  defineConfig,
  isStruct,
  list,
  Struct,
  string,
  validator,
} from '@tributary/sdk';
import { aiven } from '../class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from '../define.ts';
import { textOf } from '../java-value.ts';
import { isPlainObject, requireMap } from '../requirements.ts';
import { checkedCopy } from '../struct-copy.ts';

const config = defineConfig(
  list('field.names', { importance: 'HIGH', doc: 'Text fields to change.' }),
  string('case', {
    importance: 'HIGH',
    validator: validator('non-empty string', (name, value) => {
      if (!/^(lower|upper)$/i.test(String(value))) {
        throw new ConfigError(name, value, 'String must be one of: lower, upper');
      }
    }),
    doc: 'What the letters become: lower or upper.',
  }),
);

/** Makes the letters of fields lower or upper case. */
export const caseTransform: KeyAndValue = defineForKeyAndValue(
  `${aiven}.CaseTransform`,
  config,
  ({ 'field.names': names, case: letterCase }, half) => {
    const changed = new Set(names);
    const isUpper = letterCase.toLowerCase() === 'upper';
    const change = (text: string): string => (isUpper ? text.toUpperCase() : text.toLowerCase());
    return (record, own) => {
      const value = half.valueOf(record);
      if (value === null) throw new DataError(`${half.name} Value can't be null: ${record}`);
      if (isStruct(value)) return half.replace(record, value.schema, changeStruct(value));
      if (value instanceof Map || isPlainObject(value)) {
        const updated = own.of(requireMap(value, 'case transformation'));
        for (const name of changed) {
          const member = updated.get(name) ?? null;
          updated.set(
            name,
            member === null ? null : change(textOf({ schema: null, value: member })),
          );
        }
        return half.replace(record, half.schemaOf(record), updated);
      }
      throw new DataError(`Value type must be STRUCT or MAP: ${record}`);
    };

    /** Only text can hold the result: fields of other types stay as they are. */
    function changeStruct(struct: Struct): Struct {
      const values = struct.schema.fields.map((field) => {
        const value = checkedCopy(struct.get(field), field);
        const isText = field.schema.type === 'STRING' && changed.has(field.name);
        return isText && value !== null ? change(String(value)) : value;
      });
      return new Struct(struct.schema, values);
    }
  },
);
