import { Decimal, isDecimal } from './decimal.ts';
import { DataError, SchemaBuilderError } from './errors.ts';
import { isStruct } from './is-struct.ts';
import { javaClassName } from './java-class.ts';
import { javaText } from './java-text.ts';
import {
  DATE_SCHEMA,
  dateToDays,
  decimalFromBytes,
  decimalSchema,
  decimalToBytes,
  instantOf,
  TIME_SCHEMA,
  TIMESTAMP_SCHEMA,
  timeFromInt,
  timeToMillis,
} from './logical.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from './logical-names.ts';
import { NumberFormatError } from './number-format-error.ts';
import {
  BOOLEAN_SCHEMA,
  BYTES_SCHEMA,
  FLOAT32_SCHEMA,
  FLOAT64_SCHEMA,
  INT8_SCHEMA,
  INT16_SCHEMA,
  INT32_SCHEMA,
  INT64_SCHEMA,
  Schema,
  type SchemaAndValue,
  type SchemaType,
  STRING_SCHEMA,
} from './schema.ts';
import type { Struct } from './struct.ts';
import { numberTypeOf, TypedNumber } from './typed-number.ts';
import { parseText, typedParts } from './values-parse.ts';
import { valueToText } from './values-text.ts';

/** As `parseText`. */
export function parseString(text: string | null): SchemaAndValue | null {
  return parseText(text, (schema, value) => convertValue(schema, null, value));
}

/**
 * `value` of schema `from` (null: unknown) as a value of `to`. DataError when there is no way.
 * Source: Kafka Connect `Values.convertTo…`.
 */
export function convertValue(to: Schema, from: Schema | null, value: unknown): unknown {
  if (value === null || value === undefined) {
    if (to.isOptional) return null;
    throw new DataError('Unable to convert a null value to a schema that requires a value');
  }
  switch (to.type) {
    case 'BYTES':
      return toBytes(to, from, value);
    case 'STRING':
      return valueToText(from, value);
    case 'BOOLEAN':
      return toBoolean(from, value);
    case 'INT8':
      return Number(BigInt.asIntN(8, asLong(from, value)));
    case 'INT16':
      return Number(BigInt.asIntN(16, asLong(from, value)));
    case 'INT32':
      if (to.name === DATE_NAME) return toDate(from, value);
      if (to.name === TIME_NAME) return toTime(from, value);
      return Number(BigInt.asIntN(32, asLong(from, value)));
    case 'INT64':
      if (to.name === TIMESTAMP_NAME) return toTimestamp(from, value);
      return asLong(from, value);
    case 'FLOAT32':
      return Math.fround(asDouble(from, value));
    case 'FLOAT64':
      return asDouble(from, value);
    case 'ARRAY':
    case 'MAP':
      return toContainer(to, from, value);
    case 'STRUCT':
      if (isStruct(value)) return value;
      throw unable(value, from, String(to));
  }
}

export function convertToBoolean(schema: Schema | null, value: unknown): boolean | null {
  return orNull(BOOLEAN_SCHEMA, schema, value) as boolean | null;
}

export function convertToByte(schema: Schema | null, value: unknown): number | null {
  return orNull(INT8_SCHEMA, schema, value) as number | null;
}

export function convertToShort(schema: Schema | null, value: unknown): number | null {
  return orNull(INT16_SCHEMA, schema, value) as number | null;
}

export function convertToInteger(schema: Schema | null, value: unknown): number | null {
  return orNull(INT32_SCHEMA, schema, value) as number | null;
}

export function convertToLong(schema: Schema | null, value: unknown): bigint | null {
  return orNull(INT64_SCHEMA, schema, value) as bigint | null;
}

export function convertToFloat(schema: Schema | null, value: unknown): number | null {
  return orNull(FLOAT32_SCHEMA, schema, value) as number | null;
}

export function convertToDouble(schema: Schema | null, value: unknown): number | null {
  return orNull(FLOAT64_SCHEMA, schema, value) as number | null;
}

export function convertToString(schema: Schema | null, value: unknown): string | null {
  return orNull(STRING_SCHEMA, schema, value) as string | null;
}

export function convertToList(schema: Schema | null, value: unknown): unknown[] {
  return convertValue(anyArray, schema, value) as unknown[];
}

