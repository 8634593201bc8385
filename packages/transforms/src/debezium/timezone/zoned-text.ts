import { DataError } from '@tributary/sdk';
import type { TimeZone } from './time-zone.ts';

/** Date and time as text with an offset, moved to a zone: the same instant, another clock. Source: java.time.format.DateTimeFormatter, ISO_OFFSET_DATE_TIME and ISO_OFFSET_TIME. */

const time = String.raw`(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{0,9}))?)?`;
const offset = String.raw`(Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)`;
const dateTimeSyntax = new RegExp(
  String.raw`^(-?\d{4}|[+-]\d{5,6})-(\d{2})-(\d{2})T${time}${offset}$`,
  'i',
);
const timeSyntax = new RegExp(`^${time}${offset}$`, 'i');
const day = 86_400;

/** The offset of the zone is looked up by what the text shows, not by the instant it means, as in Debezium. */
export function moveDateTime(text: string, zone: TimeZone): string {
  const match = dateTimeSyntax.exec(text);
  if (match === null) throw notUnderstood('date and time');
  const [, year, month, date, hour, minute, second = '0', fraction = '', from] = match;
  const midnight = new Date(0);
  midnight.setUTCFullYear(Number(year), Number(month) - 1, Number(date));
  const isDate =
    midnight.getUTCMonth() === Number(month) - 1 && midnight.getUTCDate() === Number(date);
  if (!isDate) throw notUnderstood('date and time');
  const local = midnight.getTime() / 1000 + secondsOf(hour, minute, second);
  const to = zone.offsetOfLocal(local);
  const moved = new Date((local - offsetOf(from as string) + to) * 1000);
  return `${dateText(moved)}T${timeText(moved, fraction)}${offsetText(to)}`;
}

/** A time without a date has the offset of `now`, in seconds since 1970. */
export function moveTime(text: string, zone: TimeZone, now: number): string {
  const match = timeSyntax.exec(text);
  if (match === null) throw notUnderstood('time');
  const [, hour, minute, second = '0', fraction = '', from] = match;
  const to = zone.offsetAt(now);
  const seconds = secondsOf(hour, minute, second) - offsetOf(from as string) + to;
  const moved = new Date((((seconds % day) + day) % day) * 1000);
  return `${timeText(moved, fraction)}${offsetText(to)}`;
}

function secondsOf(hour: string | undefined, minute: string | undefined, second: string): number {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) throw notUnderstood('time');
  return Number(hour) * 3600 + Number(minute) * 60 + Number(second);
}

function offsetOf(text: string): number {
  if (/^z$/i.test(text)) return 0;
  const [hours = 0, minutes = 0, seconds = 0] = (text.match(/\d{2}/g) ?? []).map(Number);
  const size = hours * 3600 + minutes * 60 + seconds;
  if (minutes > 59 || seconds > 59 || size > 18 * 3600) throw notUnderstood('offset');
  return text.startsWith('-') ? -size : size;
}

/** Years of more than four digits have a sign. */
function dateText(moved: Date): string {
  const year = moved.getUTCFullYear();
  const digits = String(Math.abs(year)).padStart(4, '0');
  const sign = year < 0 ? '-' : digits.length > 4 ? '+' : '';
  return `${sign}${digits}-${two(moved.getUTCMonth() + 1)}-${two(moved.getUTCDate())}`;
}

function timeText(moved: Date, fraction: string): string {
  const digits = fraction.replace(/0+$/, '');
  const seconds = [moved.getUTCHours(), moved.getUTCMinutes(), moved.getUTCSeconds()].map(two);
  return `${seconds.join(':')}${digits === '' ? '' : `.${digits}`}`;
}

function offsetText(offsetSeconds: number): string {
  if (offsetSeconds === 0) return 'Z';
  const size = Math.abs(offsetSeconds);
  const seconds = size % 60 === 0 ? '' : `:${two(size % 60)}`;
  const minutes = two(Math.floor(size / 60) % 60);
  return `${offsetSeconds < 0 ? '-' : '+'}${two(Math.floor(size / 3600))}:${minutes}${seconds}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function notUnderstood(what: string): DataError {
  return new DataError(`Text could not be parsed as ${what} with an offset`);
}
