import {
  INT32_SCHEMA,
  INT64_SCHEMA,
  isStruct,
  OPTIONAL_STRING_SCHEMA,
  Schema,
  SchemaBuilder,
  SourceRecord,
  STRING_SCHEMA,
  Struct,
} from '@tributary/sdk';
import { describe, expect, it } from 'vitest';
import { eventRouter } from './event-router.ts';

const micros = new Schema({ type: 'INT64', name: 'io.debezium.time.MicroTimestamp' });
const row = SchemaBuilder.struct()
  .name('db.outbox.Value')
  .field('id', STRING_SCHEMA)
  .field('aggregatetype', STRING_SCHEMA)
  .field('aggregateid', STRING_SCHEMA)
  .field('payload', OPTIONAL_STRING_SCHEMA)
  .field('shard', INT32_SCHEMA)
  .field('at', micros)
  .build();
const envelope = SchemaBuilder.struct()
  .name('db.outbox.Envelope')
  .field('after', row)
  .field('op', STRING_SCHEMA)
  .field('ts_ms', INT64_SCHEMA)
  .build();

function insert(payload: string | null, op = 'c'): SourceRecord {
  const after = new Struct(row)
    .put('id', 'e1')
    .put('aggregatetype', 'order')
    .put('aggregateid', '42')
    .put('payload', payload)
    .put('shard', 3)
    .put('at', 7_000_001n);
  const value = new Struct(envelope).put('after', after).put('op', op).put('ts_ms', 5n);
  return SourceRecord.from({
    sourcePartition: null,
    sourceOffset: null,
    topic: 'db.outbox',
    valueSchema: envelope,
    value,
  });
}

function apply(config: Record<string, string>, input: SourceRecord): SourceRecord | null {
  const transformation = eventRouter.create();
  transformation.configure(config);
  return transformation.apply(input) as SourceRecord | null;
}

describe('EventRouter', () => {
  it('drops deletes, updates and tombstones; updates fail where they are fatal', () => {
    expect(apply({}, insert('x', 'd'))).toBeNull();
    expect(apply({}, insert('x', 'u'))).toBeNull();
    expect(apply({}, insert('x').newRecord({ valueSchema: null, value: null }))).toBeNull();
    expect(() => apply({ 'table.op.invalid.behavior': 'fatal' }, insert('x', 'u'))).toThrow(
      /Unexpected update message/,
    );
  });

  it('puts further columns into headers, the partition and an envelope around the payload', () => {
    const config = {
      'table.fields.additional.placement':
        'aggregateid:header:order,shard:partition,id:envelope:key',
      'route.topic.replacement': 'events.${routedByValue}',
    };
    const result = apply(config, insert('hello'));
    expect(result?.topic).toBe('events.order');
    expect(result?.kafkaPartition).toBe(3);
    expect(result?.key).toBe('42');
    expect(result?.timestamp).toBe(5);
    expect(String(result?.value)).toBe('Struct{payload=hello,key=e1}');
    expect(result?.valueSchema?.name).toBe('db.outbox.order.Value');
    expect([...(result?.headers ?? [])].map(({ key, value }) => [key, value])).toEqual([
      ['id', 'e1'],
      ['order', '42'],
    ]);
  });

  it('takes the timestamp from a column of a finer type', () => {
    expect(apply({ 'table.field.event.timestamp': 'at' }, insert('x'))?.timestamp).toBe(7000);
    expect(() => apply({ 'table.field.event.timestamp': 'id' }, insert('x'))).toThrow();
    expect(() => apply({ 'table.field.event.timestamp': 'nope' }, insert('x'))).toThrow(
      'Unable to find timestamp field nope in event',
    );
  });

  it('makes a tombstone of an empty payload where it is told to', () => {
    const config = { 'route.tombstone.on.empty.payload': 'true' };
    const result = apply(config, insert('  '));
    expect([result?.value, result?.valueSchema, result?.key]).toEqual([null, null, '42']);
    expect(apply({}, insert('  '))?.value).toBe('  ');
  });

  it('fails for a missing further column unless it is to be ignored', () => {
    const placement = { 'table.fields.additional.placement': 'nope:header' };
    expect(() => apply(placement, insert('x'))).toThrow('Unable to find field nope in event');
    const ignoring = { ...placement, 'table.field.additional.missing': 'ignore' };
    expect(apply(ignoring, insert('x'))?.value).toBe('x');
  });

  it('expands JSON to structs; text that is none stays', () => {
    const config = { 'table.expand.json.payload': 'true' };
    const json = '{"n":1,"big":9007199254740993,"x":1.5,"list":[{"a":1},{"b":"c"}],"no":null}';
    const value = apply(config, insert(json))?.value;
    expect(isStruct(value)).toBe(true);
    expect(String(value)).toBe(
      'Struct{n=1,big=9007199254740993,x=1.5,list=[Struct{a=1}, Struct{b=c}]}',
    );
    expect(apply(config, insert('{broken'))?.value).toBe('{broken');
    expect(apply(config, insert('[1,"a"]'))?.value).toBe('[1,"a"]');
    const keeping = { ...config, 'table.json.payload.null.behavior': 'optional_bytes' };
    const kept = apply(keeping, insert(json))?.valueSchema;
    expect(kept?.field('no')?.schema.type).toBe('BYTES');
  });
});
