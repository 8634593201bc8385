import {
  boolean,
  type ConnectRecord,
  DataError,
  defineConfig,
  type Schema,
  type SchemaType,
  string,
} from '@tributary/sdk';
import { aiven } from '../class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from '../define.ts';
import { type FieldValue, fieldOf, isScalar, textOf } from '../java-value.ts';

const config = defineConfig(
  string('field.name', {
    default: null,
    importance: 'HIGH',
    doc: 'Field with the topic; empty: the whole key or value is it.',
  }),
  boolean('skip.missing.or.null', {
    default: false,
    importance: 'LOW',
    doc: 'Whether records without one keep their topic instead of failing.',
  }),
);

const types: readonly SchemaType[] = [
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FLOAT32',
  'FLOAT64',
  'BOOLEAN',
  'STRING',
];
const classes =
  '[class java.lang.Byte, class java.lang.Short, class java.lang.Integer, class java.lang.Long, ' +
  'class java.lang.Double, class java.lang.Float, class java.lang.Boolean, class java.lang.String]';

/** Sends records to the topic that the key, the value or one of their fields names. */
export const extractTopic: KeyAndValue = defineForKeyAndValue(
  `${aiven}.ExtractTopic`,
  config,
  ({ 'field.name': fieldName, 'skip.missing.or.null': skips }, half) => {
    const name = fieldName ?? '';
    const place = name === '' ? half.name : `${name} in ${half.name}`;
    return (record) => {
      const schema = half.schemaOf(record);
      const found = find(record, schema, half.valueOf(record));
      const topic = found === null || found.value === null ? '' : textOf(found);
      const isEmpty = schema === null ? topic.trim() === '' : topic === '';
      if (!isEmpty) return record.newRecord({ topic });
      if (skips) return record;
      const what = found === null ? "schema can't be missing" : "can't be null or empty";
      throw new DataError(
        `${place} ${schema === null ? "can't be null or empty" : what}: ${record}`,
      );
    };

    /** Null when there is no such field. */
    function find(record: ConnectRecord, schema: Schema | null, value: unknown): FieldValue | null {
      const found = name === '' ? { schema, value } : findField(record, schema, value);
      if (found === null) return null;
      if (found.schema === null) checkClass(record, found.value, value);
      else checkType(record, found.schema);
      return found;
    }

    function findField(
      record: ConnectRecord,
      schema: Schema | null,
      value: unknown,
    ): FieldValue | null {
      if (schema !== null && schema.type !== 'STRUCT') {
        throw new DataError(
          `${half.name} schema type must be STRUCT if field name is specified: ${record}`,
        );
      }
      if (value === null) {
        throw new DataError(`${half.name} can't be null if field name is specified: ${record}`);
      }
      const field = fieldOf(value, name);
      if (field !== undefined) return field;
      throw new DataError(`${half.name} type must be Map if field name is specified: ${record}`);
    }

    function checkType(record: ConnectRecord, schema: Schema): void {
      if (types.includes(schema.type)) return;
      const list = `[${types.join(', ')}]`;
      throw new DataError(
        name === ''
          ? `${half.name} schema type must be ${list} if field name is not specified: ${record}`
          : `${name} schema type in ${half.name} must be ${list}: ${record}`,
      );
    }

    function checkClass(record: ConnectRecord, value: unknown, whole: unknown): void {
      if (value === null || isScalar(value)) return;
      const prefix = name === '' ? 'type' : `${name} type`;
      throw new DataError(
        `${prefix} in ${half.name} ${textOf({ schema: null, value: whole })} must be ${classes}: ${record}`,
      );
    }
  },
);
