import {
  DATE_NAME,
  DataError,
  DECIMAL_NAME,
  dateToDays,
  decimalToBytes,
  doubleText,
  floatText,
  hasClassFor,
  isDecimal,
  isStruct,
  javaClassName,
  type Schema,
  TIME_NAME,
  TIMESTAMP_NAME,
  TypedNumber,
  timeToMillis,
} from '@tributary/sdk';
import { quote } from './json-text.ts';

export interface EncoderOptions {
  readonly isDecimalNumeric: boolean;
  readonly replacesNullWithDefault: boolean;
}

/** Value -> JSON text; DataError for one that does not fit the schema. */
export type Encoder = (value: unknown) => string;

/** Everything that the schema decides is decided here, once. */
export function compileEncoder(schema: Schema | null, options: EncoderOptions): Encoder {
  if (schema === null) return encodeSchemaless;
  const encodeValue = compileValue(schema, options);
  const nullText = compileNull(schema, options, encodeValue);
  return (value) => {
    if (value !== null && value !== undefined) return encodeValue(value);
    if (nullText !== null) return nullText;
    throw new DataError(
      'Conversion error: null value for field that is required and has no default value',
    );
  };
}

/** By what the value is. */
export function encodeSchemaless(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return numberText(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return value.toString();
      throw noSchemaType(value);
    case 'undefined':
      return 'null';
    case 'object':
      return value === null ? 'null' : objectText(value);
    default:
      throw noSchemaType(value);
  }
}

/** What null is written as; null when it must not be. */
function compileNull(schema: Schema, options: EncoderOptions, encodeValue: Encoder): string | null {
  if (options.replacesNullWithDefault && schema.defaultValue !== null) {
    return encodeValue(schema.defaultValue);
  }
  return schema.isOptional ? 'null' : null;
}

function compileValue(schema: Schema, options: EncoderOptions): Encoder {
  switch (schema.name) {
    case DECIMAL_NAME:
      return (value) => decimalText(schema, value, options);
    case DATE_NAME:
      return (value) => String(dateToDays(requireDate('Date', value, schema)));
    case TIME_NAME:
      return (value) => String(timeToMillis(requireDate('Time', value, schema)));
    case TIMESTAMP_NAME:
      return (value) => String(requireDate('Timestamp', value, schema).getTime());
    default:
      return compileType(schema, options);
  }
}

function compileType(schema: Schema, options: EncoderOptions): Encoder {
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'INT64':
    case 'BOOLEAN':
      return (value) => (hasClassFor(schema, value) ? String(value) : wrongClass(schema, value));
    case 'FLOAT32':
      return (value) =>
        typeof value === 'number' ? finite(value, floatText(value)) : wrongClass(schema, value);
    case 'FLOAT64':
      return (value) =>
        typeof value === 'number' ? finite(value, doubleText(value)) : wrongClass(schema, value);
    case 'STRING':
      return (value) => (typeof value === 'string' ? quote(value) : wrongClass(schema, value));
    case 'BYTES':
      return (value) =>
        value instanceof Uint8Array ? base64Text(value) : wrongClass(schema, value);
    case 'ARRAY':
      return compileArray(schema, options);
    case 'MAP':
      return compileMap(schema, options);
    case 'STRUCT':
      return compileStruct(schema, options);
  }
}

function compileArray(schema: Schema, options: EncoderOptions): Encoder {
  const encodeItem = compileEncoder(schema.valueSchema, options);
  return (value) => {
    if (!Array.isArray(value)) return wrongClass(schema, value);
    let text = '';
    for (const item of value) text += text === '' ? encodeItem(item) : `,${encodeItem(item)}`;
    return `[${text}]`;
  };
}

function compileMap(schema: Schema, options: EncoderOptions): Encoder {
  const encodeKey = compileEncoder(schema.keySchema, options);
  const encodeItem = compileEncoder(schema.valueSchema, options);
  const isObject = schema.keySchema?.type === 'STRING';
  return (value) => {
    if (!(value instanceof Map)) return wrongClass(schema, value);
    const texts: string[] = [];
    for (const [key, item] of value) {
      const keyText = encodeKey(key);
      const itemText = encodeItem(item);
      if (isObject) texts.push(`${keyText === 'null' ? '"null"' : keyText}:${itemText}`);
      else texts.push(`[${keyText},${itemText}]`);
    }
    return isObject ? `{${texts.join(',')}}` : `[${texts.join(',')}]`;
  };
}

