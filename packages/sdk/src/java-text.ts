import { isDecimal } from './decimal.ts';
import { isStruct } from './is-struct.ts';
import type { Schema } from './schema.ts';
import { TypedNumber } from './typed-number.ts';

/**
 * What Java's `String.valueOf` prints for the value. The schema tells floats from doubles and whole doubles from integers; without one a whole number prints without
 * a fraction.
 */
export function javaText(value: unknown, schema: Schema | null = null): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return numberText(value, schema?.type);
    case 'object':
      return value === null ? 'null' : objectText(value, schema);
    default:
      return value === undefined ? 'null' : String(value);
  }
}

/** Double.toString. */
export function doubleText(value: number): string {
  if (Number.isInteger(value) && value < 1e7 && value > -1e7) {
    return Object.is(value, -0) ? '-0.0' : `${value}.0`;
  }
  return shortestText(value, String(value));
}

/** Float.toString: the shortest decimal that reads back as this float. */
export function floatText(value: number): string {
  const float = Math.fround(value);
  if (!Number.isFinite(float) || (Number.isInteger(float) && Math.abs(float) < 1e7)) {
    return doubleText(float);
  }
  // From two digits on: of the texts that are short enough Java takes the nearest.
  for (let precision = 2; precision < 10; precision++) {
    const nearest = Number(float.toPrecision(precision));
    if (Math.fround(nearest) === float) return shortestText(nearest, String(nearest));
  }
  return doubleText(float);
}

function numberText(value: number, type: string | undefined): string {
  if (type === 'FLOAT32') return floatText(value);
  if (type === 'FLOAT64') return doubleText(value);
  const isWhole = Number.isSafeInteger(value) && !Object.is(value, -0);
  return isWhole ? String(value) : doubleText(value);
}

/** `text` is JavaScript's shortest form of `value`; Java switches to an exponent outside 10^-3 to 10^7. */
function shortestText(value: number, text: string): string {
  if (!Number.isFinite(value)) return text;
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return text.includes('.') ? text : `${text}.0`;
  const nearest = value.toExponential(1);
  const digits = Number(nearest) === value ? nearest : value.toExponential();
  const [mantissa = '', exponent = ''] = digits.split('e');
  const fraction = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return `${fraction}E${exponent.replace('+', '')}`;
}

function objectText(value: object, schema: Schema | null): string {
  if (value instanceof Uint8Array) return `[B@${identityHash(value)}`;
  if (Array.isArray(value)) {
    const element = schema?.type === 'ARRAY' ? schema.valueSchema : null;
    return `[${value.map((item) => javaText(item, element)).join(', ')}]`;
  }
  if (value instanceof Map) return mapText(value, schema);
  if (value instanceof Date) return dateText(value);
  if (isStruct(value) || isDecimal(value)) return value.toString();
  if (value instanceof TypedNumber) {
    return typeof value.value === 'bigint'
      ? value.value.toString()
      : numberText(value.value, value.type);
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return mapText(Object.entries(value), schema);
  }
  return String(value);
}

function mapText(entries: Iterable<[unknown, unknown]>, schema: Schema | null): string {
  const isMap = schema?.type === 'MAP';
  const keySchema = isMap ? schema.keySchema : null;
  const valueSchema = isMap ? schema.valueSchema : null;
  const texts: string[] = [];
  for (const [key, value] of entries) {
    texts.push(`${javaText(key, keySchema)}=${javaText(value, valueSchema)}`);
  }
  return `{${texts.join(', ')}}`;
}

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const monthNames = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** java.util.Date.toString in UTC: `Tue Nov 14 22:13:20 UTC 2023`. */
function dateText(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${dayNames[date.getUTCDay()]} ${monthNames[date.getUTCMonth()]} ${two(date.getUTCDate())}`;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${day} ${time} UTC ${String(date.getUTCFullYear()).padStart(4, '0')}`;
}

const identities = new WeakMap<object, string>();
let lastIdentity = 0x1b28cdfa;

/** Java prints an array's identity, not its content. */
function identityHash(value: object): string {
  let hash = identities.get(value);
  if (hash === undefined) {
    lastIdentity = (Math.imul(lastIdentity, 1103515245) + 12345) & 0x7fffffff;
    hash = lastIdentity.toString(16);
    identities.set(value, hash);
  }
  return hash;
}
