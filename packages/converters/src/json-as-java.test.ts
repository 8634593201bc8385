import { describe, expect, it } from 'vitest';
import { JsonConverter } from './json-converter.ts';

/** What Kafka Connect's own class gave for the same bytes. */

const withEnvelope = new JsonConverter();
withEnvelope.configure({}, false);

function readTyped(type: string, payload: string): unknown {
  const message = `{"schema":{"type":"${type}","optional":false},"payload":${payload}}`;
  return withEnvelope.toConnectData('t', Buffer.from(message)).value;
}

describe('base64', () => {
  it.each([
    ['YWJj\nYWJj', 'abcabc'],
    [' YWJj', 'abc'],
    ['YWJjYWI=\n', 'abcab'],
    ['\t\r\nYWJj', 'abc'],
    ['YWJj\u0001YWJj', 'abcabc'],
    ['YWJjYQ==YWJj', 'abcaabc'],
    ['YWJj YWI=', 'abcab'],
    ['YR==', 'a'],
    ['\n', ''],
  ])('may be broken between groups: %j', (text, expected) => {
    expect(readTyped('bytes', JSON.stringify(text))).toEqual(Buffer.from(expected));
  });

  it.each(['YW Jj', 'Y\nWJj', 'YWJjYWI =', 'YWJjYQ=\n=', 'YWI', '=', '====', 'YW-_', 'YWJj\u00a0'])(
    'may not be broken within a group: %j',
    (text) => {
      expect(() => readTyped('bytes', JSON.stringify(text))).toThrow('Invalid bytes field');
    },
  );
});

it.each([
  ['1.00000005960464477539062500001', 1 + 2 ** -23],
  ['1.000000059604644775390625', 1],
  ['9007199791611905', 9007200328482816],
  ['3.4028235677973366e38', 2 ** 128 - 2 ** 104],
  ['-1.00000005960464477539062500001', -(1 + 2 ** -23)],
  ['0.1', Math.fround(0.1)],
])('rounds %s once to a float', (text, expected) => {
  expect(readTyped('float', text)).toBe(expected);
});

it.each([
  ['1.0', '"1.0"'],
  ['12345678901234567890', '"12345678901234567890"'],
  ['1.0', '"#1.0"'],
])('keeps schemas apart that differ in a default of %s and %s', (number, text) => {
  const json = new JsonConverter();
  json.configure({}, false);
  const read = (value: string): unknown => {
    const message = `{"schema":{"type":"string","optional":true,"default":${value}},"payload":null}`;
    return json.toConnectData('t', Buffer.from(message)).value;
  };
  expect(read(number)).toBeNull();
  expect(read(text)).toBe(JSON.parse(text));
});

describe('limits', () => {
  const plain = new JsonConverter();
  plain.configure({ 'schemas.enable': 'false' }, false);
  const read = (text: string): unknown => plain.toConnectData('t', Buffer.from(text)).value;
  const readPayload = (text: string): unknown =>
    withEnvelope.toConnectData('t', Buffer.from(`{"schema":null,"payload":${text}}`)).value;
  const lists = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  const nested = (depth: number, wrap: (value: unknown) => unknown): unknown => {
    let value: unknown = 1;
    for (let i = 0; i < depth; i++) value = wrap(value);
    return value;
  };

  it.each([
    [read, lists(1000), lists(1001)],
    [
      read,
      `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`,
      `${'{"a":'.repeat(1001)}1${'}'.repeat(1001)}`,
    ],
    [readPayload, lists(999), lists(1000)],
    [read, `{"${'a'.repeat(50_000)}":1}`, `{"${'a'.repeat(50_001)}":1}`],
    [read, `{"${'a'.repeat(50_000)}":1 }`, `{"${'a'.repeat(50_001)}":1 }`],
    [read, `0.${'9'.repeat(999)}`, `0.${'9'.repeat(1000)}`],
    [read, `-0.${'9'.repeat(996)}e+100`, `-0.${'9'.repeat(997)}e+100`],
    [read, `${'0'.repeat(2000)}1`, '9'.repeat(1001)],
    [read, '\ufeff1', '\ufeff'],
  ])('of reading are those of Java: %#', (readText, allowed, refused) => {
    expect(readText(allowed)).not.toBeNull();
    expect(() => readText(refused)).toThrow('due to serialization error');
  });

  it('counts the characters of strings', () => {
    expect(() => read(`"${'a'.repeat(20_000_001)}"`)).toThrow('due to serialization error');
  }, 60_000);

  it.each([
    [plain, 1000],
    [withEnvelope, 999],
  ])('of writing are those of Java: %#', (json, depth) => {
    for (const wrap of [(value: unknown) => [value], (value: unknown) => new Map([['a', value]])]) {
      expect(json.fromConnectData('t', null, nested(depth, wrap))).not.toBeNull();
      expect(() => json.fromConnectData('t', null, nested(depth + 1, wrap))).toThrow(
        'due to serialization error',
      );
    }
  });

  it('are those of depth, not of the number of brackets', () => {
    const text = JSON.stringify(Array.from({ length: 3000 }, () => ['[[[\\"']));
    expect(read(text)).toHaveLength(3000);
  });
});
