import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TypedNumber } from './typed-number.ts';
import { convertToDecimal, parseString } from './values-convert.ts';
import { valueToText } from './values-text.ts';

describe('parseString', () => {
  it('has an answer for every text', () => {
    const texts = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom(...'[]{}:,"\\ 019+-.eEnullTtrue2020-01-01Z'), { maxLength: 60 })
        .map((chars) => chars.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseString(text);
        if (parsed !== null) valueToText(parsed.schema, parsed.value);
      }),
      { seed: 5, numRuns: 3000 },
    );
  });

  it.each([
    ['nested lists', '['.repeat(50_000)],
    ['nested lists in lists', '[['.repeat(20_000) + ']'.repeat(20_000)],
    ['a huge exponent', '1e999999999'],
    ['a huge negative exponent', '1e-999999999'],
    ['many digits', '9'.repeat(100_000)],
    ['many colons', `1${':'.repeat(100_000)}`],
    ['many blanks', ' '.repeat(100_000)],
  ])('answers at once for %s', (_what, text) => {
    expect(parseString(text)).not.toBeUndefined();
  });

  it.each([
    ['1e30', 'FLOAT32'],
    ['99999999999999999999.0', 'FLOAT32'],
    ['99999999999999999999', 'BYTES'],
    ['1e309', 'BYTES'],
    ['-.5', 'FLOAT32'],
    ['١', 'INT8'],
    ['true,1', 'STRING'],
    ['1:2:3:4', 'INT8'],
    ['12:00:00.000Z:', 'INT32'],
    ['[1.0,1000000000000]', 'ARRAY'],
  ])('takes %s for %s', (text, type) => {
    expect(parseString(text)?.schema?.type).toBe(type);
  });

  it('takes dates and numbers that are equal for the same key', () => {
    const text = '{2020-01-01:1,true:{1:2,"k":3,1:4},2020-01-01:5}';
    const map = parseString(text)?.value as Map<unknown, unknown>;
    expect([...map.keys()]).toEqual([new Date(1_577_836_800_000), true]);
    expect(valueToText(null, map)).toBe('{2020-01-01:5,true:{1:4,"k":3}}');
    // A value that is replaced need not fit the schema of the others.
    expect(parseString('{"a":"12:30:45.000Z","a":1.5}')?.value).toEqual(new Map([['a', 1.5]]));
  });

  it('lets numbers in lists within a mixed list tell their own type', () => {
    expect(parseString('[[1.5,300],"a"]')?.value).toEqual([
      [1.5, 300].map((value) => new TypedNumber('FLOAT32', value)),
      'a',
    ]);
  });

  it.each([
    ['1.2.3', 'Character array contains more than one decimal point.'],
    ['+.', 'No digits found.'],
    ['1e', 'null'],
    ['1e1 ', 'Not a digit.'],
    ['1e12345678901', 'Too many nonzero exponent digits.'],
    ['1e2147483648', 'Exponent overflow.'],
    ['1e-2147483648', 'Scale out of range.'],
    ['x', 'Character x is neither'],
    ['1234567890123456789x', 'Character array is missing "e"'],
  ])('says as Java does why %s is no decimal', (text, message) => {
    expect(() => convertToDecimal(null, text, 0)).toThrow(message);
  });

  it.each([
    ['2020-1-1ab', 1_577_836_800_000],
    ['10:00:00.5Zab', 36_000_005],
    ['1582-10-10', -12_218_860_800_000],
    ['1400-02-29', -17_981_654_400_000],
  ])('reads the date %s as leniently as Java', (text, millis) => {
    expect(parseString(text)?.value).toEqual(new Date(millis));
  });
});
