import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseProperties } from './properties.ts';

interface Golden {
  about: string;
  cases: {
    name: string;
    in: { bytes: string };
    expect?: Record<string, string>;
    error?: { message: string };
  }[];
}

// Recorded from java.util.Properties of Java 17.
const golden = JSON.parse(
  readFileSync(new URL('golden/properties-files.json', import.meta.url), 'utf8'),
) as Golden;

describe('parseProperties reads as Java', () => {
  test('every recorded case has an outcome', () => {
    expect(golden.cases.length).toBeGreaterThan(30);
    for (const { expect: entries, error } of golden.cases) {
      expect(entries !== undefined || error !== undefined).toBe(true);
    }
  });

  for (const { name, in: input, expect: entries, error } of golden.cases) {
    test(name, () => {
      const parse = () => parseProperties(Buffer.from(input.bytes, 'base64'));
      if (error !== undefined) expect(parse).toThrow(error.message);
      else expect(parse()).toEqual(entries);
    });
  }
});

const parse = (text: string) => parseProperties(Buffer.from(text, 'latin1'));

test('a blank line ends a continued one', () => {
  expect(parse('a=1\\\n\nb=2')).toEqual({ a: '1', b: '2' });
});

test('a line that holds nothing but a continuation sign is joined to the next', () => {
  expect(parse('  \\\n  a=1')).toEqual({ a: '1' });
});

test('a comment sign behind nothing but a continuation sign begins a comment', () => {
  expect(parse('\\\n# no entry\na=\\\n#one')).toEqual({ a: '#one' });
});

test('an even number of backslashes at the end continues nothing', () => {
  expect(parse('a=1\\\\\nb=2')).toEqual({ a: '1\\', b: '2' });
});

test('names the line of a broken escape', () => {
  expect(() => parse('# one\na=1\nb=\\u12')).toThrow(
    expect.objectContaining({
      message: 'Malformed \\uxxxx encoding.',
      cause: expect.objectContaining({ message: expect.stringContaining('line 3') }),
    }),
  );
});

test('keeps keys that objects have by nature', () => {
  expect(Object.entries(parse('__proto__=1\nconstructor=2'))).toEqual([
    ['__proto__', '1'],
    ['constructor', '2'],
  ]);
});

test('whatever is escaped as Java writes it is read back', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(fc.dictionary(text, text), (entries) => {
      const lines = Object.entries(entries).map(
        ([key, value]) => `${escape(key)}=${escape(value)}`,
      );
      expect(Object.entries(parse(lines.join('\n'))).sort()).toEqual(
        Object.entries(entries).sort(),
      );
    }),
  );
});

function escape(text: string): string {
  return Array.from({ length: text.length }, (_, index) => {
    const unit = text.charCodeAt(index).toString(16).padStart(4, '0');
    return `\\u${unit}`;
  }).join('');
}
