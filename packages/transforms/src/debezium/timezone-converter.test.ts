import { readFileSync } from 'node:fs';
import {
  INT64_SCHEMA,
  isStruct,
  OPTIONAL_INT64_SCHEMA,
  OPTIONAL_TIMESTAMP_SCHEMA,
  Schema,
  SchemaBuilder,
  SourceRecord,
  STRING_SCHEMA,
  Struct,
} from '@tributary/sdk';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findTimeZone, type TimeZone } from './timezone/time-zone.ts';
import { moveDateTime, moveTime } from './timezone/zoned-text.ts';
import { timezoneConverter } from './timezone-converter.ts';

const debeziumTime = (type: 'INT32' | 'INT64' | 'STRING', name: string): Schema =>
  new Schema({ type, name: `io.debezium.time.${name}`, version: 1, isOptional: true });

const source = SchemaBuilder.struct()
  .optional()
  .field('table', STRING_SCHEMA)
  .field('ts_ms', OPTIONAL_INT64_SCHEMA)
  .field('ts_us', OPTIONAL_INT64_SCHEMA)
  .field('ts_ns', OPTIONAL_INT64_SCHEMA)
  .field('other', OPTIONAL_INT64_SCHEMA)
  .build();
const row = SchemaBuilder.struct()
  .optional()
  .field('id', INT64_SCHEMA)
  .field('day', debeziumTime('INT32', 'Date'))
  .field('millis', debeziumTime('INT64', 'Timestamp'))
  .field('micros', debeziumTime('INT64', 'MicroTimestamp'))
  .field('nanos', debeziumTime('INT64', 'NanoTimestamp'))
  .field('zoned', debeziumTime('STRING', 'ZonedTimestamp'))
  .field('time', debeziumTime('STRING', 'ZonedTime'))
  .field('connect', OPTIONAL_TIMESTAMP_SCHEMA)
  .build();
const envelope = SchemaBuilder.struct()
  .name('dummy.Envelope')
  .field('before', row)
  .field('after', row)
  .field('source', source)
  .field('op', STRING_SCHEMA)
  .build();

type Values = Record<string, unknown>;

function struct(schema: Schema, values: Values | null): Struct | null {
  if (values === null) return null;
  const result = new Struct(schema);
  for (const [name, value] of Object.entries(values)) result.put(name, value);
  return result;
}

function event(
  after: Values | null,
  before: Values | null = null,
  origin: Values = {},
): SourceRecord {
  const value = new Struct(envelope)
    .put('before', before && struct(row, { id: 1n, ...before }))
    .put('after', after && struct(row, { id: 1n, ...after }))
    .put('source', struct(source, { table: 'customers', ...origin }))
    .put('op', 'u');
  return new SourceRecord(null, null, 'db.server1.table1', null, null, null, envelope, value);
}

function convert(config: Record<string, string>, input: SourceRecord): SourceRecord {
  const transformation = timezoneConverter.create();
  transformation.configure(config);
  return transformation.apply(input) as SourceRecord;
}

function values(record: SourceRecord, part: 'before' | 'after' | 'source'): Values {
  const container = (record.value as Struct).get(part);
  if (!isStruct(container)) return {};
  const entries = container.schema.fields.map(({ name }) => [name, container.get(name)] as const);
  return Object.fromEntries(entries.filter(([name, value]) => value !== null && name !== 'id'));
}

const zoned = '2020-01-01T11:55:30+00:00';

