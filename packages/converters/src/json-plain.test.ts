import { TypedNumber, valuesEqual } from '@tributary/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schemalessBytes } from './json-bytes.ts';
import { decodeSchemaless } from './json-decoder.ts';
import { encodeSchemaless } from './json-encoder.ts';
import { parseJson } from './json-parser.ts';
import { PlainReader } from './json-plain-reader.ts';

const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.maxSafeInteger(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.uint8Array(),
  fc.integer().map((value) => new TypedNumber('INT8', value)),
);
const { any } = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('any')),
    fc
      .array(fc.tuple(fc.oneof(fc.string({ unit: 'binary' }), fc.nat()), tie('any')))
      .map((entries) => new Map(entries)),
    fc.dictionary(fc.string(), tie('any')),
  ),
}));

describe('schemalessBytes', () => {
  it('writes what encodeSchemaless gives', () => {
    fc.assert(
      fc.property(any, (value) => {
        const written = Buffer.from(schemalessBytes('<', value, '>')).toString('utf8');
        expect(written).toBe(`<${encodeSchemaless(value)}>`);
      }),
      { seed: 1, numRuns: 200 },
    );
  }, 60_000);

  it.each([0.001, -0.5, 1.25, 9_999_999.999, 10_000_000.5, 0.0005, 1e-9, -123.4, 100.1, 0.1 + 0.2])(
    'writes %s with its shortest digits',
    (value) => {
      const written = Buffer.from(schemalessBytes('', value, '')).toString('utf8');
      expect(written).toBe(encodeSchemaless(value));
    },
  );

  it('writes decimals of few digits as the slower way does', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(10, 100, 1000, 10_000), (number, scale) => {
        const value = number / scale;
        const written = Buffer.from(schemalessBytes('', value, '')).toString('utf8');
        expect(written).toBe(encodeSchemaless(value));
      }),
      { seed: 3, numRuns: 3000 },
    );
  }, 60_000);

  it('writes messages that are larger than its buffer', () => {
    const value = Array.from({ length: 3 }, () => 'é\n'.repeat(40_000));
    const written = Buffer.from(schemalessBytes('', value, '')).toString('utf8');
    expect(JSON.parse(written)).toEqual(value);
  });
});

describe('PlainReader', () => {
  const reader = new PlainReader();

  it.each([
    ['{"a":1,"b":[1.5,-2,true,null,"x"],"c":{"d":"e\\n"}}', true],
    ['{"b":1,"a":{},"c":[]}', true],
    ['{"a":1.0,"b":-0.0,"c":0}', true],
    ['{"a":1 }', false],
    ['{"a":01}', false],
    ['-0', false],
    ['1e5', false],
    ['1234567890123456', false],
    ['1.', false],
    ['.5', false],
    ['{"a":1}}', false],
    ['{"a" "b"}', false],
    ['["a\nb"]', false],
    ['["a', false],
    ['["\\x"]', false],
    ['[1,]', false],
    ['nullx', false],
    ['', false],
    [`${'['.repeat(200)}${']'.repeat(200)}`, false],
  ])('reads %s as the full parser does, or leaves it to that: %s', (text, isRead) => {
    const value = reader.read(Buffer.from(text), text);
    expect(value !== undefined).toBe(isRead);
    if (isRead) expect(valuesEqual(value, decodeSchemaless(parseJson(text) ?? null))).toBe(true);
  });

  it('agrees with the full parser whatever was read before', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5, stringUnit: 'binary' }), (text) => {
        const value = reader.read(Buffer.from(text), text);
        if (value === undefined) return;
        expect(valuesEqual(value, decodeSchemaless(parseJson(text) ?? null))).toBe(true);
      }),
      { seed: 2, numRuns: 2000 },
    );
  }, 60_000);
});
