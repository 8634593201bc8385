import { isDecimal } from './decimal.ts';
import { DataError } from './errors.ts';
import { isStruct } from './is-struct.ts';
import { javaClassName } from './java-class.ts';
import { javaText } from './java-text.ts';
import type { Schema } from './schema.ts';
import { TypedNumber } from './typed-number.ts';

/**
 * A value as header text: strings as they are, bytes in base64, lists, maps and structs close to JSON. Null for null.
 * DataError for a value that is none of Connect's. Source: Kafka Connect `Values.convertToString`.
 */
export function valueToText(schema: Schema | null, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return base64(value);
  return embedded(schema, value);
}

function embedded(schema: Schema | null, value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `"${value.replace(/[\\"]/g, '\\$&')}"`;
    case 'number':
    case 'bigint':
    case 'boolean':
      return javaText(value, schema);
    case 'undefined':
      return 'null';
    case 'object':
      return value === null ? 'null' : objectText(schema, value);
    default:
      throw unexpected(value);
  }
}

function objectText(schema: Schema | null, value: object): string {
  if (value instanceof Uint8Array) return `"${base64(value)}"`;
  if (Array.isArray(value)) {
    const element = schema?.type === 'ARRAY' ? schema.valueSchema : null;
    return `[${value.map((item) => embedded(element, item)).join(',')}]`;
  }
  if (value instanceof Map) return mapText(schema, [...value]);
  if (isStruct(value)) {
    const texts = value.schema.fields.map(
      (field) => `${embedded(null, field.name)}:${embedded(field.schema, value.get(field))}`,
    );
    return `{${texts.join(',')}}`;
  }
  if (value instanceof Date) return dateText(value);
  if (isDecimal(value) || value instanceof TypedNumber) return javaText(value);
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return mapText(schema, Object.entries(value));
  }
  throw unexpected(value);
}

function mapText(schema: Schema | null, entries: [unknown, unknown][]): string {
  const isMap = schema?.type === 'MAP';
  const keySchema = isMap ? schema.keySchema : null;
  const valueSchema = isMap ? schema.valueSchema : null;
  const texts = entries.map(
    ([key, item]) => `${embedded(keySchema, key)}:${embedded(valueSchema, item)}`,
  );
  return `{${texts.join(',')}}`;
}

/** Up to the first day it is a time, on midnights a date, else both. */
function dateText(date: Date): string {
  const millis = date.getTime();
  const time = `${pad(date.getUTCHours(), 2)}:${pad(date.getUTCMinutes(), 2)}:${pad(date.getUTCSeconds(), 2)}.${pad(date.getUTCMilliseconds(), 3)}Z`;
  if (millis < 86_400_000) return time;
  const day = `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`;
  return millis % 86_400_000 === 0 ? day : `${day}T${time}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

function unexpected(value: unknown): DataError {
  return new DataError(
    `Failed to serialize unexpected value type ${javaClassName(value)}: ${String(value)}`,
  );
}
