import {
  type CalendarSystem,
  cutoverYear,
  dayMs,
  firstGregorianDay,
  firstOfMonth,
  startOfFirstWeek,
  weekdayOnOrBefore,
} from './java-calendar.ts';

export type DateField =
  | 'era'
  | 'year'
  | 'weekYear'
  | 'month'
  | 'day'
  | 'dayOfYear'
  | 'dayOfWeek'
  | 'dayOfWeekInMonth'
  | 'weekOfYear'
  | 'weekOfMonth'
  | 'half'
  | 'hour'
  | 'hourOfDay'
  | 'minute'
  | 'second'
  | 'millisecond';

/** What decides the day. */
type DayRule = 'day' | 'dayOfYear' | 'weekOfYear' | 'weekOfMonth' | 'dayOfWeekInMonth';

const unset = 0;

/**
 * Fields of a date as they were read, and the moment that they make. Where they contradict each other the fields read last count; values beyond their range carry over.
 * Source: java.util.GregorianCalendar, lenient.
 */
export class DateFields {
  readonly #values = new Map<DateField, number>();
  /** When a field was set: 1, 2, … */
  readonly #stamps = new Map<DateField, number>();
  #lastStamp = unset;
  #offsetMinutes = 0;

  set(field: DateField, value: number): void {
    this.#lastStamp += 1;
    this.#values.set(field, value);
    this.#stamps.set(field, this.#lastStamp);
  }

  setOffset(minutes: number): void {
    this.#offsetMinutes = minutes;
  }

  addYears(years: number): void {
    for (const field of ['year', 'weekYear'] as const) {
      const value = this.#values.get(field);
      if (value !== undefined) this.#values.set(field, value + years);
    }
  }

  /** Milliseconds since 1970. */
  resolve(): number | null {
    const time = this.#timeOfDay();
    const extraDays = Math.floor(time / dayMs);
    const day = this.#usesWeekYear() ? this.#dayOfWeekDate(extraDays) : this.#dayOf(extraDays);
    const millis = day * dayMs + (time - extraDays * dayMs);
    return millis - this.#offsetMinutes * 60_000;
  }

