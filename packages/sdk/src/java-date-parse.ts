import { eras, halves, months, short, weekdays, zoneOffsets } from './java-date-names.ts';
import type { DatePart } from './java-date-pattern.ts';
import { DateFields } from './java-date-resolve.ts';

/** Milliseconds since 1970, null when the text does not begin as the parts say. */
export function parseDate(
  parts: readonly DatePart[],
  text: string,
  compiledAt: number,
): number | null {
  const fields = new DateFields();
  const context: Context = { text, fields, century: centuryFrom(compiledAt), isAmbiguous: false };
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const next =
      part.kind === 'text'
        ? readText(text, at, part.text)
        : readField(context, at, part, keepsWidth(parts[index + 1]));
    if (next === null) return null;
    at = next;
  }
  if (at === 0) return null;
  const millis = fields.resolve();
  if (millis === null || !context.isAmbiguous || millis >= context.century.start) return millis;
  fields.addYears(100);
  return fields.resolve();
}

interface Context {
  readonly text: string;
  readonly fields: DateFields;
  readonly century: { readonly start: number; readonly year: number };
  /** The two digits are those of the century's first year, which it depends on the day. */
  isAmbiguous: boolean;
}

function centuryFrom(compiledAt: number): { start: number; year: number } {
  const start = new Date(compiledAt);
  start.setUTCFullYear(start.getUTCFullYear() - 80);
  return { start: start.getTime(), year: start.getUTCFullYear() };
}

function readText(text: string, at: number, expected: string): number | null {
  return text.startsWith(expected, at) ? at + expected.length : null;
}

/** Before a field that is a number as well, a number has as many digits as the pattern has letters. */
function keepsWidth(next: DatePart | undefined): boolean {
  if (next === undefined || next.kind === 'text') return false;
  if (next.letter === 'M' || next.letter === 'L') return next.count <= 2;
  return 'ydkHmsSDFwWhKYu'.includes(next.letter);
}

function readField(
  context: Context,
  start: number,
  part: Extract<DatePart, { kind: 'field' }>,
  hasWidth: boolean,
): number | null {
  const { text, fields } = context;
  const { letter, count } = part;
  let at = start;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  if (at >= text.length) return null;
  switch (letter) {
    case 'G':
      return (
        readName(text, start, ['Before Christ', 'Anno Domini'], (era) => fields.set('era', era)) ??
        readName(text, start, eras, (era) => fields.set('era', era))
      );
    case 'E':
      return (
        readName(text, start, weekdays, (day) => fields.set('dayOfWeek', day + 1)) ??
        readName(text, start, short(weekdays), (day) => fields.set('dayOfWeek', day + 1))
      );
    case 'a':
      return readName(text, start, halves, (half) => fields.set('half', half));
    case 'z':
    case 'Z':
      return readZone(context, start, at);
    case 'X':
      return readIsoZone(context, at, count);
    case 'M':
    case 'L':
      if (count > 2) {
        return (
          readName(text, start, months, (month) => fields.set('month', month)) ??
          readName(text, start, short(months), (month) => fields.set('month', month))
        );
      }
  }
  const end = hasWidth ? start + count : text.length;
  if (end > text.length) return null;
  const number = readNumber(text.slice(0, end), at);
  if (number === null) return null;
  setNumber(context, part, number.value, text.slice(at, number.end));
  return number.end;
}

function setNumber(
  context: Context,
  { letter, count }: { letter: string; count: number },
  value: number,
  digits: string,
): void {
  const { fields } = context;
  switch (letter) {
    case 'y':
      fields.set('year', count <= 2 ? fullYear(context, value, digits) : value);
      break;
    case 'Y':
      fields.set('weekYear', count <= 2 ? fullYear(context, value, digits) : value);
      break;
    case 'M':
    case 'L':
      fields.set('month', value - 1);
      break;
    case 'k':
      fields.set('hourOfDay', value === 24 ? 0 : value);
      break;
    case 'h':
      fields.set('hour', value === 12 ? 0 : value);
      break;
    case 'u':
      fields.set('dayOfWeek', value >= 1 && value <= 7 ? (value % 7) + 1 : value);
      break;
    default:
      fields.set(plainFields[letter] as PlainField, value);
  }
}

type PlainField = (typeof plainFields)[keyof typeof plainFields];
const plainFields = {
  d: 'day',
  H: 'hourOfDay',
  K: 'hour',
  m: 'minute',
  s: 'second',
  S: 'millisecond',
  D: 'dayOfYear',
  F: 'dayOfWeekInMonth',
  w: 'weekOfYear',
  W: 'weekOfMonth',
} as const satisfies Record<string, string> as Readonly<
  Record<
    string,
    | 'day'
    | 'hourOfDay'
    | 'hour'
    | 'minute'
    | 'second'
    | 'millisecond'
    | 'dayOfYear'
    | 'dayOfWeekInMonth'
    | 'weekOfYear'
    | 'weekOfMonth'
  >
