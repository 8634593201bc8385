import {
  bigintToFloat,
  DATE_NAME,
  DataError,
  DECIMAL_NAME,
  Decimal,
  decimalFromBytes,
  decimalToFloat,
  type Field,
  instantOf,
  type Schema,
  Struct,
  shortNumberToFloat,
  TIME_NAME,
  TIMESTAMP_NAME,
  TypedNumber,
  timeFromInt,
  validateValue,
} from '@tributary/sdk';
import { JsonFraction, type JsonNode, type JsonObject } from './json-parser.ts';

export interface DecoderOptions {
  readonly replacesNullWithDefault: boolean;
}

/** JSON node -> value of the schema; undefined is a missing member. */
export type Decoder = (node: JsonNode | undefined) => unknown;

/** Everything that the schema decides is decided here, once. */
export function compileDecoder(schema: Schema | null, options: DecoderOptions): Decoder {
  if (schema === null) return (node) => decodeSchemaless(node ?? null);
  const decodeValue = compileValue(schema, options);
  const { defaultValue, isOptional, type } = schema;
  const hasDefault = options.replacesNullWithDefault && defaultValue !== null;
  return (node) => {
    if (node !== null && node !== undefined) return decodeValue(node);
    if (hasDefault) return defaultValue;
    if (isOptional) return null;
    throw new DataError(`Invalid null value for required ${type} field`);
  };
}

/** Whole numbers are INT64, others FLOAT64, objects Maps. */
export function decodeSchemaless(node: JsonNode): unknown {
  switch (typeof node) {
    case 'bigint':
      return safeInteger(BigInt.asIntN(64, node));
    case 'object':
      return node === null ? null : decodeObject(node);
    default:
      return node;
  }
}

/** Whether the digits of fractions matter to the schema: only for decimals. */
export function hasDecimals(schema: Schema | null): boolean {
  if (schema === null) return false;
  if (schema.name === DECIMAL_NAME) return true;
  if (schema.type === 'STRUCT') return schema.fields.some((field) => hasDecimals(field.schema));
  if (schema.type === 'ARRAY') return hasDecimals(schema.valueSchema);
  return (
    schema.type === 'MAP' && (hasDecimals(schema.keySchema) || hasDecimals(schema.valueSchema))
  );
}

function compileValue(schema: Schema, options: DecoderOptions): Decoder {
  switch (schema.name) {
    case DECIMAL_NAME:
      return (node) => decodeDecimal(schema, node as JsonNode);
    case DATE_NAME:
      return (node) => instantOf(requireInt('Date', node as JsonNode) * 86_400_000);
    case TIME_NAME:
      return (node) => timeFromInt(schema, requireInt('Time', node as JsonNode));
    case TIMESTAMP_NAME:
      return (node) => decodeTimestamp(node as JsonNode);
    default:
      return compileType(schema, options);
  }
}

function compileType(schema: Schema, options: DecoderOptions): Decoder {
  switch (schema.type) {
    case 'INT8':
      return (node) => (toInt(node) << 24) >> 24;
    case 'INT16':
      return (node) => (toInt(node) << 16) >> 16;
    case 'INT32':
      return toInt;
    case 'INT64':
      return toLong;
    case 'FLOAT32':
      return toFloat;
    case 'FLOAT64':
      return toDouble;
    case 'BOOLEAN':
      return (node) => node === true;
    case 'STRING':
      return (node) => (typeof node === 'string' ? node : null);
    case 'BYTES':
      return (node) =>
        typeof node === 'string' ? decodeBase64(node, 'Invalid bytes field') : null;
    case 'ARRAY':
      return compileArray(schema, options);
    case 'MAP':
      return compileMap(schema, options);
    case 'STRUCT':
      return compileStruct(schema, options);
  }
}

function compileArray(schema: Schema, options: DecoderOptions): Decoder {
  const decodeItem = compileDecoder(schema.valueSchema, options);
  return (node) => {
    if (Array.isArray(node)) return node.map((item) => decodeItem(item));
    // As in Java: an object is the list of its members, anything else has none.
    return isObject(node) ? Object.values(node).map((item) => decodeItem(item)) : [];
  };
}

function compileMap(schema: Schema, options: DecoderOptions): Decoder {
  const decodeKey = compileDecoder(schema.keySchema, options);
  const decodeItem = compileDecoder(schema.valueSchema, options);
  if (schema.keySchema === null || schema.keySchema.type === 'STRING') {
    return (node) => {
      if (!isObject(node)) {
        throw new DataError(
          `Maps with string fields should be encoded as JSON objects, but found ${kindOf(node)}`,
        );
      }
      const map = new Map<unknown, unknown>();
      for (const key of Object.keys(node)) map.set(key, decodeItem(node[key]));
      return map;
    };
  }
  return (node) => {
    if (!Array.isArray(node)) {
      throw new DataError(
        `Maps with non-string fields should be encoded as JSON array of tuples, but found ${kindOf(node)}`,
      );
    }
    const map = new Map<unknown, unknown>();
    for (const entry of node) {
      if (!Array.isArray(entry)) {
        throw new DataError(`Found invalid map entry instead of array tuple: ${kindOf(entry)}`);
      }
      if (entry.length !== 2) {
        throw new DataError(
          `Found invalid map entry, expected length 2 but found :${entry.length}`,
        );
      }
      map.set(decodeKey(entry[0]), decodeItem(entry[1]));
    }
    return map;
  };
}

