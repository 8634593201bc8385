import { describe, expect, it } from 'vitest';
import { Decimal } from './decimal.ts';
import { Headers } from './headers.ts';
import { doubleText, floatText, javaText } from './java-text.ts';
import {
  Field,
  INT32_SCHEMA,
  INT64_SCHEMA,
  OPTIONAL_STRING_SCHEMA,
  Schema,
  STRING_SCHEMA,
} from './schema.ts';
import { SchemaBuilder } from './schema-builder.ts';
import { SinkRecord } from './sink-record.ts';
import { SourceRecord } from './source-record.ts';
import { Struct } from './struct.ts';

describe('Schema', () => {
  const build = (): SchemaBuilder =>
    SchemaBuilder.struct()
      .name('N')
      .version(1)
      .parameters([
        ['a', '1'],
        ['b', '2'],
      ])
      .field('i', INT32_SCHEMA)
      .field('l', SchemaBuilder.array(STRING_SCHEMA));

  it('equals one built the same way and has the same hash', () => {
    const other = new Schema({
      type: 'STRUCT',
      name: 'N',
      version: 1,
      parameters: new Map([
        ['b', '2'],
        ['a', '1'],
      ]),
      fields: [
        new Field('i', 0, new Schema({ type: 'INT32' })),
        new Field('l', 1, SchemaBuilder.array(new Schema({ type: 'STRING' })).build()),
      ],
    });
    expect(build().build().equals(other)).toBe(true);
    expect(build().build().hashCode()).toBe(other.hashCode());
  });

  it.each([
    build().optional(),
    build().doc('d'),
    build().parameter('a', '2'),
    build().field('x', INT64_SCHEMA),
    SchemaBuilder.struct().name('N').version(1).field('i', INT32_SCHEMA),
  ])('differs when an attribute differs', (builder) => {
    expect(build().build().equals(builder.build())).toBe(false);
  });

  it('is not changed by its builder afterwards', () => {
    const builder = SchemaBuilder.struct().field('a', INT32_SCHEMA).parameter('p', '1');
    const schema = builder.build();
    builder.field('b', INT32_SCHEMA).parameter('p', '2');
    expect(schema.fields).toHaveLength(1);
    expect(schema.parameters?.get('p')).toBe('1');
  });
});

describe('SourceRecord', () => {
  const record = SourceRecord.from({
    sourcePartition: { file: 'f' },
    sourceOffset: { position: 5 },
    topic: 't',
    valueSchema: STRING_SCHEMA,
    value: 'v',
  });

  it('prints as in Java', () => {
    expect(String(record)).toBe(
      "SourceRecord{sourcePartition={file=f}, sourceOffset={position=5}} ConnectRecord{topic='t', kafkaPartition=null, key=null, keySchema=null, value=v, valueSchema=Schema{STRING}, timestamp=null, headers=ConnectHeaders(headers=)}",
    );
  });

  it('makes headers only when they are asked for', () => {
    const fresh = record.newRecord({});
    expect(fresh.headersOrNull).toBeNull();
    fresh.headers.addString('a', 'b');
    expect(fresh.headersOrNull?.size).toBe(1);
    expect(record.headersOrNull).toBeNull();
  });

  it('copies itself with changes, null included, and its own headers', () => {
    const first = record.newRecord({ headers: new Headers().addString('a', 'b') });
    const second = first.newRecord({
      topic: 'u',
      value: null,
      valueSchema: null,
      kafkaPartition: 3,
    });
    expect(second).toMatchObject({ topic: 'u', value: null, valueSchema: null, kafkaPartition: 3 });
    expect(second.sourceOffset).toBe(record.sourceOffset);
    second.headers.clear();
    expect(first.headers.size).toBe(1);
  });

  it('equals a record with equal parts', () => {
    expect(record.equals(record.newRecord({}))).toBe(true);
    expect(record.equals(record.newRecord({ value: 'w' }))).toBe(false);
    expect(record.equals(record.newRecord({ headers: new Headers().addString('a', 'b') }))).toBe(
      false,
    );
  });
});

describe('SinkRecord', () => {
  it('keeps the coordinates it was consumed from', () => {
    const record = new SinkRecord('t', 2, null, null, null, 'v', 9_007_199_254_740_991);
    const routed = record.newRecord({ topic: 'u', kafkaPartition: 0 });
    expect(routed).toMatchObject({
      topic: 'u',
      kafkaPartition: 0,
      originalTopic: 't',
      originalKafkaPartition: 2,
    });
    expect(routed.originalKafkaOffset).toBe(9_007_199_254_740_991n);
    expect(String(routed)).toMatch(
      /^SinkRecord\{kafkaOffset=9007199254740991, timestampType=NoTimestampType, originalTopic=t, originalKafkaPartition=2, originalKafkaOffset=9007199254740991\} ConnectRecord\{topic='u', kafkaPartition=0, /,
    );
  });
});

describe('javaText', () => {
  it.each([
    [100, '100.0'],
    [1e7, '1.0E7'],
    [9999999, '9999999.0'],
    [0.001, '0.001'],
    [0.00012, '1.2E-4'],
    [5e-324, '4.9E-324'],
    [1.7976931348623157e308, '1.7976931348623157E308'],
    [-0, '-0.0'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('prints the double %d as %s', (value, text) => {
    expect(doubleText(value)).toBe(text);
  });

  it.each([
    [0.1, '0.1'],
    [16777216, '1.6777216E7'],
    [3.4028234663852886e38, '3.4028235E38'],
    [1.401298464324817e-45, '1.4E-45'],
    [12345.678, '12345.678'],
  ])('prints the float %d as %s', (value, text) => {
    expect(floatText(value)).toBe(text);
  });

  it('tells floats by their schema', () => {
    const schema = SchemaBuilder.struct()
      .field('f', SchemaBuilder.float32())
      .field('d', SchemaBuilder.float64())
      .field('s', OPTIONAL_STRING_SCHEMA)
      .build();
    expect(javaText(new Struct(schema).put('f', 1).put('d', 2))).toBe('Struct{f=1.0,d=2.0}');
    expect(
      javaText(
        new Map<unknown, unknown>([
          ['a', null],
          [1, [1.5, 1]],
        ]),
      ),
    ).toBe('{a=null, 1=[1.5, 1]}');
  });
});

describe('Decimal', () => {
  it.each([
    '0',
    '1.50',
    '-0.001',
    '1E+3',
    '1E-7',
    '0.000001',
    '12345678901234567890.12',
    '-1.2E+10',
    '0E-10',
  ])('prints %s as it reads it', (text) => {
    expect(String(Decimal.parse(text))).toBe(text);
  });

  it.each(['', '.', '1e', '1_0', '0x1', ' 1', '1 ', '--1', 'e5'])(
    'takes %j for no number',
    (text) => {
      expect(Decimal.parse(text)).toBeNull();
    },
  );
});
