import {
  convertValue,
  DATE_SCHEMA,
  DataError,
  decimalSchema,
  NumberFormatError,
  parseString,
  Schema,
  type SchemaAndValue,
  type SchemaType,
  TIME_SCHEMA,
  TIMESTAMP_SCHEMA,
  valueToText,
} from '@tributary/sdk';
import { answerOf, type FuzzTarget } from './fuzz-target.ts';

/** Every text is a value, and the value has a text. */
const parse: FuzzTarget = {
  name: 'values-parse',
  run(input) {
    const parsed = parseString(input);
    const text = parsed && valueToText(parsed.schema, parsed.value);
    parseString(text);
    return shapeOf(parsed);
  },
};

/** Every value is converted to every schema, or refused as Java refuses it. */
const convert: FuzzTarget = {
  name: 'values-convert',
  run(input) {
    const parsed = parseString(input);
    return [
      ...schemas.map((to) => convertTo(to, null, input)),
      ...schemas.map((to) => convertTo(to, parsed?.schema ?? null, parsed?.value)),
    ].join();
  },
};

export const valuesTargets: readonly FuzzTarget[] = [parse, convert];

const primitives: readonly SchemaType[] = [
  ...(['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64', 'BOOLEAN', 'STRING'] as const),
  'BYTES',
];
const schemas: readonly Schema[] = [
  ...primitives.map((type) => new Schema({ type })),
  new Schema({ type: 'ARRAY', valueSchema: new Schema({ type: 'INT8' }) }),
  new Schema({ type: 'MAP' }),
  DATE_SCHEMA,
  TIME_SCHEMA,
  TIMESTAMP_SCHEMA,
  decimalSchema(2),
];

function convertTo(to: Schema, from: Schema | null, value: unknown): string {
  try {
    return typeof convertValue(to, from, value);
  } catch (error) {
    if (DataError.is(error) || NumberFormatError.is(error)) return answerOf(error);
    throw error;
  }
}

function shapeOf(parsed: SchemaAndValue | null): string {
  const { type, name } = parsed?.schema ?? {};
  const isContainer = type === 'ARRAY' || type === 'MAP';
  return [type, name, isContainer ? parsed?.schema?.valueSchema?.type : ''].join();
}