  #get(field: DateField, absent: number): number {
    return this.#values.get(field) ?? absent;
  }

  #stamp(field: DateField): number {
    return this.#stamps.get(field) ?? unset;
  }

  /** Set only when both are. */
  #stampOfBoth(a: DateField, b: DateField): number {
    const [first, second] = [this.#stamp(a), this.#stamp(b)];
    return first === unset || second === unset ? unset : Math.max(first, second);
  }

  #timeOfDay(): number {
    const minutes = this.#hours() * 60 + this.#get('minute', 0);
    return (minutes * 60 + this.#get('second', 0)) * 1000 + this.#get('millisecond', 0);
  }

  /** The hour of the day, or that of its half with AM or PM, whichever came last. */
  #hours(): number {
    const byDay = this.#stamp('hourOfDay');
    const byHalf = this.#stampOfBoth('hour', 'half');
    if (byDay > unset && byDay >= byHalf) return this.#get('hourOfDay', 0);
    return this.#get('hour', 0) + 12 * this.#get('half', 0);
  }

  #usesWeekYear(): boolean {
    return this.#stamp('weekYear') > this.#stamp('year');
  }

  /** `YYYY`, `ww` and a weekday. The rest of the date does not count, but days from the time of day do. */
  #dayOfWeekDate(extraDays: number): number {
    let week = this.#get('weekOfYear', 1);
    let weekday = this.#get('dayOfWeek', 1);
    if (weekday < 1 || weekday > 7) {
      // Weekdays by number go on through the weeks: 8 is the next Monday, 0 the Sunday before.
      const beyond = weekday >= 8 ? weekday - 1 : weekday;
      week += weekday >= 8 ? Math.floor(beyond / 7) : Math.ceil(weekday / 7) - 1;
      weekday = weekday >= 8 ? (beyond % 7) + 1 : ((weekday % 7) + 7) % 7;
      weekday = (weekday % 7) + 1;
    }
    const weekYear = this.#get('weekYear', 1970);
    const system: CalendarSystem = weekYear > cutoverYear ? 'gregorian' : 'julian';
    const sunday = startOfFirstWeek(firstOfMonth(system, weekYear, 0));
    return sunday + weekday - 1 + 7 * (week - 1) + extraDays;
  }

  #dayOf(extraDays: number): number {
    const rule = this.#dayRule();
    const yearOfEra = this.#get('year', 1970);
    const year = this.#get('era', 1) === 0 ? 1 - yearOfEra : yearOfEra;
    const gregorian = this.#dayIn('gregorian', year, rule) + extraDays;
    if (year > cutoverYear && gregorian >= firstGregorianDay) return gregorian;
    const julian = this.#dayIn('julian', year, rule) + extraDays;
    if (year < cutoverYear && julian < firstGregorianDay) return julian;
    if (rule === 'dayOfYear' || rule === 'weekOfYear') return julian;
    return gregorian >= firstGregorianDay ? gregorian : julian;
  }

  /** The rule whose last field was set last. */
  #dayRule(): DayRule {
    const stamps: [DayRule, number][] = [
      ['day', this.#stamp('day')],
      ['weekOfMonth', this.#stampOfBoth('weekOfMonth', 'dayOfWeek')],
      ['dayOfWeekInMonth', this.#stampOfBoth('dayOfWeekInMonth', 'dayOfWeek')],
      ['dayOfYear', this.#stamp('dayOfYear')],
      ['weekOfYear', this.#stampOfBoth('weekOfYear', 'dayOfWeek')],
    ];
    const best = Math.max(...stamps.map(([, stamp]) => stamp));
    return best === unset ? this.#incompleteRule() : this.#ruleOf(stamps, best);
  }

  #incompleteRule(): DayRule {
    const dayOfWeekInMonth = Math.max(this.#stamp('dayOfWeekInMonth'), this.#stamp('dayOfWeek'));
    const stamps: [DayRule, number][] = [
      ['weekOfMonth', this.#stamp('weekOfMonth')],
      ['dayOfWeekInMonth', dayOfWeekInMonth],
      ['weekOfYear', this.#stamp('weekOfYear')],
    ];
    const best = Math.max(...stamps.map(([, stamp]) => stamp));
    return best === unset ? 'day' : this.#ruleOf(stamps, best);
  }

  /** Rules that share the weekday have the same stamp: then the one whose own field came later counts. */
  #ruleOf(stamps: readonly [DayRule, number][], best: number): DayRule {
    const rules = stamps.filter(([, stamp]) => stamp === best).map(([rule]) => rule);
    const ownStamp = (rule: DayRule): number => this.#stamp(rule);
    return rules.reduce((winner, rule) => (ownStamp(rule) > ownStamp(winner) ? rule : winner));
  }

  #dayIn(system: CalendarSystem, year: number, rule: DayRule): number {
    if (rule === 'dayOfYear') {
      return firstOfMonth(system, year, 0) + this.#get('dayOfYear', 1) - 1;
    }
    if (rule === 'weekOfYear') {
      const sunday = startOfFirstWeek(firstOfMonth(system, year, 0));
      return this.#inWeek(sunday) + 7 * (this.#get('weekOfYear', 1) - 1);
    }
    const month = this.#get('month', 0);
    const first = firstOfMonth(system, year, month);
    if (rule === 'day') return first + this.#get('day', 1) - 1;
    if (rule === 'weekOfMonth') {
      return this.#inWeek(startOfFirstWeek(first)) + 7 * (this.#get('weekOfMonth', 1) - 1);
    }
    return this.#nthWeekday(first, firstOfMonth(system, year, month + 1) - first);
  }

  #inWeek(sunday: number): number {
    const weekday = this.#values.get('dayOfWeek');
    return weekday === undefined ? sunday : weekdayOnOrBefore(sunday + 6, weekday);
  }

  /** Below 0 it is counted from the end of the month. */
  #nthWeekday(first: number, monthLength: number): number {
    const weekday = this.#get('dayOfWeek', 1);
    const which = this.#get('dayOfWeekInMonth', 1);
    if (which >= 0) return weekdayOnOrBefore(first + 7 * which - 1, weekday);
    return weekdayOnOrBefore(first + monthLength + 7 * (which + 1) - 1, weekday);
  }
}
