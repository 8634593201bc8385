import { Decimal, isDecimal } from './decimal.ts';
import { DataError } from './errors.ts';
import { decimalToFloat } from './java-float.ts';
import { javaTrim } from './java-trim.ts';
import { decimalSchema } from './logical.ts';
import {
  BOOLEAN_SCHEMA,
  FLOAT32_SCHEMA,
  FLOAT64_SCHEMA,
  INT8_SCHEMA,
  INT16_SCHEMA,
  INT32_SCHEMA,
  INT64_SCHEMA,
  NULL_SCHEMA_AND_VALUE,
  Schema,
  type SchemaAndValue,
  type SchemaType,
  STRING_SCHEMA,
  schemasEqual,
} from './schema.ts';
import { parseTemporal } from './temporal-text.ts';
import { isBlank, TextTokens } from './text-tokens.ts';
import { type NumberType, TypedNumber } from './typed-number.ts';

/** Makes an element fit the schema that all elements of its container share. */
export type Align = (schema: Schema, value: unknown) => unknown;

/**
 * Header text -> value with the schema that its form suggests; STRING where it suggests none. Null for the text `null`.
 * Elements of lists and maps without a common schema are TypedNumbers where a plain number would not tell their type.
 * Source: Kafka Connect `Values.parseString`.
 */
