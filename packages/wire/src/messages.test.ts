import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Api } from './api.ts';
import { apis } from './apis.ts';
import {
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequest,
  encodeResponse,
} from './framing.ts';
import { Reader } from './reader.ts';
import type { Field, FieldTable } from './schema.ts';
import { isInRange } from './version-range.ts';
import { WireError } from './wire-error.ts';
import { Writer } from './writer.ts';

/** Tens of thousands of decodings, on a machine that may be busy. */
const longTestMs = 60_000;

type Values = Record<string, unknown>;
type Kind = 'request' | 'response';
interface GoldenMessage {
  api: string;
  kind: Kind;
  version: number;
  value: Values;
  bytes: string;
}
type AnyApi = Api<Values, Values>;

const golden: { cases: GoldenMessage[] } = JSON.parse(
  readFileSync(new URL('golden/messages.json', import.meta.url), 'utf8'),
);
const cases = golden.cases.map((one) => ({
  ...one,
  api: [...apis.values()].find((api) => api.name === one.api) as AnyApi,
}));
const kinds = ['request', 'response'] as const;
const everyVersion = [...apis.values()].flatMap((api: AnyApi) =>
  kinds.flatMap((kind) =>
    Array.from({ length: api.maxVersion - api.minVersion + 1 }, (_, index) => ({
      name: api.name,
      api,
      kind,
      version: api.minVersion + index,
    })),
  ),
);

test('there is a recording for every message in every version', () => {
  const name = (one: { api: AnyApi; kind: Kind; version: number }) => {
    return `${one.api.name} ${one.kind} ${one.version}`;
  };
  expect(cases.map(name).sort()).toEqual(everyVersion.map(name).sort());
});

describe('encodes the bytes of Apache Kafka', () => {
  test.each(cases)('$api.name $kind $version', ({ api, kind, version, value, bytes }) => {
    const given = fromJson(api[kind].fields, value);
    const frame =
      kind === 'request'
        ? encodeRequest(api, version, 77, 'client', given)
        : encodeResponse(api, version, 77, given);
    expect(frame.readInt32BE(0)).toBe(frame.length - 4);
    expect(frame.subarray(4).toString('hex')).toBe(bytes);
  });
});

describe('decodes the bytes of Apache Kafka', () => {
  test.each(cases)('$api.name $kind $version', ({ api, kind, version, value, bytes }) => {
    const reader = new Reader(Buffer.from(bytes, 'hex'));
    readHeader(reader, api, kind, version);
    const decoded = api[kind].decode(reader, version);
    expect(reader.remaining).toBe(0);
    expect(decoded).toEqual(completed(api[kind].fields, fromJson(api[kind].fields, value)));
  });
});

test('a message that is cut anywhere is a WireError', { timeout: longTestMs }, () => {
  for (const { api, kind, version, bytes } of cases) {
    const whole = Buffer.from(bytes, 'hex');
    const header = new Reader(whole);
    readHeader(header, api, kind, version);
    for (let end = header.offset; end < whole.length; end++) {
      const cut = new Reader(whole, header.offset, end);
      expect(() => api[kind].decode(cut, version)).toThrow(WireError);
    }
  }
});

test('damaged bytes are decoded to something or a WireError', { timeout: longTestMs }, () => {
  let refused = 0;
  for (const { api, kind, version, bytes } of cases) {
    for (let at = 12; at < bytes.length / 2; at++) {
      for (const change of [0x01, 0x80, 0xff]) {
        const damaged = Buffer.from(bytes, 'hex');
        damaged[at] = (damaged[at] as number) ^ change;
        const reader = new Reader(damaged);
        try {
          if (kind === 'request') decodeRequestHeader(reader);
          else decodeResponseHeader(reader, api, version);
          api[kind].decode(reader, version);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
          refused++;
        }
      }
    }
  }
  expect(refused).toBeGreaterThan(10_000);
});

