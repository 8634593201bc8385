import {
  boolean,
  ConfigError,
  compileJavaPattern,
  convertToString,
  defineConfig,
  inferSchema,
  parseString,
  string,
  TypedNumber,
  valuesEqual,
} from '@tributary/sdk';
import { aiven } from '../class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from '../define.ts';
import { type FieldValue, fieldOf } from '../java-value.ts';
import { requireMap, requireStruct } from '../requirements.ts';

const purpose = 'filtering by field value';

const config = defineConfig(
  string('field.name', {
    default: null,
    importance: 'HIGH',
    doc: 'Field to look at; empty: the whole key or value, when it has no schema.',
  }),
  string('field.value', {
    default: null,
    importance: 'HIGH',
    doc: 'Value to find; its type is found as for header text.',
  }),
  string('field.value.pattern', {
    default: null,
    importance: 'HIGH',
    doc: 'Java regular expression to find in the text of the value instead.',
  }),
  boolean('field.value.matches', {
    default: true,
    doc: 'Whether records that match stay (true) or go (false).',
  }),
);

/** Keeps records whose field has a value or is of some form. */
export const filterByFieldValue: KeyAndValue = defineForKeyAndValue(
  `${aiven}.FilterByFieldValue`,
  config,
  (options, half) => {
    const name = options['field.name'] ?? '';
    const matches = readCondition(options['field.value'], options['field.value.pattern']);
    const keepsMatches = options['field.value.matches'];
    return (record) => {
      const value = half.valueOf(record);
      if (value === null) return record;
      return matches(find(half.schemaOf(record) !== null, value)) === keepsMatches ? record : null;
    };

    function find(hasSchema: boolean, value: unknown): FieldValue | null {
      if (name === '' && !hasSchema) return withSchema({ schema: null, value });
      const container = hasSchema
        ? requireStruct(value, null, purpose)
        : requireMap(value, purpose);
      const field = fieldOf(container, name) ?? null;
      return field === null || field.value === null ? null : withSchema(field);
    }
  },
);

type Condition = (field: FieldValue | null) => boolean;

function readCondition(expected: string | null, pattern: string | null): Condition {
  const hasPattern = pattern !== null && pattern !== '';
  if ((expected !== null) === hasPattern) {
    throw new ConfigError(
      'Either field.value or field.value.pattern have to be set to apply filter transform',
    );
  }
  if (expected === null) {
    const compiled = compileJavaPattern(pattern ?? '');
    return (field) =>
      field !== null && compiled.isFoundIn(convertToString(field.schema, field.value) ?? '');
  }
  const parsed = parseString(expected);
  const wanted = parsed && typedValue(parsed.schema, parsed.value);
  return (field) => field !== null && valuesEqual(typedValue(field.schema, field.value), wanted);
}

function withSchema(field: FieldValue): FieldValue {
  return field.schema === null ? { ...field, schema: inferSchema(field.value) } : field;
}

/** An INT8 of 1 and an INT32 of 1 are different values, as they are in Java. */
function typedValue(schema: FieldValue['schema'], value: unknown): unknown {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value;
  const type = (schema?.type ?? 'INT64') as TypedNumber['type'];
  return new TypedNumber(type, type === 'INT64' ? BigInt(value) : Number(value));
}