function compileStruct(schema: Schema, options: DecoderOptions): Decoder {
  const decoders = schema.fields.map((field) => compileDecoder(field.schema, options));
  const names = schema.fields.map((field) => field.name);
  const areSafe = names.every((name) => !(name in Object.prototype));
  return (node) => {
    if (!isObject(node)) {
      throw new DataError(`Structs should be encoded as JSON objects, but found ${kindOf(node)}`);
    }
    const values: unknown[] = [];
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      const member = areSafe || Object.hasOwn(node, name) ? node[name] : undefined;
      values[i] = (decoders[i] as Decoder)(member);
      const value = values[i];
      // A text that is none reads as null, which a required field or element refuses.
      if (value === null || Array.isArray(value) || value instanceof Map) {
        const field = schema.fields[i] as Field;
        validateValue(field.name, field.schema, value);
      }
    }
    return new Struct(schema, values);
  };
}

function decodeObject(node: JsonNode[] | JsonObject | JsonFraction): unknown {
  if (Array.isArray(node)) return node.map(decodeSchemaless);
  if (node instanceof JsonFraction) return TypedNumber.of('FLOAT64', node.toNumber());
  const map = new Map<string, unknown>();
  for (const key of Object.keys(node)) map.set(key, decodeSchemaless(node[key] as JsonNode));
  return map;
}

function toInt(node: JsonNode | undefined): number {
  if (typeof node === 'number') return node | 0;
  return Number(BigInt.asIntN(32, toLong(node)));
}

/** The low 64 bits; 0 for what is no number. */
function toLong(node: JsonNode | undefined): bigint {
  if (typeof node === 'number') return BigInt.asIntN(64, BigInt(Math.trunc(node)));
  if (typeof node === 'bigint') return BigInt.asIntN(64, node);
  if (!(node instanceof JsonFraction)) return 0n;
  const decimal = Decimal.parse(node.text);
  // 10^64 is a multiple of 2^64, and what is below 1 has no whole part: no need to write such numbers out.
  if (decimal === null || decimal.scale <= -64 || decimal.scale > node.text.length) return 0n;
  return BigInt.asIntN(64, decimal.toBigInt());
}

function toDouble(node: JsonNode | undefined): number {
  if (typeof node === 'number') return node;
  if (typeof node === 'bigint') return Number(node);
  return node instanceof JsonFraction ? node.toNumber() : 0;
}

function toFloat(node: JsonNode | undefined): number {
  if (typeof node === 'number') return shortNumberToFloat(node);
  if (typeof node === 'bigint') return bigintToFloat(node);
  if (!(node instanceof JsonFraction)) return 0;
  const decimal = Decimal.parse(node.text);
  return decimal === null ? 0 : decimalToFloat(decimal) + 0;
}

function decodeDecimal(schema: Schema, node: JsonNode): Decimal {
  if (typeof node === 'string') {
    const bytes = decodeBase64(node, 'Invalid bytes for Decimal field');
    try {
      return decimalFromBytes(schema, bytes);
    } catch (error) {
      throw new DataError('Invalid bytes for Decimal field', { cause: error });
    }
  }
  const decimal = numberToDecimal(node);
  if (decimal !== null) return decimal;
  throw new DataError(
    `Invalid type for Decimal, underlying representation should be numeric or bytes but was ${kindOf(node)}`,
  );
}

function numberToDecimal(node: JsonNode): Decimal | null {
  if (typeof node === 'bigint') return new Decimal(node, 0);
  if (typeof node === 'number') return Decimal.parse(String(node));
  return node instanceof JsonFraction ? Decimal.parse(node.text) : null;
}

function requireInt(what: string, node: JsonNode): number {
  if (typeof node === 'number' && (node | 0) === node) return node;
  throw new DataError(
    `Invalid type for ${what}, underlying representation should be integer but was ${kindOf(node)}`,
  );
}

function decodeTimestamp(node: JsonNode): Date {
  if (typeof node === 'bigint') return instantOf(Number(BigInt.asIntN(64, node)));
  if (typeof node === 'number' && Number.isInteger(node)) return instantOf(node);
  throw new DataError(
    `Invalid type for Timestamp, underlying representation should be integral but was ${kindOf(node)}`,
  );
}

const base64Syntax = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Between the groups of four there may be blanks and line breaks, and a padded group need not be the last. */
const looseBase64Syntax =
  // oxlint-disable-next-line no-control-regex -- Jackson passes over all control characters
  /^(?:[\0-\x20]*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=))*[\0-\x20]*$/;

function decodeBase64(text: string, failure: string): Uint8Array {
  if (base64Syntax.test(text)) return Buffer.from(text, 'base64');
  if (!looseBase64Syntax.test(text)) throw new DataError(failure);
  // The platform stops at the first padding.
  return Buffer.concat(text.split(/=+/).map((part) => Buffer.from(part, 'base64')));
}

function safeInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Neither null nor an array nor a number. */
export function isObject(node: JsonNode | undefined): node is JsonObject {
  return (
    typeof node === 'object' &&
    node !== null &&
    !Array.isArray(node) &&
    !(node instanceof JsonFraction)
  );
}

/** Upper-case name of the node's kind, as messages show it. */
export function kindOf(node: JsonNode | undefined): string {
  if (node === undefined) return 'MISSING';
  if (node === null) return 'NULL';
  if (Array.isArray(node)) return 'ARRAY';
  if (typeof node === 'bigint' || node instanceof JsonFraction) return 'NUMBER';
  return (typeof node).toUpperCase();
}
