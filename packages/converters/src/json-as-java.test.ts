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
