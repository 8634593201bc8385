import {
  type CalendarDate,
  cutoverYear,
  dateOfDay,
  dayMs,
  dayOfWeek,
  firstGregorianDay,
  firstOfMonth,
  startOfFirstWeek,
  systemOf,
} from './java-calendar.ts';
import { eras, halves, months, short, weekdays } from './java-date-names.ts';
import type { DatePart } from './java-date-pattern.ts';

export function formatDate(parts: readonly DatePart[], millis: number): string {
  const moment = readMoment(millis);
  let text = '';
  for (const part of parts) {
    text += part.kind === 'text' ? part.text : formatField(part.letter, part.count, moment);
  }
  return text;
}

interface Moment {
  readonly epochDay: number;
  readonly date: CalendarDate;
  /** Milliseconds since midnight. */
  readonly time: number;
}

function readMoment(millis: number): Moment {
  const epochDay = Math.floor(millis / dayMs);
  return { epochDay, date: dateOfDay(epochDay), time: millis - epochDay * dayMs };
}

const shortMonths = short(months);
const shortWeekdays = short(weekdays);

function formatField(letter: string, count: number, moment: Moment): string {
  const { epochDay, date, time } = moment;
  const hour = Math.floor(time / 3_600_000);
  switch (letter) {
    case 'G':
      return eras[date.year > 0 ? 1 : 0] as string;
    case 'y':
      return yearText(date.year > 0 ? date.year : 1 - date.year, count);
    case 'Y':
      return yearText(weekYear(moment), count);
    case 'M':
    case 'L':
      return nameOrNumber(date.month, count, months, shortMonths);
    case 'd':
      return padded(date.day, count);
    case 'E':
      return (count >= 4 ? weekdays : shortWeekdays)[dayOfWeek(epochDay) - 1] as string;
    case 'u':
      return padded(((dayOfWeek(epochDay) + 5) % 7) + 1, count);
    case 'D':
      return padded(dayOfYear(moment), count);
    case 'F':
      return padded(Math.floor((dayInMonth(moment) - 1) / 7) + 1, count);
    case 'w':
      return padded(weekOfYear(moment), count);
    case 'W':
      return padded(weekNumber(epochDay - dayInMonth(moment) + 1, epochDay), count);
    case 'a':
      return halves[hour < 12 ? 0 : 1] as string;
    case 'H':
      return padded(hour, count);
    case 'k':
      return padded(hour === 0 ? 24 : hour, count);
    case 'K':
      return padded(hour % 12, count);
    case 'h':
      return padded(hour % 12 === 0 ? 12 : hour % 12, count);
    case 'm':
      return padded(Math.floor(time / 60_000) % 60, count);
    case 's':
      return padded(Math.floor(time / 1000) % 60, count);
    case 'S':
      return padded(time % 1000, count);
    case 'z':
      return count >= 4 ? 'Coordinated Universal Time' : 'UTC';
    case 'Z':
      return '+0000';
    default:
      // X
      return 'Z';
  }
}

function yearText(year: number, count: number): string {
  return count === 2 ? padded(year % 100, 2) : padded(year, count);
}

function nameOrNumber(
  month: number,
  count: number,
  long: readonly string[],
  abbreviated: readonly string[],
): string {
  if (count >= 4) return long[month] as string;
  return count === 3 ? (abbreviated[month] as string) : padded(month + 1, count);
}

function padded(value: number, count: number): string {
  return value < 0 ? `-${padded(-value, count)}` : String(value).padStart(count, '0');
}

function dayOfYear({ epochDay, date }: Moment): number {
  return epochDay - firstOfYear(epochDay, date.year) + 1;
}

/** Of the year in which the calendars changed the days are counted from its Julian first. */
function firstOfYear(epochDay: number, year: number): number {
  return firstOfMonth(year === cutoverYear ? 'julian' : systemOf(epochDay), year, 0);
}

/** In the month that lost ten days the days are counted as they were. */
function dayInMonth({ epochDay, date }: Moment): number {
  const isShortMonth = date.year === cutoverYear && date.month === 9;
  return isShortMonth && epochDay >= firstGregorianDay ? date.day - 10 : date.day;
}

function weekNumber(firstDay: number, epochDay: number): number {
  return Math.floor((epochDay - startOfFirstWeek(firstDay)) / 7) + 1;
}

/** The days of December that share a week with the next first of January are in week 1. */
function weekOfYear({ epochDay, date }: Moment): number {
  const week = weekNumber(firstOfYear(epochDay, date.year), epochDay);
  if (week < 52) return week;
  const next = firstOfMonth(systemOf(epochDay), date.year + 1, 0);
  return epochDay >= startOfFirstWeek(next) ? 1 : week;
}

function weekYear(moment: Moment): number {
  const { year, month } = moment.date;
  return month === 11 && weekOfYear(moment) === 1 ? year + 1 : year;
}