>;

/** Exactly two digits lie in the hundred years that begin 80 years ago. */
function fullYear(context: Context, value: number, digits: string): number {
  if (!/^\p{Nd}{2}$/u.test(digits)) return value;
  const { year } = context.century;
  const twoDigits = year % 100;
  context.isAmbiguous = value === twoDigits;
  return value + Math.floor(year / 100) * 100 + (value < twoDigits ? 100 : 0);
}

/** In any letter case; the longest that fits. */
function readName(
  text: string,
  start: number,
  names: readonly string[],
  set: (index: number) => void,
): number | null {
  let best = -1;
  for (const [index, name] of names.entries()) {
    const isLonger = name.length > (names[best]?.length ?? 0);
    if (isLonger && matchesAt(text, start, name)) best = index;
  }
  if (best < 0) return null;
  set(best);
  return start + (names[best] as string).length;
}

function matchesAt(text: string, at: number, name: string): boolean {
  return text.slice(at, at + name.length).toLowerCase() === name.toLowerCase();
}

/** As java.text.DecimalFormat reads a whole number: digits of any script, an exponent, NaN. The value is Java's int. */
function readNumber(text: string, at: number): { value: number; end: number } | null {
  const rest = text.slice(at);
  const match = /^(-?)(\p{Nd}+)(?:E(-?\p{Nd}+))?/u.exec(rest);
  if (match === null) {
    const special = /^NaN|^-?∞/.exec(rest);
    if (special === null) return null;
    return { value: specialValue(special[0]), end: at + special[0].length };
  }
  const [whole, sign, digits = '', exponent] = match;
  const size = asciiDigits(digits);
  const value =
    exponent === undefined ? BigInt(size) : withExponent(size, Number(asciiDigits(exponent)));
  const signed = sign === '-' ? -value : value;
  return { value: toInt(signed), end: at + whole.length };
}

function specialValue(text: string): number {
  if (text === 'NaN') return 0;
  return text.startsWith('-') ? -0x80000000 : 0x7fffffff;
}

function withExponent(digits: string, exponent: number): number {
  return Math.trunc(Number(`${digits}e${exponent}`));
}

/** A long loses its upper half, anything larger is held at the limits. */
function toInt(value: bigint | number): number {
  const long = typeof value === 'bigint' || Math.abs(value) < 2 ** 63 ? BigInt(value) : null;
  if (long !== null && BigInt.asIntN(64, long) === long) return Number(BigInt.asIntN(32, long));
  return value < 0 ? -0x80000000 : 0x7fffffff;
}

function asciiDigits(text: string): string {
  return text.replace(/(?!-)[^0-9]/gu, (digit) => {
    let value = 0;
    let point = digit.codePointAt(0) as number;
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - 1))) {
      point -= 1;
      value += 1;
    }
    return String(value);
  });
}

/** `+0100`, `GMT+01:00`, `GMT`, an abbreviation. */
function readZone(context: Context, start: number, at: number): number | null {
  const { text, fields } = context;
  const sign = signAt(text, at);
  if (sign !== 0) return readOffset(context, at + 1, sign, 0, false);
  if (matchesAt(text, start, 'GMT')) {
    const behind = start + 3;
    const offsetSign = signAt(text, behind);
    if (offsetSign !== 0) return readOffset(context, behind + 1, offsetSign, 0, true);
    fields.setOffset(0);
    return behind;
  }
  const zone = zoneOffsets.find(({ name }) => matchesAt(text, at, name));
  if (zone === undefined) return null;
  fields.setOffset(zone.minutes);
  return at + zone.name.length;
}

/** `Z`, `+01`, `+0100`, `+01:00` by the number of letters. */
function readIsoZone(context: Context, at: number, count: number): number | null {
  const { text, fields } = context;
  if (text[at] === 'Z') {
    fields.setOffset(0);
    return at + 1;
  }
  const sign = signAt(text, at);
  return sign === 0 ? null : readOffset(context, at + 1, sign, count, count === 3);
}

function signAt(text: string, at: number): number {
  if (text[at] === '+') return 1;
  return text[at] === '-' ? -1 : 0;
}

/** Hours, and minutes unless `count` is 1. Only GMT takes hours of one digit. */
function readOffset(
  { text, fields }: Context,
  at: number,
  sign: number,
  count: number,
  hasColon: boolean,
): number | null {
  const hourDigits = count > 0 || !hasColon ? '(\\d\\d)' : '(\\d\\d?)';
  const minutes = count === 1 ? '()' : `${hasColon ? ':' : ''}(\\d\\d)`;
  const match = new RegExp(`^${hourDigits}${minutes}`).exec(text.slice(at));
  if (match === null) return null;
  const [whole, hour, minute = ''] = match;
  if (Number(hour) > 23 || Number(minute) > 59) return null;
  fields.setOffset(sign * (Number(hour) * 60 + Number(minute)));
  return at + whole.length;
}