export function convertToMap(schema: Schema | null, value: unknown): Map<unknown, unknown> {
  return convertValue(anyMap, schema, value) as Map<unknown, unknown>;
}

export function convertToStruct(schema: Schema | null, value: unknown): Struct {
  return convertValue(anyStruct, schema, value) as Struct;
}

export function convertToDate(schema: Schema | null, value: unknown): Date {
  return convertValue(DATE_SCHEMA, schema, value) as Date;
}

export function convertToTime(schema: Schema | null, value: unknown): Date {
  return convertValue(TIME_SCHEMA, schema, value) as Date;
}

export function convertToTimestamp(schema: Schema | null, value: unknown): Date {
  return convertValue(TIMESTAMP_SCHEMA, schema, value) as Date;
}

/** `scale` is used for bytes only; numbers and text keep their own. */
export function convertToDecimal(schema: Schema | null, value: unknown, scale: number): Decimal {
  return convertValue(decimalSchema(scale), schema, value) as Decimal;
}

/** The schema of a value without one; null where it has none: dates, decimals, empty and mixed containers. */
export function inferSchema(value: unknown): Schema | null {
  switch (typeof value) {
    case 'string':
      return STRING_SCHEMA;
    case 'boolean':
      return BOOLEAN_SCHEMA;
    case 'number':
      return numberSchemas[numberTypeOf(value)];
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? INT64_SCHEMA : null;
    default:
      return inferObjectSchema(value);
  }
}

function inferObjectSchema(value: unknown): Schema | null {
  if (value instanceof TypedNumber) return numberSchemas[value.type];
  if (value instanceof Uint8Array) return BYTES_SCHEMA;
  if (isStruct(value)) return value.schema;
  if (Array.isArray(value)) {
    const valueSchema = inferElements(value);
    return valueSchema && new Schema({ type: 'ARRAY', valueSchema });
  }
  if (value instanceof Map) {
    const keySchema = inferElements([...value.keys()]);
    const valueSchema = inferElements([...value.values()]);
    return keySchema && valueSchema && new Schema({ type: 'MAP', keySchema, valueSchema });
  }
  return null;
}

const numberSchemas = {
  INT8: INT8_SCHEMA,
  INT16: INT16_SCHEMA,
  INT32: INT32_SCHEMA,
  INT64: INT64_SCHEMA,
  FLOAT32: FLOAT32_SCHEMA,
  FLOAT64: FLOAT64_SCHEMA,
} as const;
const anyArray = new Schema({ type: 'ARRAY' });
const anyMap = new Schema({ type: 'MAP' });
const anyStruct = new Schema({ type: 'STRUCT' });

/** Bare types only: what is inside a nested container is not looked for. */
function inferElements(values: unknown[]): Schema | null {
  if (values.length === 0) return null;
  let type: SchemaType | null = null;
  for (const value of values) {
    if (value === null) continue;
    const found = inferSchema(value)?.type ?? null;
    if (found === null || (type !== null && found !== type)) return null;
    type = found;
  }
  if (type === null) throw new SchemaBuilderError('type cannot be null');
  return new Schema({ type, isOptional: values.includes(null) });
}

function orNull(to: Schema, from: Schema | null, value: unknown): unknown {
  return value === null || value === undefined ? null : convertValue(to, from, value);
}

function toBytes(to: Schema, from: Schema | null, value: unknown): unknown {
  if (to.name === DECIMAL_NAME) {
    if (value instanceof Uint8Array) return decimalFromBytes(to, value);
    if (isDecimal(value)) return value;
    if (isNumber(value)) return decimalOf(javaText(numberOf(value), FLOAT64_SCHEMA));
    if (typeof value === 'string') return decimalOf(value);
  }
  if (value instanceof Uint8Array) return value;
  if (isDecimal(value)) return decimalToBytes(to, value);
  throw unable(value, from, String(to));
}

function decimalOf(text: string): Decimal {
  const decimal = Decimal.parse(text);
  if (decimal === null) throw NumberFormatError.forDecimal(text);
  return decimal;
}

function toBoolean(from: Schema | null, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    const parsed = parseString(value)?.value;
    if (typeof parsed === 'boolean') return parsed;
  }
  return asLong(from, value) !== 0n;
}

