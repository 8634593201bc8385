import type { ConsumedRecords } from '@tributary/kafka';
import {
  type ConnectRecord,
  type Converter,
  type HeaderConverter,
  SinkRecord,
  SourceRecord,
  STRING_SCHEMA,
} from '@tributary/sdk';
import { describe, expect, test } from 'vitest';
import { checkTimestamp, createSinkConversion, createSourceConversion } from './convert.ts';
import { createLink } from './transformation-chain.ts';
import type { Converters } from './types.ts';

describe('a source record', () => {
  test('passes transformations, then headers, key and value; converters get the new topic', () => {
    const { converters, calls } = setUp();
    const chain = [link<SourceRecord>('Route', (record) => record.newRecord({ topic: 'routed' }))];
    const conversion = createSourceConversion(chain, converters);
    expect(conversion.convert(sourceRecord('v'))).toEqual({
      topic: 'routed',
      partition: 3,
      timestamp: 7,
      key: Buffer.from('k'),
      value: Buffer.from('v'),
      headers: [{ key: 'h', value: Buffer.from('1') }],
    });
    expect(calls).toEqual(['header routed', 'key routed', 'value routed']);
  });

  test('that a transformation drops is converted no further', () => {
    const { converters, calls } = setUp();
    const conversion = createSourceConversion(
      [link<SourceRecord>('Filter', () => null)],
      converters,
    );
    expect(conversion.convert(sourceRecord('v'))).toBeNull();
    expect(calls).toEqual([]);
  });

  test.each([
    ['transformation', 'TRANSFORMATION', 'Second'],
    ['header', 'HEADER_CONVERTER', 'HeaderConverter'],
    ['key', 'KEY_CONVERTER', 'KeyConverter'],
    ['value', 'VALUE_CONVERTER', 'ValueConverter'],
  ])('is taken up again where it failed: %s', (failing, stage, className) => {
    const { converters, calls, fail } = setUp();
    fail(failing);
    const conversion = createSourceConversion(
      [
        link<SourceRecord>('First', (record) => (calls.push('first'), record)),
        link<SourceRecord>('Second', (record) => {
          if (failing === 'transformation' && calls.length < 2) {
            calls.push('second failed');
            throw new Error('once');
          }
          return record;
        }),
      ],
      converters,
    );
    expect(() => conversion.convert(sourceRecord('v'))).toThrow('once');
    expect(conversion.failedStage()).toEqual({ stage, className });
    expect(conversion.resume()?.value).toEqual(Buffer.from('v'));
    // Nothing that succeeded was done twice.
    expect(calls.filter((call) => call === 'first')).toEqual(['first']);
    expect(new Set(calls).size).toBe(calls.length);
  });

  test('leaves no trace in the next one', () => {
    const { converters } = setUp();
    const conversion = createSourceConversion([], converters);
    conversion.convert(sourceRecord('v'));
    const plain = new SourceRecord({}, {}, 't', null, null, null, STRING_SCHEMA, 'w', null);
    expect(conversion.convert(plain)).toMatchObject({ value: Buffer.from('w'), headers: [] });
  });
});

