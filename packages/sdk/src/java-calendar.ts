/**
 * The calendar of java.util.GregorianCalendar in UTC and the USA: Julian before 15 October 1582, weeks from Sunday, the first of January in week 1.
 * Days count from 1970-01-01.
 */

/** Months from 0. `year` is astronomical: 0 is 1 BC. */
export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export type CalendarSystem = 'gregorian' | 'julian';

/** 1582-10-15. */
export const firstGregorianDay = -141_427;
export const cutoverYear = 1582;
export const dayMs = 86_400_000;

export function dateOfDay(epochDay: number): CalendarDate {
  return epochDay >= firstGregorianDay ? gregorianDate(epochDay) : julianDate(epochDay);
}

/** The first of a month; months beyond the year carry over. */
export function firstOfMonth(system: CalendarSystem, year: number, month: number): number {
  const realYear = year + Math.floor(month / 12);
  const realMonth = month - Math.floor(month / 12) * 12;
  const correction = system === 'gregorian' ? gregorianCorrection : () => -32_083;
  return firstByJulianDayNumber(realYear, realMonth + 1, correction);
}

/** In the calendar of that day. */
export function systemOf(epochDay: number): CalendarSystem {
  return epochDay >= firstGregorianDay ? 'gregorian' : 'julian';
}

/** 1 is Sunday, 7 Saturday. */
export function dayOfWeek(epochDay: number): number {
  return modulo(epochDay + 4, 7) + 1;
}

/** The last day with that weekday up to `epochDay`. */
export function weekdayOnOrBefore(epochDay: number, weekday: number): number {
  return epochDay - modulo(epochDay - (weekday - 5), 7);
}

/** Day of the Sunday that begins the week of `firstDay`, the first of a month or year. */
export function startOfFirstWeek(firstDay: number): number {
  const sunday = weekdayOnOrBefore(firstDay + 6, 1);
  return sunday - firstDay >= 1 ? sunday - 7 : sunday;
}

function gregorianCorrection(y: number): number {
  return -Math.floor(y / 100) + Math.floor(y / 400) - 32_045;
}

function firstByJulianDayNumber(
  year: number,
  month: number,
  correction: (y: number) => number,
): number {
  const shift = month < 3 ? 1 : 0;
  const y = year + 4800 - shift;
  const m = month + 12 * shift - 3;
  return (
    1 + Math.floor((153 * m + 2) / 5) + 365 * y + Math.floor(y / 4) + correction(y) - 2_440_588
  );
}

function gregorianDate(epochDay: number): CalendarDate {
  const shifted = epochDay + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  return fromMarch(era * 400 + yearOfEra, dayOfYear);
}

function julianDate(epochDay: number): CalendarDate {
  const shifted = epochDay + 719_470;
  const era = Math.floor(shifted / 1461);
  const dayOfEra = shifted - era * 1461;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460)) / 365);
  return fromMarch(era * 4 + yearOfEra, dayOfEra - 365 * yearOfEra);
}

/** Years that begin in March have their leap day at the end. */
function fromMarch(marchYear: number, dayOfYear: number): CalendarDate {
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = (marchMonth + 2) % 12;
  return { year: month < 2 ? marchYear + 1 : marchYear, month, day };
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
