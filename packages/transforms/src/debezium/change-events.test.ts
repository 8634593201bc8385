import {
  BYTES_SCHEMA,
  DATE_SCHEMA,
  Decimal,
  decimalSchema,
  FLOAT32_SCHEMA,
  FLOAT64_SCHEMA,
  INT64_SCHEMA,
  OPTIONAL_STRING_SCHEMA,
  type Schema,
  SchemaBuilder,
  SourceRecord,
  STRING_SCHEMA,
  Struct,
  type TransformationPlugin,
} from '@tributary/sdk';
import { describe, expect, it } from 'vitest';
import { extractChangedRecordState } from './extract-changed-record-state.ts';
import { partitionRouting } from './partition-routing.ts';
import { javaHashCode, murmurHash } from './record-hash.ts';

const product = SchemaBuilder.struct()
  .optional()
  .name('shop.product.Value')
  .field('id', INT64_SCHEMA)
  .field('price', FLOAT32_SCHEMA)
  .field('name', SchemaBuilder.string().optional().default('unnamed').build())
  .field('note', OPTIONAL_STRING_SCHEMA)
  .build();
const source = SchemaBuilder.struct().field('table', STRING_SCHEMA).build();
const envelope = SchemaBuilder.struct()
  .name('shop.product.Envelope')
  .field('before', product)
  .field('after', product)
  .field('source', source)
  .field('op', STRING_SCHEMA)
  .build();

function row(name: string | null, note: string | null = null): Struct {
  return new Struct(product, [1n, 1, name, note]);
}

function change(op: string, before: Struct | null, after: Struct | null): SourceRecord {
  const value = new Struct(envelope, [before, after, new Struct(source, ['product']), op]);
  return record(envelope, value);
}

function record(valueSchema: Schema | null, value: unknown): SourceRecord {
  return new SourceRecord(null, null, 'shop.product', null, null, null, valueSchema, value);
}

function apply(
  plugin: TransformationPlugin,
  config: Record<string, string>,
  input: SourceRecord,
): SourceRecord {
  const transformation = plugin.create();
  transformation.configure(config);
  return transformation.apply(input) as SourceRecord;
}

describe('ExtractChangedRecordState', () => {
  const config = { 'header.changed.name': 'changed', 'header.unchanged.name': 'same' };
  const headersOf = (input: SourceRecord, options: Record<string, string> = config): unknown[] =>
    [...apply(extractChangedRecordState, options, input).headers].map(({ key, value, schema }) => [
      key,
      value,
      schema?.name,
    ]);

  it('lists the columns that an update changed and those it did not, under schemas that are named as the headers', () => {
    expect(headersOf(change('u', row('a'), row('b')))).toEqual([
      ['changed', ['name'], 'changed'],
      ['same', ['id', 'price', 'note'], 'same'],
    ]);
    const onlyChanged = { 'header.changed.name': 'changed', 'header.unchanged.name': ' ' };
    expect(headersOf(change('u', row('a'), row('b')), onlyChanged)).toHaveLength(1);
  });

  it('tells a null from the default that it would be read as', () => {
    expect(headersOf(change('u', row(null), row('unnamed')))[0]).toEqual([
      'changed',
      ['name'],
      'changed',
    ]);
  });

  it('gives empty lists to inserts and deletes, and nothing to what is no change event', () => {
    const empty = [
      ['changed', [], 'changed'],
      ['same', [], 'same'],
    ];
    expect(headersOf(change('c', null, row('a')))).toEqual(empty);
    expect(headersOf(change('d', row('a'), null))).toEqual(empty);
    for (const other of [record(STRING_SCHEMA, 'beat'), record(null, null)]) {
      expect(apply(extractChangedRecordState, config, other)).toBe(other);
    }
  });

  it('keeps the headers of the record before its own, and the record as it was', () => {
    const input = change('u', row('a'), row('b'));
    input.headers.addString('trace', '7');
    expect(headersOf(input)).toHaveLength(3);
    expect(input.headers.size).toBe(1);
    expect(headersOf(input, {})).toHaveLength(1);
  });
});

