import { isDecimal } from './decimal.ts';
import { isStruct } from './is-struct.ts';
import type { Schema } from './schema.ts';
import { type NumberType, numberTypeOf, TypedNumber } from './typed-number.ts';

const numberClasses = {
  INT8: 'java.lang.Byte',
  INT16: 'java.lang.Short',
  INT32: 'java.lang.Integer',
  INT64: 'java.lang.Long',
  FLOAT32: 'java.lang.Float',
  FLOAT64: 'java.lang.Double',
} as const;

/**
 * Name of the Java class that holds such a value, for messages; a number has the class that `schema` says, where it is given.
 * A value without a Java equivalent goes by its JavaScript class.
 */
export function javaClassName(value: unknown, schema: Schema | null = null): string {
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  const fits =
    typeof value === 'bigint'
      ? BigInt.asIntN(64, value) === value
      : Number.isInteger(value) || schema?.type === 'FLOAT32';
  if (isNumber && fits && schema !== null && schema.type in numberClasses) {
    return numberClasses[schema.type as NumberType];
  }
  switch (typeof value) {
    case 'string':
      return 'java.lang.String';
    case 'boolean':
      return 'java.lang.Boolean';
    case 'number':
      return numberClasses[numberTypeOf(value)];
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? 'java.lang.Long' : 'java.math.BigInteger';
    case 'object':
      return value === null ? 'null' : objectClassName(value);
    default:
      return typeof value;
  }
}

function objectClassName(value: object): string {
  if (value instanceof TypedNumber) return numberClasses[value.type];
  if (isStruct(value)) return 'org.apache.kafka.connect.data.Struct';
  if (isDecimal(value)) return 'java.math.BigDecimal';
  if (value instanceof Date) return 'java.util.Date';
  if (value instanceof Uint8Array) return '[B';
  if (Array.isArray(value)) return 'java.util.ArrayList';
  if (value instanceof Map) return 'java.util.LinkedHashMap';
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return 'java.util.LinkedHashMap';
  return value.constructor.name;
}
