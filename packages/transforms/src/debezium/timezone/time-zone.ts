/** Offsets from UTC in seconds. Times are seconds since 1970. */
export interface TimeZone {
  offsetAt(instant: number): number;
  /** `local` is what a clock in the zone shows. Where clocks are moved, so that it shows it never or twice, the offset before counts. */
  offsetOfLocal(local: number): number;
}

/** A name of the tz database, or an offset such as +08:00; null when it is neither. */
export function findTimeZone(name: string): TimeZone | null {
  const offset = parseOffset(name);
  if (offset !== null) return { offsetAt: () => offset, offsetOfLocal: () => offset };
  // Java knows these as names of older kind and does not find them when a record comes.
  if (/^(?:A[CEGRS]T|[BEIMNPV]ST|BET|C[ANST]T|E[AC]T|IET|JST|MIT|NET|P[LNR]T|SST)$/i.test(name)) {
    return name === 'EST' || name === 'MST' ? readRules(name) : null;
  }
  return /^[A-Za-z]/.test(name) ? readRules(name) : null;
}

/** `+HH:mm`, `+HH:mm:ss`, up to 18 hours. */
function parseOffset(text: string): number | null {
  const match = /^([+-])(\d{2}):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  if (match === null) return null;
  const [, sign, hours, minutes, seconds = '0'] = match;
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return size > 18 * 3600 ? null : size * (sign === '-' ? -1 : 1);
}

const day = 86_400;
/** The Gregorian calendar repeats itself after 400 years. */
const cycle = 146_097 * day;
const lastYearsFrom = Date.UTC(9000, 0) / 1000;
/** Before any zone had rules. */
const firstYear = Date.UTC(1800, 0) / 1000;
const maxWindows = 1000;

/** The days around one, in which clocks are moved once at most. */
interface Window {
  readonly before: number;
  readonly after: number;
  /** The first second with the offset `after`. */
  readonly change: number;
}

function readRules(name: string): TimeZone | null {
  const format = formatOf(name);
  if (format === null) return null;
  const windows = new Map<number, Window>();

  const windowAround = (time: number): Window => {
    const today = Math.floor(time / day);
    const known = windows.get(today);
    if (known !== undefined) return known;
    const window = findChange(format, (today - 1) * day, (today + 2) * day);
    if (windows.size >= maxWindows) windows.clear();
    windows.set(today, window);
    return window;
  };
  return {
    offsetAt(instant) {
      const time = toKnownYears(instant);
      const { before, after, change } = windowAround(time);
      return time < change ? before : after;
    },
    offsetOfLocal(local) {
      const time = toKnownYears(local);
      const { before, after, change } = windowAround(time);
      return time < change + Math.max(before, after) ? before : after;
    },
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The same day of a year in which the same rules hold. */
function toKnownYears(time: number): number {
  if (time < firstYear) return firstYear;
  return time < lastYearsFrom
    ? time
    : time - cycle * (Math.floor((time - lastYearsFrom) / cycle) + 1);
}

function findChange(format: Intl.DateTimeFormat, from: number, to: number): Window {
  const before = readOffset(format, from);
  const after = readOffset(format, to);
  let low = from;
  let high = to;
  while (before !== after && high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (readOffset(format, middle) === before) low = middle;
    else high = middle;
  }
  return { before, after, change: high };
}

/** What a clock in the zone shows, less what one in UTC shows. */
function readOffset(format: Intl.DateTimeFormat, instant: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instant * 1000)) parts[type] = Number(value);
  const { year = 0, month = 1, day: date = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, date, hour, minute, second) / 1000 - instant;
}
