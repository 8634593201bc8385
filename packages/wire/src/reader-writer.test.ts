import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Reader } from './reader.ts';
import { WireError } from './wire-error.ts';
import { Writer } from './writer.ts';

type Kind = {
  [K in keyof Writer]: K extends keyof Reader ? K : never;
}[keyof Writer];

const int = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const text = fc.string({ unit: 'grapheme', maxLength: 300 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const values: [Kind, fc.Arbitrary<unknown>][] = [
  ['boolean', fc.boolean()],
  ['int8', int(8)],
  ['int16', int(16)],
  ['uint16', fc.nat(65535)],
  ['int32', int(32)],
  ['uint32', fc.integer({ min: 0, max: 2 ** 32 - 1 })],
  ['int64', int64],
  ['float64', fc.double()],
  [
    'uuid',
    fc
      .uint8Array({ minLength: 16, maxLength: 16 })
      .map((b) => Buffer.from(b).toString('base64url')),
  ],
  ['unsignedVarint', fc.integer({ min: 0, max: 2 ** 32 - 1 })],
  ['varint', int(32)],
  ['varlong', int64],
  ['string', text],
  ['nullableString', fc.option(text)],
  ['compactString', text],
  ['compactNullableString', fc.option(text)],
  ['bytes', bytes],
  ['nullableBytes', fc.option(bytes)],
  ['compactBytes', bytes],
  ['compactNullableBytes', fc.option(bytes)],
];

test.each(values)('%s is read as it was written, in a buffer that grows', (kind, arbitrary) => {
  fc.assert(
    fc.property(fc.array(arbitrary, { maxLength: 20 }), (list) => {
      const writer = new Writer(16);
      for (const value of list) (writer[kind] as (value: unknown) => void).call(writer, value);
      const reader = new Reader(writer.finish());
      const read = list.map(() => (reader[kind] as () => unknown).call(reader));
      expect(read).toEqual(list);
      expect(reader.remaining).toBe(0);
    }),
    { seed: 11, numRuns: 50 },
  );
});

test.each(values)('%s is never read beyond the end of its part of a buffer', (kind, arbitrary) => {
  fc.assert(
    fc.property(arbitrary, (value) => {
      const writer = new Writer();
      (writer[kind] as (value: unknown) => void).call(writer, value);
      const size = writer.length;
      writer.raw(Buffer.alloc(20));
      const reader = new Reader(writer.finish(), 0, size - 1);
      expect(() => (reader[kind] as () => unknown).call(reader)).toThrow(WireError);
      expect(reader.offset).toBeLessThanOrEqual(size - 1);
    }),
    { seed: 12, numRuns: 30 },
  );
});

describe('Writer refuses', () => {
  const refused: [Kind, unknown][] = [
    ['int8', 128],
    ['int16', -32769],
    ['uint16', -1],
    ['int32', 2 ** 31],
    ['int32', 0.5],
    ['int32', '1'],
    ['uint32', 2 ** 32],
    ['int64', 1],
    ['int64', 2n ** 63n],
    ['varint', 2 ** 31],
    ['varlong', -(2n ** 63n) - 1n],
    ['unsignedVarint', -1],
    ['float64', null],
    ['boolean', 1],
    ['uuid', 'too short'],
    ['uuid', `${'A'.repeat(21)}B`],
    ['string', null],
    ['string', 'x'.repeat(32768)],
    ['bytes', 'text'],
  ];
  test.each(refused)('%s of %s', (kind, value) => {
    const writer = new Writer();
    const write = () => (writer[kind] as (value: unknown) => void).call(writer, value);
    expect(write).toThrow(WireError);
    expect(writer.length).toBe(0);
  });

  test('text without repeating it', () => {
    const write = () => new Writer().int32('secret' as unknown as number);
    expect(write).toThrow(new WireError('a string is not a valid int32'));
  });
});

describe('Reader refuses', () => {
  const cases: [Kind, string, string][] = [
    ['string', 'ffff', 'null is not allowed'],
    ['string', 'fffe', 'has the length -2'],
    ['nullableBytes', 'fffffffe', 'has the length -2'],
    ['compactString', '00', 'null is not allowed'],
    ['compactBytes', 'ffffffff0f', 'needs 4294967294 bytes'],
    ['unsignedVarint', 'ffffffff1f', 'does not fit 32 bits'],
    ['unsignedVarint', '808080808000', 'does not fit 32 bits'],
    ['varlong', 'ffffffffffffffffff7f', 'does not fit 64 bits'],
  ];
  test.each(cases)('%s from %s', (kind, hex, message) => {
    const reader = new Reader(Buffer.from(hex, 'hex'));
    expect(() => (reader[kind] as () => unknown).call(reader)).toThrow(message);
  });

  test('a part that lies outside its buffer', () => {
    expect(() => new Reader(Buffer.alloc(4), 0, 5)).toThrow(WireError);
    expect(() => new Reader(Buffer.alloc(4), 5)).toThrow(WireError);
  });
});

test('a writer is used again after reset', () => {
  const writer = new Writer();
  writer.string('first');
  writer.reset();
  writer.int8(1);
  expect(writer.finish()).toEqual(Buffer.from([1]));
});
