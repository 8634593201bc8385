import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ByteEntry, decodeHashMap, encodeHashMap } from './java-hash-map.ts';

interface Case {
  name: string;
  in: { call: 'save' | 'load'; entries?: [string, string | null][]; bytes?: string };
  expect?: { bytes?: string; entries?: [string, string | null][] };
  error?: { message?: string };
}

// Recorded by running FileOffsetBackingStore of Apache Kafka 4.3.1.
const golden = new URL('golden/offsets-file.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(golden, 'utf8')) as { cases: Case[] };

describe.for(cases)('$name', ({ in: input, expect: expected, error }) => {
  it('is what Java does', () => {
    if (input.call === 'save') {
      const entries = (input.entries ?? []).map(toBytes);
      expect(encodeHashMap(entries).toString('base64')).toBe(expected?.bytes);
      return;
    }
    const load = () =>
      decodeHashMap(Buffer.from(input.bytes ?? '', 'base64'))
        .map(toText)
        .sort();
    if (error === undefined) expect(load()).toEqual(expected?.entries);
    else expect(load).toThrow(error.message);
  });
});

it('reads a map of any size back', () => {
  for (const size of [0, 1, 12, 13, 1000]) {
    const entries = Array.from({ length: size }, (_, index) => toBytes([`k${index}`, `v${index}`]));
    expect(decodeHashMap(encodeHashMap(entries))).toEqual(entries);
  }
});

it('takes a file that is cut anywhere for an empty one, and never for another', () => {
  const file = encodeHashMap([toBytes(['a', '1']), toBytes(['b', null]), toBytes(['c', '3'])]);
  for (let length = 0; length < file.length - 1; length++) {
    expect(decodeHashMap(file.subarray(0, length)), `cut at ${length}`).toEqual([]);
  }
});

function toBytes([key, value]: [string, string | null]): ByteEntry {
  return [Buffer.from(key), value === null ? null : Buffer.from(value)];
}

function toText([key, value]: ByteEntry): [string, string | null] {
  return [key.toString(), value?.toString() ?? null];
}
