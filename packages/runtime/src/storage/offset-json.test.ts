import { DataError } from '@tributary/sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkOffsetMap,
  decodeOffsetKey,
  decodeOffsetMap,
  encodeOffsetKey,
  encodeOffsetMap,
  partitionIdentity,
} from './offset-json.ts';

test('writes a key as Java does', () => {
  expect(encodeOffsetKey('my "c"', { file: 'a', n: 1, big: 2n ** 60n, no: null, b: true })).toBe(
    '["my \\"c\\"",{"file":"a","n":1,"big":1152921504606846976,"no":null,"b":true}]',
  );
  expect(encodeOffsetMap({ bytes: Uint8Array.of(1, 2) })).toBe('{"bytes":"AQI="}');
});

test.each(['["c"]', '["c",null]', '[1,{"a":1}]', '["c","x"]', '["c",{},1]', 'c', '', '{}'])(
  'takes nothing from the key %s',
  (text) => {
    expect(decodeOffsetKey(text)).toBeNull();
  },
);

test('keeps every digit of integers beyond 2^53', () => {
  expect(decodeOffsetMap('{"a":9223372036854775807,"b":-9007199254740993,"c":1.5,"d":3}')).toEqual({
    a: 9223372036854775807n,
    b: -9007199254740993n,
    c: 1.5,
    d: 3,
  });
});

test.each(['[]', '1', 'null', '"x"'])('refuses the stored offset %s', (text) => {
  expect(() => decodeOffsetMap(text)).toThrow(DataError);
});

test.each([
  [{ a: {} }, 'MAP'],
  [{ a: [1] }, 'ARRAY'],
  [{ a: new Map() }, 'MAP'],
])('refuses %j', (map, kind) => {
  expect(() => checkOffsetMap(map)).toThrow(`field a contains ${kind}`);
});

test.each([null, [], 'x', 1])('refuses %j in place of a map', (map) => {
  expect(() => checkOffsetMap(map)).toThrow('Offsets must be specified as a Map');
});

const scalar = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.boolean(),
  fc.constant(null),
  // A whole number has no fraction in JSON: beyond 2^53 it is read as what it looks like.
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isInteger(n)),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const map = fc.dictionary(fc.string(), scalar);

describe('for all offsets', () => {
  test('what is written is read back, integers as the smallest type that holds them', () => {
    const normal = (value: unknown): unknown => {
      if (typeof value !== 'bigint') return value;
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    };
    fc.assert(
      fc.property(fc.string(), map, (connector, partition) => {
        const expected = Object.fromEntries(
          Object.entries(partition).map(([key, value]) => [key, normal(value)]),
        );
        const read = decodeOffsetKey(encodeOffsetKey(connector, partition));
        expect(read?.connector).toBe(connector);
        expect({ ...read?.partition }).toEqual(expected);
      }),
    );
  });

  test('a partition is the same whatever the order of its fields', () => {
    fc.assert(
      fc.property(map, (partition) => {
        const reversed = Object.fromEntries(Object.entries(partition).reverse());
        expect(partitionIdentity('c', reversed)).toBe(partitionIdentity('c', partition));
      }),
    );
  });
});