describe('TimezoneConverter', () => {
  it('takes numbers for what a clock of the zone showed, and moves texts to its offset', () => {
    const input = event({
      millis: 1514908810123n,
      micros: 1529507596945104n,
      nanos: 1531481025340000104n,
      zoned: '2018-01-02T11:15:30.123456789+00:00',
      time: '11:15:30.123456789+00:00',
      day: 17_000,
    });
    const snapshot = String(input.value);
    const result = convert({ 'converted.timezone': '+05:30' }, input);
    expect(values(result, 'after')).toEqual({
      millis: 1514889010123n,
      micros: 1529487796945104n,
      nanos: 1531461225340000104n,
      zoned: '2018-01-02T16:45:30.123456789+05:30',
      time: '16:45:30.123456789+05:30',
      day: 17_000,
    });
    expect(String(input.value)).toBe(snapshot);
    expect(result.valueSchema).toBe(input.valueSchema);
  });

  it("knows the zones' rules for Debezium's and Connect's types", () => {
    const easter = { 'converted.timezone': 'Pacific/Easter' };
    const texts = event({ zoned: '2011-01-11T16:40:30.123456789+00:00' });
    expect(values(convert(easter, texts), 'after')).toEqual({
      zoned: '2011-01-11T11:40:30.123456789-05:00',
    });
    const cairo = { 'converted.timezone': 'Africa/Cairo' };
    const dates = event({ connect: new Date('2018-03-27T02:00:00Z') });
    expect(values(convert(cairo, dates), 'after')).toEqual({
      connect: new Date('2018-03-27T00:00:00Z'),
    });
  });

  it('passes what is no change event, and events without times', () => {
    const config = { 'converted.timezone': 'UTC' };
    const heartbeat = new SourceRecord(null, null, 't', null, null, null, STRING_SCHEMA, 'beat');
    const tombstone = new SourceRecord(null, null, 't', null, null, null, null, null);
    for (const input of [heartbeat, tombstone, event({}), event(null)]) {
      expect(convert(config, input)).toBe(input);
    }
  });

  it('leaves times of the source alone unless one of them is named', () => {
    const origin = { ts_ms: 1577879730001n, ts_us: 1577879730001002n, ts_ns: 1577879730001002003n };
    const input = event({}, null, { ...origin, other: 5n });
    const config = { 'converted.timezone': '+01:00' };
    const kept = { table: 'customers', ...origin, other: 5n };
    const after = (list: Record<string, string>): Values => {
      return values(convert({ ...config, ...list }, input), 'source');
    };
    expect(after({})).toEqual(kept);
    expect(after({ 'include.list': 'source:customers' })).toEqual(kept);
    expect(after({ 'include.list': 'source:customers:source.ts_us' })).toEqual({
      ...kept,
      ts_us: origin.ts_us + 3_600_000_000n,
    });
    expect(after({ 'exclude.list': 'source:customers:source.ts_us' })).toEqual({
      ...kept,
      ts_ms: origin.ts_ms + 3_600_000n,
      ts_ns: origin.ts_ns + 3_600_000_000_000n,
    });
  });

  const moved = '2020-01-01T14:55:30+03:00';
  const time = '11:55:30Z';
  const movedTime = '14:55:30+03:00';
  const lists: [key: string, list: string, zonedText: string, timeText: string][] = [
    ['include.list', 'source:customers', moved, movedTime],
    ['include.list', 'source:customers:zoned', moved, time],
    ['include.list', 'source:customers:after.zoned', moved, time],
    ['include.list', 'source:customers:before.zoned', zoned, time],
    ['include.list', 'source:others,customers', moved, movedTime],
    ['include.list', 'source:others,others:zoned', zoned, time],
    ['include.list', 'source:others:zoned', zoned, time],
    ['include.list', 'topic:db.server1.table1', moved, movedTime],
    ['include.list', 'topic:db.server1.table1:time', zoned, movedTime],
    ['include.list', 'topic:customers', zoned, time],
    ['include.list', 'db.server1.table1:time', zoned, movedTime],
    ['include.list', 'customers:time', zoned, movedTime],
    ['exclude.list', 'source:customers', zoned, time],
    ['exclude.list', 'source:customers:zoned', zoned, movedTime],
    ['exclude.list', 'source:others', moved, movedTime],
    ['exclude.list', 'topic:db.server1.table1:time', moved, time],
    ['exclude.list', 'customers:time,customers:zoned', zoned, time],
  ];

  it.each(lists)('%s %s: %s, %s', (key, list, zonedText, timeText) => {
    const config = { 'converted.timezone': '+03:00', [key]: list };
    expect(values(convert(config, event({ zoned, time })), 'after')).toEqual({
      zoned: zonedText,
      time: timeText,
    });
  });

  it('refuses time zones and lists that are none, and both lists at once', () => {
    const configure = (config: Record<string, string>) => () =>
      timezoneConverter.create().configure(config);
    for (const zone of ['Mars/Base', '+8', '+25:00', '0800', '', 'PST', 'Z']) {
      expect(configure({ 'converted.timezone': zone }), zone).toThrow('Invalid timezone format');
    }
    const config = { 'converted.timezone': 'UTC' };
    for (const list of [
      '',
      'customers',
      'source',
      'a:b:c:d',
      'source:a:b,source:c:d',
      'topic:a-b',
    ]) {
      expect(configure({ ...config, 'include.list': list }), list).toThrow(
        'Invalid include list format.',
      );
    }
    expect(configure({ ...config, 'exclude.list': 'x' })).toThrow('Invalid exclude list format.');
    expect(
      configure({ ...config, 'include.list': 'source:a', 'exclude.list': 'source:b' }),
    ).toThrow('Both include and exclude lists are specified. Please specify only one.');
    expect(configure({})).toThrow('converted.timezone');
  });
});

