import {
  INT32_SCHEMA,
  type Schema,
  SchemaBuilder,
  SourceRecord,
  STRING_SCHEMA,
  Struct,
  type TransformationPlugin,
} from '@tributary/sdk';
import { describe, expect, it } from 'vitest';
import { contentBasedRouter, debeziumFilter } from './scripting.ts';

const row = SchemaBuilder.struct().optional().field('id', INT32_SCHEMA).build();
const envelope = SchemaBuilder.struct()
  .name('dummy.Envelope')
  .field('before', row)
  .field('op', STRING_SCHEMA)
  .build();

function record(topic: string, valueSchema: Schema | null, value: unknown): SourceRecord {
  return new SourceRecord(null, null, topic, 3, null, null, valueSchema, value, 9);
}

function deletion(id: number, topic = `dummy${id}`): SourceRecord {
  const value = new Struct(envelope, [new Struct(row, [id]), 'd']);
  const result = record(topic, envelope, value);
  result.headers.addInt('idh', id);
  return result;
}

function apply(
  plugin: TransformationPlugin,
  config: Record<string, string>,
  input: SourceRecord,
): SourceRecord | null {
  const transformation = plugin.create();
  transformation.configure({ language: 'jsr223.groovy', ...config });
  return transformation.apply(input) as SourceRecord | null;
}

const filter = (config: Record<string, string>, input: SourceRecord): SourceRecord | null =>
  apply(debeziumFilter, config, input);
const route = (config: Record<string, string>, input: SourceRecord): SourceRecord | null =>
  apply(contentBasedRouter, config, input);

const condition = "value.op != 'd' || value.before.id != 2";

describe('Filter of Debezium', () => {
  it.each([
    [condition, 'jsr223.groovy'],
    [condition, 'jsr223.graal.js'],
    ["topic == 'dummy1'", 'jsr223.groovy'],
    ['header.idh.value == 1', 'jsr223.groovy'],
    ["header.idh.value == 1 && topic.startsWith('dummy')", 'jsr223.graal.js'],
    ["value.get('op') != 'd' || value.get('before').get('id') != 2", 'jsr223.js'],
    ["header.get('idh').value === 1", 'jsr223.JavaScript'],
  ])('keeps the records for which %s is true (%s)', (expression, language) => {
    const config = { condition: expression, language };
    const kept = deletion(1);
    expect(filter(config, kept)).toBe(kept);
    expect(filter(config, deletion(2))).toBeNull();
  });

  it('lets records of other topics pass', () => {
    const config = { condition, 'topic.regex': 'dum.*' };
    const other = deletion(2, 'customer');
    expect(filter(config, other)).toBe(other);
    expect(filter(config, deletion(2))).toBeNull();
    expect(filter({ ...config, 'topic.regex': '' }, deletion(2))).toBeNull();
  });

  it('keeps records without a value, drops them, or asks about them', () => {
    const tombstone = record('dummy', null, null);
    const modes = (mode: string, text = condition): SourceRecord | null =>
      filter({ condition: text, 'null.handling.mode': mode }, tombstone);
    expect(filter({ condition }, tombstone)).toBe(tombstone);
    expect(modes('KEEP')).toBe(tombstone);
    expect(modes('drop')).toBeNull();
    expect(() => modes('evaluate')).toThrow(
      `Error while evaluating expression '${condition}': Cannot get property 'op' on null object`,
    );
    expect(modes('evaluate', 'value == null')).toBe(tombstone);
  });

  it('fails for heartbeats and other records that have no such fields', () => {
    const beat = record('beat', row, new Struct(row, [1]));
    expect(() => filter({ condition }, beat)).toThrow('op is not a valid field name');
    expect(filter({ condition, language: 'jsr223.graal.js' }, beat)).toBe(beat);
  });

  it('fails when the condition is neither true nor false, and does not tell what it is', () => {
    const secret = record('t', STRING_SCHEMA, 'secret');
    expect(() => filter({ condition: 'value' }, secret)).toThrow(
      /^Error while evaluating expression 'value': the value returned by the expression is not a Boolean but java.lang.String$/,
    );
    expect(() => filter({ condition: 'null' }, secret)).toThrow('is not a Boolean but null');
    expect(() => filter({ condition: 'value < 1' }, secret)).toThrow(
      'Cannot compare java.lang.String with java.lang.Integer',
    );
  });

  it('refuses configs without language or condition, and languages that are not there', () => {
    const configure = (config: Record<string, string>) => () =>
      debeziumFilter.create().configure(config);
    const language = 'jsr223.groovy';
    expect(configure({ condition })).toThrow('language');
    expect(configure({ language })).toThrow('condition');
    expect(configure({ language, condition: ' ' })).toThrow('A value is required');
    expect(configure({ condition, language: 'groovy' })).toThrow(
      "Value for option 'language' must begin with 'jsr223.'",
    );
    expect(configure({ condition, language: 'jsr223.jython' })).toThrow(
      "Implementation of language 'jython' not found",
    );
    expect(configure({ condition, language: 'wasm.chicory' })).toThrow('not supported');
    expect(configure({ condition, language, 'topic.regex': '(' })).toThrow('topic.regex');
    expect(configure({ condition, language, 'null.handling.mode': 'x' })).toThrow(
      'null.handling.mode',
    );
  });
});

describe('ContentBasedRouter', () => {
  const config = {
    'topic.expression': "value == null ? 'nulls' : (value.before.id == 1 ? 'ones' : null)",
  };

  it('sends records where the expression says; null leaves them where they are', () => {
    const routed = route(config, deletion(1));
    expect([routed?.topic, routed?.kafkaPartition, routed?.timestamp]).toEqual(['ones', 3, 9]);
    expect([...(routed?.headers ?? [])]).toHaveLength(1);
    const other = deletion(2);
    expect(route(config, other)).toBe(other);
  });

  it('looks at the topics it is for, and at records without a value where it is told to', () => {
    const matching = { ...config, 'topic.regex': 'dummy.*' };
    expect(route(matching, deletion(1))?.topic).toBe('ones');
    expect(route(matching, deletion(1, 'customer'))?.topic).toBe('customer');
    const tombstone = record('dummy', null, null);
    expect(route(config, tombstone)).toBe(tombstone);
    expect(route({ ...config, 'null.handling.mode': 'drop' }, tombstone)).toBeNull();
    expect(route({ ...config, 'null.handling.mode': 'evaluate' }, tombstone)?.topic).toBe('nulls');
  });

  it('fails when the expression gives no text', () => {
    expect(() => route({ 'topic.expression': '1' }, deletion(1))).toThrow(
      'the value returned by the expression is not a String but java.lang.Integer',
    );
  });
});
