import { createHash } from 'node:crypto';
import {
  boolean,
  type ConnectRecord,
  DataError,
  defineConfig,
  type Schema,
  Struct,
  string,
} from '@tributary/sdk';
import { aiven } from '../class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from '../define.ts';
import { requireStruct } from '../requirements.ts';

const config = defineConfig(
  string('field.name', {
    default: null,
    importance: 'HIGH',
    doc: 'Text field to hash; empty: the whole key or value.',
  }),
  boolean('skip.missing.or.null', {
    default: false,
    importance: 'LOW',
    doc: 'Whether records without it pass unchanged instead of failing.',
  }),
  string('function', {
    importance: 'HIGH',
    oneOf: ['md5', 'sha1', 'sha256'],
    doc: 'Hash function: md5, sha1 or sha256.',
  }),
);

/** Replaces a text by its hash in hexadecimal digits. */
export const hash: KeyAndValue = defineForKeyAndValue(
  `${aiven}.Hash`,
  config,
  ({ 'field.name': fieldName, 'skip.missing.or.null': skips, function: algorithm }, half) => {
    const name = fieldName ?? '';
    return (record) => {
      const schema = half.schemaOf(record);
      if (schema === null) throw new DataError(`${half.name} schema can't be null: ${record}`);
      const hashed =
        name === '' ? hashWhole(record, schema) : hashField(record, schema, half.valueOf(record));
      return hashed === null ? record : half.replace(record, schema, hashed);
    };

    function hashWhole(record: ConnectRecord, schema: Schema): string | null {
      if (schema.type !== 'STRING') {
        throw new DataError(
          `${half.name} schema type must be STRING if field name is not specified: ${record}`,
        );
      }
      const value = half.valueOf(record);
      if (value === null) return skipOrFail(`${half.name} can't be null`, record);
      return digest(String(value));
    }

    function hashField(record: ConnectRecord, schema: Schema, value: unknown): Struct | null {
      if (schema.type !== 'STRUCT') {
        throw new DataError(
          `${half.name} schema type must be STRUCT if field name is specified: ${record}`,
        );
      }
      if (value === null) {
        throw new DataError(`${half.name} can't be null if field name is specified: ${record}`);
      }
      const field = schema.field(name);
      if (field === null) {
        return skipOrFail(`${name} in ${half.name} schema can't be missing`, record);
      }
      if (field.schema.type !== 'STRING') {
        throw new DataError(`${name} schema type in ${half.name} must be STRING: ${record}`);
      }
      const struct = requireStruct(value, schema, 'hashing');
      const text = struct.getString(name);
      if (text === null) return skipOrFail(`${name} in ${half.name} can't be null`, record);
      const values = schema.fields.map((each) => struct.at(each.index));
      values[field.index] = digest(text);
      return new Struct(schema, values);
    }

    function digest(text: string): string {
      return createHash(algorithm).update(text, 'utf8').digest('hex');
    }

    function skipOrFail(problem: string, record: ConnectRecord): null {
      if (skips) return null;
      throw new DataError(`${problem}: ${record}`);
    }
  },
);
