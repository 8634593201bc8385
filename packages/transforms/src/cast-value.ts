import {
  bigintToFloat,
  ConfigError,
  DATE_NAME,
  DataError,
  Decimal,
  dateToInt,
  decimalToFloat,
  doubleText,
  floatText,
  inferSchema,
  isDecimal,
  javaClassName,
  javaText,
  type Schema,
  type SchemaType,
  TIME_NAME,
  TIMESTAMP_NAME,
  TypedNumber,
  timestampToLong,
  timeToInt,
  valueToText,
} from '@tributary/sdk';
import { parseJavaDouble, parseJavaFloat } from './java-number.ts';
import { isPlainObject } from './requirements.ts';

/** Casts of single values. Source: Kafka Connect `Cast`. */

const targets = [
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FLOAT32',
  'FLOAT64',
  'BOOLEAN',
  'STRING',
] as const;
const sources: readonly SchemaType[] = [...targets, 'BYTES'];
const types: readonly string[] = [...sources, 'ARRAY', 'MAP', 'STRUCT'];

export type CastTarget = (typeof targets)[number];

/** ConfigError for a name that is no type or none that can be cast to. */
export function castTarget(name: string): CastTarget {
  const type = name.toUpperCase();
  if (!types.includes(type)) {
    throw new ConfigError(
      `Invalid value java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.${type} for configuration Invalid type found in casting spec: ${name}`,
    );
  }
  const target = targets.find((each) => each === type);
  if (target !== undefined) return target;
  throw new ConfigError(
    `Cast transformation does not support casting to ${type}; supported types are [${targets.join(', ')}]`,
  );
}

/** Of values that are not null. */
export type CastValue = (value: unknown) => unknown;

/** What casts values of a schema; it fails for every value of a schema that cannot be cast. */
export function castFrom(schema: Schema, target: CastTarget): CastValue {
  if (!sources.includes(schema.type)) {
    return () => {
      throw unsupported(schema.type);
    };
  }
  if (target === 'STRING') return textCast(schema);
  switch (schema.name) {
    case DATE_NAME:
      return (value) => castValue(dateToInt(schema, value as Date), schema, target);
    case TIME_NAME:
      return (value) => castValue(timeToInt(schema, value as Date), schema, target);
    case TIMESTAMP_NAME:
      return (value) => castValue(timestampToLong(schema, value as Date), schema, target);
    default:
      return (value) => castValue(value, schema, target);
  }
}

/** The result is a number of the very type, also where plain numbers do not tell it. */
export function castSchemaless(value: unknown, target: CastTarget): unknown {
  if (value === null) return null;
  const result = castUntyped(value, target);
  return typeof result === 'number' || typeof result === 'bigint'
    ? TypedNumber.of(target as TypedNumber['type'], result)
    : result;
}

function castUntyped(value: unknown, target: CastTarget): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') {
    return castValue(value, null, target);
  }
  const type = typeOf(value);
  if (!sources.includes(type)) throw unsupported(type);
  if (!(value instanceof TypedNumber)) return castValue(value, null, target);
  return castValue(value.value, inferSchema(value), target);
}

function textCast(schema: Schema): CastValue {
  if (schema.name === null) {
    if (schema.type === 'FLOAT64') return (value) => doubleText(value as number);
    if (schema.type === 'FLOAT32') return (value) => floatText(value as number);
  }
  return (value) => toText(value, schema);
}

function unsupported(type: SchemaType): DataError {
  return new DataError(
    `Cast transformation does not support casting from ${type}; supported types are [${sources.join(', ')}]`,
  );
}

function typeOf(value: unknown): SchemaType {
  if (Array.isArray(value)) return 'ARRAY';
  if (value instanceof Map || isPlainObject(value)) return 'MAP';
  const schema = inferSchema(value);
  if (schema !== null) return schema.type;
  throw new DataError(
    `Cast transformation was passed a value of type class ${javaClassName(value)} which is not supported by Connect's data API`,
  );
}