function compileStruct(schema: Schema, options: EncoderOptions): Encoder {
  const fields = schema.fields.map((field, index) => ({
    name: `${index === 0 ? '' : ','}${quote(field.name)}:`,
    encode: compileEncoder(field.schema, options),
  }));
  return (value) => {
    if (!isStruct(value)) return wrongClass(schema, value);
    if (value.schema !== schema && !value.schema.equals(schema)) {
      throw new DataError('Mismatching schema.');
    }
    let text = '{';
    for (let i = 0; i < fields.length; i++) {
      const { name, encode } = fields[i] as (typeof fields)[number];
      text += name + encode(value.at(i));
    }
    return `${text}}`;
  };
}

function decimalText(schema: Schema, value: unknown, options: EncoderOptions): string {
  if (!isDecimal(value)) {
    throw new DataError(
      `Invalid type for Decimal, expected BigDecimal but was class ${javaClassName(value)}`,
    );
  }
  return options.isDecimalNumeric ? value.toString() : base64Text(decimalToBytes(schema, value));
}

function requireDate(what: string, value: unknown, schema: Schema): Date {
  if (value instanceof Date) {
    if (!Number.isNaN(value.getTime())) return value;
    throw new DataError(`Invalid ${what}: the Date holds no instant`);
  }
  throw new DataError(
    `Invalid type for ${what}, expected Date but was class ${javaClassName(value, schema)}`,
  );
}

function objectText(value: object): string {
  if (value instanceof Map) return mapText(value);
  if (Array.isArray(value)) return listText(value);
  if (value instanceof Uint8Array) return base64Text(value);
  if (value instanceof TypedNumber) return typedText(value);
  if (isStruct(value)) throw new DataError('Mismatching schema.');
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null)
    return plainObjectText(value as Record<string, unknown>);
  throw noSchemaType(value);
}

function listText(items: readonly unknown[]): string {
  let text = '';
  for (const item of items)
    text += text === '' ? encodeSchemaless(item) : `,${encodeSchemaless(item)}`;
  return `[${text}]`;
}

function plainObjectText(object: Record<string, unknown>): string {
  let text = '';
  for (const key of Object.keys(object)) {
    text += `${text === '' ? '' : ','}${quote(key)}:${encodeSchemaless(object[key])}`;
  }
  return `{${text}}`;
}

/** An object when all keys are strings, else an array of pairs. */
function mapText(map: ReadonlyMap<unknown, unknown>): string {
  let text = '';
  for (const [key, item] of map) {
    if (typeof key !== 'string') return pairsText(map);
    text += `${text === '' ? '' : ','}${quote(key)}:${encodeSchemaless(item)}`;
  }
  return `{${text}}`;
}

function pairsText(map: ReadonlyMap<unknown, unknown>): string {
  const texts: string[] = [];
  for (const [key, item] of map) {
    texts.push(`[${encodeSchemaless(key)},${encodeSchemaless(item)}]`);
  }
  return `[${texts.join(',')}]`;
}

function typedText({ type, value }: TypedNumber): string {
  if (type === 'FLOAT32') return finite(Number(value), floatText(Number(value)));
  if (type === 'FLOAT64') return finite(Number(value), doubleText(Number(value)));
  return String(value);
}

function numberText(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  return finite(value, doubleText(value));
}

/** JSON has no NaN and no infinities: they are written as text. */
function finite(value: number, text: string): string {
  return Number.isFinite(value) ? text : `"${text}"`;
}

function base64Text(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}"`;
}

function wrongClass(schema: Schema, value: unknown): never {
  const found =
    typeof value === 'number' && (value | 0) === value ? 'java.lang.Integer' : javaClassName(value);
  const what = schema.type === 'BYTES' ? 'bytes type' : schema.type;
  throw new DataError(`Invalid type for ${what}: class ${found}`);
}

function noSchemaType(value: unknown): DataError {
  return new DataError(
    `Java class class ${javaClassName(value)} does not have corresponding schema type.`,
  );
}
