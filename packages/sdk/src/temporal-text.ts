import { DATE_SCHEMA, TIME_SCHEMA, TIMESTAMP_SCHEMA } from './logical.ts';
import type { SchemaAndValue } from './schema.ts';

/**
 * `yyyy-MM-dd`, `HH:mm:ss.SSS'Z'` or both with a `T`, told apart by length; null for anything else.
 * As lenient as java.text.SimpleDateFormat: fields of any width, months and hours beyond their range, ignored text behind; UTC.
 */
export function parseTemporal(token: string): SchemaAndValue | null {
  const text = token.replaceAll('\\:', ':');
  if (text.length === 10) return parse(dateSyntax, text, DATE_SCHEMA);
  if (text.length === 13) return parse(timeSyntax, text, TIME_SCHEMA);
  return text.length === 24 ? parse(timestampSyntax, text, TIMESTAMP_SCHEMA) : null;
}

const number = '[ \\t]*(-?\\d+)';
const date = `${number}-${number}-${number}`;
const time = `${number}:${number}:${number}\\.${number}Z`;
const dateSyntax = new RegExp(`^${date}`);
const timeSyntax = new RegExp(`^()()()${time}`);
const timestampSyntax = new RegExp(`^${date}T${time}`);

function parse(
  syntax: RegExp,
  text: string,
  schema: SchemaAndValue['schema'],
): SchemaAndValue | null {
  const match = syntax.exec(text);
  if (match === null) return null;
  const [year, month, day] = [match[1] || '1970', match[2] || '1', match[3] || '1'].map(Number) as [
    number,
    number,
    number,
  ];
  const [hours = 0, minutes = 0, seconds = 0, millis = 0] = match
    .slice(4)
    .map((part) => Number(part ?? 0));
  const dayMillis = epochDay(year, month, day) * 86_400_000;
  const value = dayMillis + ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis;
  return { schema, value: new Date(value) };
}

/** Days since 1970-01-01; before 1582-10-15 the calendar is Julian, as java.util.GregorianCalendar has it. */
export function epochDay(year: number, month: number, day: number): number {
  const months = year * 12 + month - 1;
  const realYear = Math.floor(months / 12);
  const realMonth = months - realYear * 12 + 1;
  const gregorian =
    dayNumber(realYear, realMonth, (y) => -Math.floor(y / 100) + Math.floor(y / 400) - 32045) +
    day -
    1;
  const firstGregorian = -141_427;
  if (realYear > 1582 || (realYear === 1582 && gregorian >= firstGregorian)) return gregorian;
  return dayNumber(realYear, realMonth, () => -32083) + day - 1;
}

/** The first of the month, by the Julian day number. */
function dayNumber(year: number, month: number, correction: (y: number) => number): number {
  const shift = month < 3 ? 1 : 0;
  const y = year + 4800 - shift;
  const m = month + 12 * shift - 3;
  return (
    1 + Math.floor((153 * m + 2) / 5) + 365 * y + Math.floor(y / 4) + correction(y) - 2_440_588
  );
}
