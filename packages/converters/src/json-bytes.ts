import { encodeSchemaless } from './json-encoder.ts';
import { escapeOf } from './json-text.ts';

const usualSize = 64 * 1024;

/** Reused for every message: calls never overlap. */
let bytes = Buffer.allocUnsafeSlow(usualSize);
let end = 0;

/**
 * `before`, the value as `encodeSchemaless` has it, `after`: straight to bytes, as most texts, numbers and names are ASCII and need no escapes.
 * What is rarer goes through `encodeSchemaless`.
 */
export function schemalessBytes(before: string, value: unknown, after: string): Uint8Array {
  end = 0;
  writeText(before);
  writeValue(value);
  writeText(after);
  const written = Buffer.allocUnsafe(end);
  written.set(new Uint8Array(bytes.buffer, 0, end));
  if (bytes.length > usualSize) bytes = Buffer.allocUnsafeSlow(usualSize);
  return written;
}

function writeValue(value: unknown): void {
  if (typeof value === 'string') writeString(value);
  else if (typeof value === 'number') writeNumber(value);
  else if (value instanceof Map) writeMap(value);
  else if (Array.isArray(value)) writeList(value);
  else if (typeof value !== 'object' || value === null) {
    writeAscii(encodeSchemaless(value));
  } else writeText(encodeSchemaless(value));
}

function writeMap(map: ReadonlyMap<unknown, unknown>): void {
  const start = end;
  writeByte(openBrace);
  for (const [key, item] of map) {
    if (typeof key !== 'string') {
      end = start;
      writeText(encodeSchemaless(map));
      return;
    }
    writeString(key, end > start + 1);
    bytes[end++] = colon;
    writeValue(item);
  }
  writeByte(closeBrace);
}

function writeList(items: readonly unknown[]): void {
  writeByte(openBracket);
  for (let i = 0; i < items.length; i++) {
    if (i > 0) writeByte(comma);
    writeValue(items[i]);
  }
  writeByte(closeBracket);
}

/** Leaves room for one more byte. */
function writeString(text: string, isAfterAnother = false): void {
  const length = text.length;
  // An escape has six characters at most.
  reserve(6 * length + 4);
  const out = bytes;
  let at = end;
  if (isAfterAnother) out[at++] = comma;
  out[at++] = doubleQuote;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    const isPlain = code >= 0x20 && code < 0x80 && code !== doubleQuote && code !== backslash;
    if (isPlain) out[at++] = code;
    else at = writeSpecial(text, i, at);
  }
  out[at++] = doubleQuote;
  end = at;
}

/** The character at `index`, which needs an escape or more than one byte; gives the place behind it. */
function writeSpecial(text: string, index: number, start: number): number {
  const out = bytes;
  const code = text.charCodeAt(index);
  let at = start;
  if (code < 0x80 || (code >= 0xd800 && code < 0xe000)) {
    const escape = escapeOf(text[index] as string);
    for (let i = 0; i < escape.length; i++) out[at++] = escape.charCodeAt(i);
  } else if (code < 0x800) {
    out[at++] = 0xc0 | (code >> 6);
    out[at++] = 0x80 | (code & 0x3f);
  } else {
    out[at++] = 0xe0 | (code >> 12);
    out[at++] = 0x80 | ((code >> 6) & 0x3f);
    out[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}

function writeNumber(value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    writeInteger(value);
    return;
  }
  // So few digits read back as no other number: they are the shortest, which Java writes.
  const thousandths = Math.round(value * 1000);
  const isShort = thousandths / 1000 === value && thousandths !== 0 && Math.abs(value) < 1e7;
  if (isShort) writeThousandths(thousandths);
  else writeAscii(encodeSchemaless(value));
}

function writeThousandths(value: number): void {
  const size = Math.abs(value);
  const whole = Math.floor(size / 1000);
  let fraction = size - whole * 1000;
  let digits = 3;
  for (; fraction % 10 === 0; fraction /= 10) digits -= 1;
  if (value < 0) writeByte(minus);
  writeInteger(whole);
  writeByte(dot);
  writeDigits(fraction, digits);
}

function writeInteger(value: number): void {
  const size = Math.abs(value);
  if (value < 0) writeByte(minus);
  if (size < billion) {
    writeDigits(size, digitCount(size));
    return;
  }
  const high = Math.floor(size / billion);
  writeDigits(high, digitCount(high));
  writeDigits(size - high * billion, 9);
}

/** Below 2^31, with leading zeros up to `count` digits. */
function writeDigits(value: number, count: number): void {
  reserve(count);
  let rest = value | 0;
  for (let at = end + count - 1; at >= end; at--) {
    const next = (rest / 10) | 0;
    bytes[at] = zero + rest - next * 10;
    rest = next;
  }
  end += count;
}

function digitCount(value: number): number {
  let count = 1;
  for (let limit = 10; limit <= value; limit *= 10) count += 1;
  return count;
}

/** Short texts: a loop costs less than a call of the platform. */
function writeAscii(text: string): void {
  reserve(text.length);
  for (let i = 0; i < text.length; i++) bytes[end + i] = text.charCodeAt(i);
  end += text.length;
}

function writeText(text: string): void {
  if (text === '') return;
  reserve(3 * text.length);
  end += bytes.write(text, end, 'utf8');
}

function writeByte(byte: number): void {
  if (end === bytes.length) reserve(1);
  bytes[end++] = byte;
}

/** Makes room for `count` more bytes. */
function reserve(count: number): void {
  if (end + count <= bytes.length) return;
  const larger = Buffer.allocUnsafeSlow(2 * (end + count));
  bytes.copy(larger, 0, 0, end);
  bytes = larger;
}

const billion = 1_000_000_000;
const doubleQuote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