function toDate(from: Schema | null, value: unknown): Date {
  const parsed = unpacked(value);
  if (parsed instanceof Date) {
    if (from === null || from.name === DATE_NAME) return parsed;
    if (from.name === TIMESTAMP_NAME) {
      return new Date(Math.trunc(parsed.getTime() / 86_400_000) * 86_400_000);
    }
  }
  return instantOf(Number(BigInt.asIntN(32, asLong(from, parsed))) * 86_400_000);
}

function toTime(from: Schema | null, value: unknown): Date {
  const parsed = unpacked(value);
  if (parsed instanceof Date) {
    if (from === null || from.name === TIME_NAME) return parsed;
    if (from.name === TIMESTAMP_NAME) {
      const millis = parsed.getTime() % 86_400_000;
      return new Date(millis < 0 ? millis + 86_400_000 : millis);
    }
  }
  return timeFromInt(TIME_SCHEMA, Number(BigInt.asIntN(32, asLong(from, parsed))));
}

function toTimestamp(from: Schema | null, value: unknown): Date {
  const parsed = unpacked(value);
  if (parsed instanceof Date) {
    if (from === null || from.name === TIMESTAMP_NAME) return parsed;
    if (from.name === DATE_NAME) return new Date(dateToDays(parsed) * 86_400_000);
    if (from.name === TIME_NAME) return new Date(timeToMillis(parsed));
  }
  return instantOf(Number(asLong(from, parsed)));
}

function toContainer(to: Schema, from: Schema | null, value: unknown): unknown {
  const parsed = typeof value === 'string' ? parseString(value) : null;
  const container = parsed === null ? value : parsed.value;
  const isOne = to.type === 'ARRAY' ? Array.isArray(container) : container instanceof Map;
  if (isOne) return container;
  throw unable(container, parsed === null ? from : parsed.schema, String(to));
}

/** Text is what it parses to. */
function unpacked(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const parsed = parseString(value);
  if (parsed === null)
    throw new DataError('Unable to convert a null value to a schema that requires a value');
  return typedParts(parsed.schema, parsed.value);
}

function asLong(from: Schema | null, value: unknown): bigint {
  if (isNumber(value)) return longOf(value instanceof TypedNumber ? value.value : value);
  if (isDecimal(value)) return lowBits(value);
  if (typeof value === 'string') {
    const decimal = Decimal.parse(value);
    if (decimal !== null) return lowBits(decimal);
  }
  if (from !== null && value instanceof Date) {
    if (from.name === DATE_NAME) return BigInt(dateToDays(value));
    if (from.name === TIME_NAME) return BigInt(timeToMillis(value));
    if (from.name === TIMESTAMP_NAME) return BigInt(value.getTime());
  }
  throw unable(value, from, from === null ? 'a number' : String(from));
}

function asDouble(from: Schema | null, value: unknown): number {
  if (isNumber(value)) return numberOf(value);
  if (isDecimal(value)) return value.toNumber();
  if (typeof value === 'string') {
    const decimal = Decimal.parse(value);
    if (decimal !== null) return decimal.toNumber();
  }
  return Number(asLong(from, value));
}

/** A double is cut to a whole number and held within 64 bits; NaN is 0. */
function longOf(value: number | bigint): bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value);
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return 2n ** 63n - 1n;
  if (value <= -(2 ** 63)) return -(2n ** 63n);
  return BigInt(Math.trunc(value));
}

function lowBits(decimal: Decimal): bigint {
  // 10^64 is a multiple of 2^64, and what is below 1 has no whole part: no need to write such numbers out.
  const digits = decimal.unscaled.toString().length;
  if (decimal.scale <= -64 || decimal.scale > digits) return 0n;
  return BigInt.asIntN(64, decimal.toBigInt());
}

function isNumber(value: unknown): value is number | bigint | TypedNumber {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof TypedNumber;
}

function numberOf(value: number | bigint | TypedNumber): number {
  return Number(value instanceof TypedNumber ? value.value : value);
}

function unable(value: unknown, from: Schema | null, to: string): DataError {
  return new DataError(
    `Unable to convert ${javaText(value, from)} (class ${javaClassName(value, from)}) to ${to}`,
  );
}