describe('what is encoded is decoded again', () => {
  test.each(everyVersion)('$name $kind $version', ({ api, kind, version }) => {
    const codec = api[kind];
    const law = fc.property(arbitraryTable(codec.fields, version), (value) => {
      const writer = new Writer(16);
      codec.encode(writer, value, version);
      const reader = new Reader(writer.finish());
      expect(codec.decode(reader, version)).toEqual(completed(codec.fields, value));
      expect(reader.remaining).toBe(0);
    });
    fc.assert(law, { seed: 42, numRuns: 15 });
  });
});

function readHeader(reader: Reader, api: AnyApi, kind: Kind, version: number): void {
  if (kind === 'response') {
    expect(decodeResponseHeader(reader, api, version)).toBe(77);
    return;
  }
  expect(decodeRequestHeader(reader)).toEqual({
    apiKey: api.key,
    apiVersion: version,
    correlationId: 77,
    clientId: 'client',
  });
}

/** The recording's JSON as our values. */
function fromJson(fields: FieldTable, value: Values): Values {
  return mapFields(fields, value, (field, inner) => {
    if (field.type === 'int64') return BigInt(inner as number);
    if (field.type === 'bytes') return Buffer.from(inner as string, 'base64');
    return inner;
  });
}

function mapFields(
  fields: FieldTable,
  value: Values,
  scalar: (field: Field, value: unknown) => unknown,
): Values {
  const map = (field: Field, inner: unknown): unknown => {
    if (inner === null) return null;
    if (field.type === 'array') {
      return (inner as unknown[]).map((one) => map(field.element as Field, one));
    }
    if (field.type !== 'struct') return scalar(field, inner);
    return mapFields(field.fields as FieldTable, inner as Values, scalar);
  };
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, map(fields[name] as Field, inner)]),
  );
}

/** With every field, as decoding delivers it. Written apart from the code under test. */
function completed(fields: FieldTable, value: Values): Values {
  const complete = (field: Field, inner: unknown): unknown => {
    if (inner === undefined) return missing(field);
    if (inner === null) return null;
    if (field.type === 'struct') return completed(field.fields as FieldTable, inner as Values);
    if (field.type !== 'array') return inner;
    return (inner as unknown[]).map((one) => complete(field.element as Field, one));
  };
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, complete(field as Field, value[name])]),
  );
}

function missing(field: Field): unknown {
  if (field.options.default !== undefined) return field.options.default;
  if (field.type === 'struct') return completed(field.fields as FieldTable, {});
  const zeros: Values = {
    boolean: false,
    int64: 0n,
    uuid: 'A'.repeat(22),
    string: '',
    bytes: Buffer.alloc(0),
    array: [],
  };
  return zeros[field.type] ?? 0;
}

function arbitraryTable(fields: FieldTable, version: number): fc.Arbitrary<Values> {
  const carried = Object.entries(fields as Record<string, Field>).filter(([, field]) =>
    isInRange(field.options.versions, version),
  );
  const mayBeLeftOut = ({ options }: Field) => {
    return options.default !== undefined || options.versions !== undefined;
  };
  return fc.record(
    Object.fromEntries(carried.map(([name, field]) => [name, arbitrary(field, version)])),
    {
      requiredKeys: carried.filter(([, field]) => !mayBeLeftOut(field)).map(([name]) => name),
    },
  );
}

function arbitrary(field: Field, version: number): fc.Arbitrary<unknown> {
  const { nullable } = field.options;
  const value = arbitraryValue(field, version);
  return nullable !== undefined && isInRange(nullable, version)
    ? fc.option(value, { freq: 4 })
    : value;
}

function arbitraryValue(field: Field, version: number): fc.Arbitrary<unknown> {
  switch (field.type) {
    case 'boolean':
      return fc.boolean();
    case 'int8':
      return fc.integer({ min: -128, max: 127 });
    case 'int16':
      return fc.integer({ min: -32768, max: 32767 });
    case 'int32':
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    case 'int64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'uuid':
      return bytes(16, 16).map((value) => value.toString('base64url'));
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 200 });
    case 'bytes':
      return bytes(0, 300);
    case 'array':
      return fc.array(arbitrary(field.element as Field, version), { maxLength: 3 });
    case 'struct':
      return arbitraryTable(field.fields as FieldTable, version);
  }
}

function bytes(minLength: number, maxLength: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ minLength, maxLength }).map((value) => Buffer.from(value));
}