/** `schema` tells what a number is and is not looked at otherwise. */
function castValue(value: unknown, schema: Schema | null, target: CastTarget): unknown {
  switch (target) {
    case 'INT8':
      return toInteger(value, 8);
    case 'INT16':
      return toInteger(value, 16);
    case 'INT32':
      return toInteger(value, 32);
    case 'INT64':
      return toLong(value);
    case 'FLOAT32':
      return toFloat32(value);
    case 'FLOAT64':
      return toFloat64(value);
    case 'BOOLEAN':
      return toBoolean(value);
    case 'STRING':
      return toText(value, schema);
  }
}

function toInteger(value: unknown, bits: 8 | 16 | 32): number {
  switch (typeof value) {
    case 'number':
      return wrap(saturate(value), bits);
    case 'bigint':
      return Number(BigInt.asIntN(bits, value));
    case 'boolean':
      return value ? 1 : 0;
    case 'string':
      return Number(parseInteger(value, bits));
    default:
      if (isDecimal(value)) return Number(BigInt.asIntN(bits, lowBits(value)));
      throw unexpected(value);
  }
}

function toLong(value: unknown): bigint {
  switch (typeof value) {
    case 'number':
      return doubleToLong(value);
    case 'bigint':
      return BigInt.asIntN(64, value);
    case 'boolean':
      return value ? 1n : 0n;
    case 'string':
      return parseInteger(value, 64);
    default:
      if (isDecimal(value)) return lowBits(value);
      throw unexpected(value);
  }
}

function toFloat32(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return Math.fround(value);
    case 'bigint':
      return bigintToFloat(value);
    case 'boolean':
      return value ? 1 : 0;
    case 'string':
      return parseJavaFloat(value) ?? outOfRange(value);
    default:
      if (isDecimal(value)) return decimalToFloat(value);
      throw unexpected(value);
  }
}

function toFloat64(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return value;
    case 'bigint':
      return Number(value);
    case 'boolean':
      return value ? 1 : 0;
    case 'string':
      return parseJavaDouble(value) ?? outOfRange(value);
    default:
      if (isDecimal(value)) return value.toNumber();
      throw unexpected(value);
  }
}

function toBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.toLowerCase() === 'true';
  return toLong(value) !== 0n;
}

function toText(value: unknown, schema: Schema | null): string {
  if (value instanceof Date || value instanceof Uint8Array)
    return valueToText(null, value) as string;
  return javaText(value, schema);
}

/** What Java's narrowing makes of a double on its way to an int. */
function saturate(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.min(Math.max(Math.trunc(value), -0x80000000), 0x7fffffff);
}

function wrap(value: number, bits: 8 | 16 | 32): number {
  return (value << (32 - bits)) >> (32 - bits);
}

function doubleToLong(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return 2n ** 63n - 1n;
  if (value <= -(2 ** 63)) return -(2n ** 63n);
  return BigInt(Math.trunc(value));
}

/** The whole part's low 64 bits. 10^64 is a multiple of 2^64, so that huge exponents need no huge numbers. */
function lowBits(decimal: Decimal): bigint {
  const digits = decimal.unscaled.toString().length;
  if (decimal.scale <= -64 || decimal.scale > digits) return 0n;
  return BigInt.asIntN(64, decimal.toBigInt());
}

/** Byte.parseByte to Long.parseLong: digits of any script, nothing else. */
function parseInteger(text: string, bits: number): bigint {
  const digits = /^[+-]?\p{Nd}+$/u.test(text) && text.length < 1000 ? Decimal.parse(text) : null;
  if (digits === null || BigInt.asIntN(bits, digits.unscaled) !== digits.unscaled) {
    return outOfRange(text);
  }
  return digits.unscaled;
}

function outOfRange(text: string): never {
  throw new DataError(`Value (${text}) was out of range for requested data type`);
}

function unexpected(value: unknown): DataError {
  return new DataError(`Unexpected type in Cast transformation: class ${javaClassName(value)}`);
}
