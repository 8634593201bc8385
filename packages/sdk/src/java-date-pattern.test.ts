import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileDatePattern } from './java-date-pattern.ts';
import { IllegalArgumentError } from './java-errors.ts';

interface GoldenCase {
  pattern: string;
  /** Java's text, when it refuses the pattern. */
  error?: string;
  formatted?: Record<string, string>;
  parsed?: Record<string, number>;
  refused?: string[];
}

const golden = JSON.parse(
  readFileSync(new URL('golden/java-date-pattern.json', import.meta.url), 'utf8'),
) as { now: number; cases: GoldenCase[] };

describe('patterns that ran in Java', () => {
  it.each(golden.cases.filter((one) => one.error !== undefined))(
    "refuses $pattern with Java's text",
    ({ pattern, error }) => {
      expect(() => compileDatePattern(pattern)).toThrow(
        expect.objectContaining({
          message: error,
          javaName: 'java.lang.IllegalArgumentException',
        }),
      );
    },
  );

  it.each(golden.cases.filter((one) => one.error === undefined))(
    'writes and reads $pattern as Java does',
    ({ pattern, formatted = {}, parsed = {}, refused = [] }) => {
      const format = compileDatePattern(pattern, () => golden.now);
      const times = Object.keys(formatted);
      expect(times.map((time) => format.format(Number(time)))).toEqual(Object.values(formatted));
      expect(Object.keys(parsed).map((text) => format.parse(text))).toEqual(Object.values(parsed));
      expect(refused.map((text) => format.parse(text))).toEqual(refused.map(() => null));
    },
  );
});

describe('years of two digits', () => {
  it.each([
    ['2024-06-15', '24-06-15', '2024-06-15'],
    ['2024-06-15', '44-06-14', '2044-06-14'],
    ['2024-06-15', '44-06-16', '1944-06-16'],
    ['2024-06-15', '45-01-01', '1945-01-01'],
  ])('lie within 80 years before %s and 20 after: %s is %s', (now, text, expected) => {
    const format = compileDatePattern('yy-MM-dd', () => Date.parse(now));
    expect(new Date(format.parse(text) ?? Number.NaN).toISOString().slice(0, 10)).toBe(expected);
  });
});

it('reads back what it wrote, to the second, for any moment since the year 1', () => {
  const format = compileDatePattern("EEEE, d MMMM yyyy G 'at' HH:mm:ss zzz");
  fc.assert(
    fc.property(fc.integer({ min: -62_135_769_600, max: 253_402_300_799 }), (seconds) => {
      const text = format.format(seconds * 1000);
      expect(format.parse(text)).toBe(seconds * 1000);
    }),
    { seed: 1 },
  );
});

it('answers any text that is no pattern with an argument error, and quickly', () => {
  const char = fc.constantFrom(..."GyMdkHmsSEDFwWahKzZYuXLbT' -/:.,0é");
  fc.assert(
    fc.property(fc.string({ unit: char, maxLength: 30 }), fc.string(), (pattern, text) => {
      const start = cpuMillis();
      try {
        compileDatePattern(pattern).parse(text);
      } catch (error) {
        expect(IllegalArgumentError.is(error)).toBe(true);
      }
      expect(cpuMillis() - start).toBeLessThan(100);
    }),
    { numRuns: 2000, seed: 1 },
  );
});

/** Of this thread: what others do on the machine does not count. */
function cpuMillis(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