describe('a consumed record', () => {
  const from = {
    topic: 't',
    partition: 2,
    timestampType: 'CreateTime',
    nextOffset: 10n,
    records: [],
  } as unknown as ConsumedRecords;
  const record = {
    offset: 9,
    timestamp: -1,
    key: Buffer.from('k'),
    value: Buffer.from('v'),
    headers: [{ key: 'h', value: Buffer.from('1') }],
  };

  test('is decoded key first, then transformed; no timestamp is none', () => {
    const { converters, calls } = setUp();
    const chain = [
      link<SinkRecord>('Upper', (each) =>
        each.newRecord({ value: String(each.value).toUpperCase() }),
      ),
    ];
    const conversion = createSinkConversion(chain, converters);
    conversion.begin(from);
    const sink = conversion.convert(record) as SinkRecord;
    expect(sink).toBeInstanceOf(SinkRecord);
    expect(sink).toMatchObject({ topic: 't', key: 'k', value: 'V', timestamp: null });
    expect([...(sink.headersOrNull ?? [])].map(({ key, value }) => [key, value])).toEqual([
      ['h', '1'],
    ]);
    expect(calls).toEqual(['key t', 'value t', 'header t']);
  });

  test.each([
    ['key', 'KEY_CONVERTER'],
    ['value', 'VALUE_CONVERTER'],
    ['header', 'HEADER_CONVERTER'],
  ])('is taken up again where it failed: %s', (failing, stage) => {
    const { converters, calls, fail } = setUp();
    fail(failing);
    const conversion = createSinkConversion([], converters);
    conversion.begin(from);
    expect(() => conversion.convert(record)).toThrow('once');
    expect(conversion.failedStage().stage).toBe(stage);
    expect(conversion.resume()).toMatchObject({ key: 'k', value: 'v' });
    expect(new Set(calls).size).toBe(calls.length);
  });

  test('goes on behind the transformations that succeeded', () => {
    const { converters } = setUp();
    let applied = 0;
    let isFailing = true;
    const conversion = createSinkConversion(
      [
        link<SinkRecord>('First', (each) => {
          applied += 1;
          return each.newRecord({ topic: 'renamed' });
        }),
        link<SinkRecord>('Second', (each) => {
          if (isFailing) throw new Error('once');
          return each;
        }),
      ],
      converters,
    );
    conversion.begin(from);
    expect(() => conversion.convert(record)).toThrow('once');
    expect(conversion.failedStage()).toEqual({ stage: 'TRANSFORMATION', className: 'Second' });
    isFailing = false;
    expect(conversion.resume()?.topic).toBe('renamed');
    expect(applied).toBe(1);
  });
});

test.each([
  [null, null],
  [-1, null],
  [0, 0],
  [5, 5],
])('the timestamp %s is %s for Kafka', (timestamp, expected) => {
  expect(checkTimestamp(timestamp)).toBe(expected);
});

test('any other negative timestamp is refused', () => {
  expect(() => checkTimestamp(-2)).toThrow('Invalid record timestamp -2');
});

function sourceRecord(value: string): SourceRecord {
  const record = new SourceRecord({}, {}, 't', 3, STRING_SCHEMA, 'k', STRING_SCHEMA, value, 7);
  record.headers.add('h', '1', STRING_SCHEMA);
  return record;
}

function link<R extends ConnectRecord>(className: string, apply: (record: R) => R | null) {
  return createLink<R>(className, { configure() {}, apply } as never, null, false);
}

/** Text converters that tell of each call that succeeds; `fail` makes one of them fail once. */
function setUp() {
  const calls: string[] = [];
  let failing: string | null = null;
  const tell = (kind: string, topic: string): void => {
    if (failing === kind) {
      failing = null;
      throw new Error('once');
    }
    calls.push(`${kind} ${topic}`);
  };
  const converter = (kind: string): Converter => ({
    configure() {},
    fromConnectData(topic, _schema, value) {
      tell(kind, topic);
      return value === null ? null : Buffer.from(String(value));
    },
    toConnectData(topic, bytes) {
      tell(kind, topic);
      return { schema: null, value: bytes === null ? null : Buffer.from(bytes).toString() };
    },
  });
  const header = {
    configure() {},
    fromConnectHeader(topic: string, _key: string, _schema: unknown, value: unknown) {
      tell('header', topic);
      return Buffer.from(String(value));
    },
    toConnectHeader(topic: string, _key: string, bytes: Uint8Array) {
      tell('header', topic);
      return { schema: null, value: Buffer.from(bytes).toString() };
    },
  } as unknown as HeaderConverter;
  const converters: Converters = {
    key: { plugin: converter('key'), className: 'KeyConverter' },
    value: { plugin: converter('value'), className: 'ValueConverter' },
    header: { plugin: header, className: 'HeaderConverter' },
  };
  return { converters, calls, fail: (kind: string) => (failing = kind) };
}