describe('texts with an offset', () => {
  afterEach(() => vi.useRealTimers());
  const oslo = findTimeZone('Europe/Oslo') as TimeZone;

  it.each([
    ['2024-07-01T12:00Z', '2024-07-01T14:00:00+02:00'],
    ['2024-12-31T23:30:00.1200-01:00', '2025-01-01T01:30:00.12+01:00'],
    ['+12024-01-01T00:00:00Z', '+12024-01-01T01:00:00+01:00'],
    ['2024-02-29t00:00:00z', '2024-02-29T01:00:00+01:00'],
  ])('%s in Oslo is %s', (text, expected) => {
    expect(moveDateTime(text, oslo)).toBe(expected);
  });

  it('write Z for UTC', () => {
    expect(moveDateTime(zoned, findTimeZone('UTC') as TimeZone)).toBe('2020-01-01T11:55:30Z');
  });

  it('have the offset of today where they have no date', () => {
    vi.useFakeTimers({ now: new Date('2024-07-01T00:00:00Z') });
    const input = event({ time: '23:15:00+00:00' });
    const config = { 'converted.timezone': 'Europe/Oslo' };
    expect(values(convert(config, input), 'after')).toEqual({ time: '01:15:00+02:00' });
    vi.setSystemTime(new Date('2024-12-01T00:00:00Z'));
    expect(values(convert(config, input), 'after')).toEqual({ time: '00:15:00+01:00' });
  });

  it.each([
    '2024-02-30T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:00:00',
    'x',
    '2024-01-01T00:00:00+19:00',
  ])('refuse %s and do not repeat it', (text) => {
    expect(() => moveDateTime(text, oslo)).toThrow(/^Text could not be parsed/);
    expect(() => moveTime(text, oslo, 0)).toThrow(/^Text could not be parsed/);
  });
});

/** Zone, seconds, offset of that instant, offset of that time on a clock there; printed by Java 17. */
const offsets = JSON.parse(
  readFileSync(new URL('timezone/golden/java-offsets.json', import.meta.url), 'utf8'),
) as [string, number, number, number][];

it("has the offsets of Java's rules, also where clocks are moved", () => {
  expect(offsets.length).toBeGreaterThan(100);
  for (const [name, seconds, ofInstant, ofLocal] of offsets) {
    const zone = findTimeZone(name) as TimeZone;
    expect([zone.offsetAt(seconds), zone.offsetOfLocal(seconds)], `${name} ${seconds}`).toEqual([
      ofInstant,
      ofLocal,
    ]);
  }
});