export function parseText(text: string | null, align: Align): SchemaAndValue | null {
  if (text === null) return NULL_SCHEMA_AND_VALUE;
  if (text === '') return { schema: STRING_SCHEMA, value: text };
  const whole = javaTrim(text);
  if (whole === 'null') return null;
  if (whole === 'true' || whole === 'false')
    return { schema: BOOLEAN_SCHEMA, value: whole === 'true' };
  const tokens = new TextTokens(text);
  const parsed = parseContainer(tokens, align, 0);
  if (parsed !== null) return parsed;
  // As in Java: of a malformed container behind a blank only the blank is left.
  const first = tokens.next();
  if (isBlank(first) && /^[[{]/.test(text.slice(first.length))) {
    return { schema: STRING_SCHEMA, value: first };
  }
  tokens.rewindTo(0);
  return parseToken(tokens) ?? { schema: STRING_SCHEMA, value: text };
}

const maxDepth = 1000;

/** DataError: an element is none; the caller takes the whole text as a string. */
function parseElement(tokens: TextTokens, align: Align, depth: number): SchemaAndValue | null {
  if (!tokens.hasNext()) return null;
  if (tokens.accept('"')) return parseQuoted(tokens);
  if (tokens.accept('null')) return null;
  if (tokens.accept('true')) return { schema: BOOLEAN_SCHEMA, value: true };
  if (tokens.accept('false')) return { schema: BOOLEAN_SCHEMA, value: false };
  const parsed = parseContainer(tokens, align, depth) ?? parseToken(tokens);
  if (parsed === null) throw new DataError('Failed to parse embedded value');
  return parsed;
}

/** Null, and nothing consumed, when the text is no well-formed list or map. */
function parseContainer(tokens: TextTokens, align: Align, depth: number): SchemaAndValue | null {
  const start = tokens.position;
  try {
    if (depth > maxDepth) throw new DataError(`Nested deeper than ${maxDepth}`);
    if (tokens.accept('[')) return parseArray(tokens, align, depth + 1);
    if (tokens.accept('{')) return parseMap(tokens, align, depth + 1);
  } catch (error) {
    if (!DataError.is(error)) throw error;
    // A container that failed inside another one makes that one fail, too: reading on from here would take exponential time.
    if (depth > 0) throw error;
  }
  tokens.rewindTo(start);
  return null;
}

function parseArray(tokens: TextTokens, align: Align, depth: number): SchemaAndValue {
  const elements: (SchemaAndValue | null)[] = [];
  while (tokens.hasNext()) {
    if (tokens.accept(']')) return arrayOf(elements, align);
    if (tokens.accept(',')) throw new DataError('Unable to parse an empty array element');
    elements.push(parseElement(tokens, align, depth));
    const position = tokens.position;
    if (tokens.accept(']')) tokens.rewindTo(position);
    else if (!tokens.accept(',')) throw new DataError("Array elements missing ',' delimiter");
  }
  throw new DataError("Array is missing terminating ']'");
}

function parseMap(tokens: TextTokens, align: Align, depth: number): SchemaAndValue {
  const keys: SchemaAndValue[] = [];
  const values: (SchemaAndValue | null)[] = [];
  while (tokens.hasNext()) {
    if (tokens.accept('}')) return mapOf(keys, values, align);
    if (tokens.accept(',')) throw new DataError('Unable to parse a map entry with no key or value');
    const key = parseElement(tokens, align, depth);
    if (key === null || key.value === null)
      throw new DataError('Map entry may not have a null key');
    if (!tokens.accept(':')) throw new DataError("Map entry is missing ':'");
    keys.push(key);
    values.push(parseElement(tokens, align, depth));
    tokens.accept(',');
  }
  throw new DataError("Map is missing terminating '}'");
}

function parseQuoted(tokens: TextTokens): SchemaAndValue {
  let content = '';
  while (tokens.hasNext()) {
    const token = tokens.next();
    if (token === '"') break;
    content += token;
  }
  return parseTemporal(content) ?? { schema: STRING_SCHEMA, value: content };
}

/** A date, time or number; null for any other token. */
function parseToken(tokens: TextTokens): SchemaAndValue | null {
  const first = tokens.next();
  if (isBlank(first)) return null;
  const token = javaTrim(first);
  const startsWithDigit = /^\p{Nd}/u.test(token);
  if (startsWithDigit) {
    // Colons are delimiters: a time comes in five tokens.
    const position = tokens.position;
    let time = token;
    let count = 0;
    for (; count < 4 && tokens.hasNext(); count++) time += tokens.next();
    const temporal = count === 4 ? parseTemporal(time) : null;
    if (temporal !== null) return temporal;
    tokens.rewindTo(position);
    const single = parseTemporal(token);
    if (single !== null) return single;
  }
  return startsWithDigit || /^[+-]/.test(token) ? parseNumber(token) : null;
}

function parseNumber(token: string): SchemaAndValue | null {
  const decimal = Decimal.parse(token);
  if (decimal === null) return null;
  const whole = wholeNumber(decimal);
  if (whole !== null) return smallestInteger(whole);
  const number = decimal.toNumber();
  const float = decimalToFloat(decimal);
  if (decimal.scale !== 0 && Number.isFinite(float)) {
    return { schema: FLOAT32_SCHEMA, value: float };
  }
  if (decimal.scale !== 0 && Number.isFinite(number)) {
    return { schema: FLOAT64_SCHEMA, value: number };
  }
  return { schema: decimalSchema(decimal.scale), value: decimal };
}

/** Null when there is a fraction or it does not fit 64 bits. Numbers with huge exponents are never written out. */
function wholeNumber(decimal: Decimal): bigint | null {
  if (decimal.unscaled === 0n) return 0n;
  const digits = decimal.unscaled.toString().length;
  if (digits - decimal.scale > 20 || digits - decimal.scale < 1) return null;
  const value = decimal.toBigInt();
  const isExact = decimal.scale <= 0 || value * 10n ** BigInt(decimal.scale) === decimal.unscaled;
  return isExact && BigInt.asIntN(64, value) === value ? value : null;
}

function smallestInteger(value: bigint): SchemaAndValue {
  const number = Number(value);
  if (BigInt.asIntN(8, value) === value) return { schema: INT8_SCHEMA, value: number };
  if (BigInt.asIntN(16, value) === value) return { schema: INT16_SCHEMA, value: number };
  if (BigInt.asIntN(32, value) === value) return { schema: INT32_SCHEMA, value: number };
  return { schema: INT64_SCHEMA, value };
}

function arrayOf(elements: (SchemaAndValue | null)[], align: Align): SchemaAndValue {
  const common = commonSchema(elements);
  if (common === null) {
    return { schema: new Schema({ type: 'ARRAY' }), value: elements.map(typedElement) };
  }
  const value = elements.map((element) => align(common, alignable(element, common)));
  return { schema: new Schema({ type: 'ARRAY', valueSchema: common }), value };
}

function mapOf(
  keys: SchemaAndValue[],
  values: (SchemaAndValue | null)[],
  align: Align,
): SchemaAndValue {
  const keySchema = commonSchema(keys);
  const valueSchema = keySchema === null ? null : commonSchema(values);
  const map = new Map<unknown, unknown>();
  const alignTo = (schema: Schema | null, element: SchemaAndValue | null): unknown =>
    schema === null ? typedElement(element) : align(schema, alignable(element, schema));
  for (const [key, value] of lastOfEachKey(keys, values)) {
    map.set(alignTo(keySchema, key), alignTo(valueSchema, value));
  }
  return { schema: new Schema({ type: 'MAP', keySchema, valueSchema }), value: map };
}

/** Also dates and other objects are the same key when they are equal. */
function lastOfEachKey(
  keys: readonly SchemaAndValue[],
  values: readonly (SchemaAndValue | null)[],
): Iterable<[SchemaAndValue, SchemaAndValue | null]> {
  const entries = new Map<string, [SchemaAndValue, SchemaAndValue | null]>();
  for (const [index, key] of keys.entries()) {
    entries.set(textOfKey(typedElement(key)), [key, values[index] ?? null]);
  }
  return entries.values();
}

/** The same for what is equal, and for nothing else. */
function textOfKey(key: unknown): string {
  if (Array.isArray(key)) return `[${key.map(textOfKey).join()}]`;
  if (key instanceof Map) {
    const entries = [...key].map(([name, value]) => `${textOfKey(name)}:${textOfKey(value)}`);
    return `{${entries.sort().join()}}`;
  }
  if (key instanceof Date) return `date ${key.getTime()}`;
  if (key instanceof TypedNumber) return `${key.type} ${Object.is(key.value, -0) ? '-0' : key}`;
  if (isDecimal(key)) return `decimal ${key.unscaled} ${key.scale}`;
  return `${typeof key} ${JSON.stringify(String(key))}`;
}

/** Outside its schema a number carries its type with it. */
function typedValue(element: SchemaAndValue | null): unknown {
  if (element === null || element.schema === null) return null;
  const { schema, value } = element;
  const isPlain = typeof value === 'number' || typeof value === 'bigint';
  return isPlain && numberTypes.includes(schema.type)
    ? TypedNumber.of(schema.type as NumberType, value)
    : value;
}

/** Outside a common schema each number within carries its type, too. */
function typedElement(element: SchemaAndValue | null): unknown {
  return element === null ? null : typedParts(element.schema, element.value);
}

/** Lists and maps are left as they are: where the common schema is not theirs, their numbers must tell their own type. */
function alignable(element: SchemaAndValue | null, common: Schema): unknown {
  const isForeign =
    element !== null && !common.isPrimitive && !schemasEqual(element.schema, common);
  return isForeign ? typedParts(element.schema, element.value) : typedValue(element);
}

/** A value as it is without its schema: each number in it tells its own type. */
export function typedParts(schema: Schema | null, value: unknown): unknown {
  if (schema === null || schema.type === 'STRUCT') return value;
  if (Array.isArray(value)) return value.map((item) => typedParts(schema.valueSchema, item));
  if (value instanceof Map) {
    return new Map(
      [...value].map(([key, item]) => [
        typedParts(schema.keySchema, key),
        typedParts(schema.valueSchema, item),
      ]),
    );
  }
  return typedValue({ schema, value });
}

const integerTypes: readonly SchemaType[] = ['INT8', 'INT16', 'INT32', 'INT64'];
const numberTypes: readonly SchemaType[] = [...integerTypes, 'FLOAT32', 'FLOAT64'];

/** Null when there is none. Null elements do not count. */
function commonSchema(elements: (SchemaAndValue | null)[]): Schema | null {
  let common: Schema | null = null;
  for (const element of elements) {
    const schema = element?.schema ?? null;
    if (schema === null) continue;
    common = common === null ? schema : mergeSchemas(common, schema);
    if (common === null) return null;
  }
  return common;
}

/** Of the same type the newer counts; of two numbers the one further right in `numberTypes`. */
function mergeSchemas(previous: Schema, latest: Schema): Schema | null {
  if (previous.type === latest.type) return latest;
  const ranks = [numberTypes.indexOf(previous.type), numberTypes.indexOf(latest.type)];
  if (ranks.includes(-1)) return null;
  return (ranks[0] as number) > (ranks[1] as number) ? previous : latest;
}
