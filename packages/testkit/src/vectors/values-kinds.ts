import {
  convertToBoolean,
  convertToByte,
  convertToDate,
  convertToDecimal,
  convertToDouble,
  convertToFloat,
  convertToInteger,
  convertToList,
  convertToLong,
  convertToMap,
  convertToShort,
  convertToString,
  convertToStruct,
  convertToTime,
  convertToTimestamp,
  inferSchema,
  parseString,
  Schema,
  type SchemaType,
} from '@tributary/sdk';
import { writePair } from './converter-kinds.ts';
import type { Adapter, VectorInput } from './vector-file.ts';
import { readSchema, readValue, writeSchema, writeValue } from './vector-values.ts';

export const valuesKinds: Record<string, Adapter> = {
  'values-convert': runConvert,
  'values-parse': (input) => {
    const pair = parseString(input.text);
    return pair && writePair(pair);
  },
  'values-text': (input) => {
    const schema = readSchema(input.schema);
    return convertToString(schema, readValue(input.value, schema));
  },
};

const conversions: Record<string, (schema: Schema | null, value: unknown) => unknown> = {
  boolean: convertToBoolean,
  int8: convertToByte,
  int16: convertToShort,
  int32: convertToInteger,
  int64: convertToLong,
  float32: convertToFloat,
  float64: convertToDouble,
  string: convertToString,
  list: convertToList,
  map: convertToMap,
  struct: convertToStruct,
  date: convertToDate,
  time: convertToTime,
  timestamp: convertToTimestamp,
};

function runConvert(input: VectorInput): unknown {
  if (input.to === 'schema') return writeSchema(inferSchema(readValue(input.value, null)));
  const schema = readSchema(input.schema);
  const value = readValue(input.value, schema);
  if (input.to === 'decimal') {
    return writeValue(convertToDecimal(schema, value, input.scale), null);
  }
  const convert = conversions[input.to];
  if (convert === undefined) throw new Error(`Unknown target "${input.to}"`);
  return writeValue(convert(schema, value), resultSchema(input, value));
}

/** Lists of text carry their element types in what the text parses to. */
function resultSchema(input: VectorInput, value: unknown): Schema | null {
  if (input.to === 'list' || input.to === 'map') {
    return typeof value === 'string'
      ? (parseString(value)?.schema ?? null)
      : readSchema(input.schema);
  }
  const isNumber = /^(int|float)/.test(input.to);
  return isNumber ? new Schema({ type: input.to.toUpperCase() as SchemaType }) : null;
}