describe('PartitionRouting', () => {
  const partitionOf = (fields: string, partitions: string, input: SourceRecord): number | null =>
    apply(
      partitionRouting,
      { 'partition.payload.fields': fields, 'partition.topic.num': partitions },
      input,
    ).kafkaPartition;

  it("chooses the partition by Java's hash of the fields, or by murmur", () => {
    const input = change('c', null, row('orange'));
    expect(partitionOf('change.id, change.name', '100', input)).toBe(39);
    const murmur = {
      'partition.payload.fields': 'change.id,change.name',
      'partition.topic.num': '100',
      'partition.hash.function': 'MURMUR',
    };
    expect(apply(partitionRouting, murmur, input).kafkaPartition).toBe(65);
    expect(partitionOf('after.name', '2', change('c', null, row('APPLE')))).toBe(0);
  });

  it('reads "change" from the row that there is, also with blanks around names', () => {
    const created = partitionOf('change . name', '100', change('c', null, row('x')));
    expect(created).toBe(partitionOf('after.name', '100', change('c', null, row('x'))));
    expect(partitionOf('change.name', '100', change('d', row('x'), null))).toBe(created);
  });

  it('passes over fields that an event does not have or that are null', () => {
    const input = change('c', null, row('orange'));
    expect(partitionOf('after.nope,change.name', '3', input)).toBe(1);
    for (const fields of ['after.nope', 'after.note', 'op.x', 'change', 'nope.x']) {
      const config = { 'partition.payload.fields': fields, 'partition.topic.num': '3' };
      expect(apply(partitionRouting, config, input), fields).toBe(input);
    }
  });

  it('fails for a row that is null, and says how to name it', () => {
    expect(() => partitionOf('after.name', '3', change('d', row('x'), null))).toThrow(
      'Cannot choose a partition by "after.name": "after" is null in a change event of operation "d"; "change." leads to the row that there is',
    );
  });

  it('lets truncations, messages and what is no change event pass', () => {
    const others = [change('t', null, null), change('m', null, null), record(null, null)];
    for (const other of [...others, record(STRING_SCHEMA, 'x')]) {
      expect(partitionOf('op,source.table', '3', other)).toBeNull();
    }
  });

  it('refuses a config without fields, with empty ones, or without partitions', () => {
    const configure = (config: Record<string, string>): void =>
      partitionRouting.create().configure(config);
    const fields = { 'partition.payload.fields': 'op' };
    const partitions = { 'partition.topic.num': '2' };
    expect(() => configure(partitions)).toThrow('partition.payload.fields');
    expect(() => configure(fields)).toThrow('partition.topic.num');
    expect(() => configure({ ...fields, 'partition.topic.num': '0' })).toThrow('at least 1');
    expect(() => configure({ ...partitions, 'partition.payload.fields': ',op' })).toThrow(
      'Empty string element(s) not permitted',
    );
  });
});

/** Value, schema, Java's hash code, Debezium's murmur hash; printed by Java. */
const hashes: [unknown, Schema, number, number][] = [
  ['orange', STRING_SCHEMA, -1008851410, -1471092080],
  ['', STRING_SCHEMA, 0, 89125410],
  ['abcdefghijklmnopqrstuvwxyz0123456789', STRING_SCHEMA, 1478768498, -1578587871],
  ['żółć 😀 \ud800x', STRING_SCHEMA, -561307535, 56255636],
  ['日本語日本語日', STRING_SCHEMA, 114619717, -1150327473],
  [-5n, INT64_SCHEMA, 4, 1233385530],
  [1234567890123n, INT64_SCHEMA, 1912276436, 518237802],
  [-3, SchemaBuilder.int8().build(), -3, -1765749021],
  [true, SchemaBuilder.boolean().build(), 1231, -1891831265],
  [-0, FLOAT32_SCHEMA, -2147483648, -797218156],
  [-2.25e300, FLOAT64_SCHEMA, -414554997, -663250257],
  [Number.NaN, FLOAT64_SCHEMA, 2146959360, -1249978784],
  [Decimal.parse('12345.6789'), decimalSchema(4), -467806833, 1804438496],
  [Decimal.parse('-98765432109876543210.5'), decimalSchema(1), -1039834585, -445030763],
  [Decimal.parse('-7'), decimalSchema(0), -217, 730133763],
  [new Date(1700000000123), DATE_SCHEMA, -807048720, 942063065],
  [new Uint8Array([1, 254, 3]), BYTES_SCHEMA, 32613, -1459025727],
  [['a', 'b'], SchemaBuilder.array(STRING_SCHEMA).build(), 4066, -1],
];

describe('hashes of values', () => {
  it.each(hashes)('of %s are those of Java', (value, schema, hash, murmur) => {
    expect(javaHashCode(value, schema)).toBe(hash);
    if (murmur !== -1) expect(murmurHash(value, schema)).toBe(murmur);
  });
});
