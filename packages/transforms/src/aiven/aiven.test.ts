import {
  INT32_SCHEMA,
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
import { caseTransform } from './case-transform.ts';
import { concatFields } from './concat-fields.ts';
import { extractTimestamp } from './extract-timestamp.ts';
import { extractTopic } from './extract-topic.ts';
import { extractTopicFromSchemaName } from './extract-topic-from-schema-name.ts';
import { filterByFieldValue } from './filter-by-field-value.ts';
import { hash } from './hash.ts';
import { keyToValue } from './key-to-value.ts';

const schema = SchemaBuilder.struct()
  .name('shop.Order')
  .field('id', INT64_SCHEMA)
  .field('name', OPTIONAL_STRING_SCHEMA)
  .field('n', INT32_SCHEMA)
  .build();
const struct = new Struct(schema).put('id', 7n).put('name', 'Ada').put('n', 1);

function record(valueSchema: Schema | null, value: unknown, key: unknown = null): SourceRecord {
  const fields = { sourcePartition: null, sourceOffset: null, topic: 't', key };
  return SourceRecord.from({ ...fields, valueSchema, value });
}

function apply(
  plugin: TransformationPlugin,
  config: Record<string, string>,
  input: SourceRecord,
): SourceRecord | null {
  const transformation = plugin.create();
  transformation.configure(config);
  return transformation.apply(input) as SourceRecord | null;
}

describe('ExtractTimestamp', () => {
  it('takes INT64 fields and dates, and refuses what else there may be', () => {
    const config = { 'field.name': 'id' };
    expect(apply(extractTimestamp.value, config, record(schema, struct))?.timestamp).toBe(7);
    const date = new Map([['id', new Date(9)]]);
    expect(apply(extractTimestamp.value, config, record(null, date))?.timestamp).toBe(9);
    for (const [name, problem] of [
      ['n', /n field must be INT64/],
      ['nope', /nope field must be present/],
    ] as const) {
      const run = () =>
        apply(extractTimestamp.value, { 'field.name': name }, record(schema, struct));
      expect(run).toThrow(problem);
    }
    expect(() => apply(extractTimestamp.value, config, record(null, null))).toThrow(
      /value can't be null/,
    );
  });
});

describe('ExtractTopic', () => {
  it('takes numbers, too, and skips what is missing where it is told to', () => {
    expect(apply(extractTopic.value, { 'field.name': 'n' }, record(schema, struct))?.topic).toBe(
      '1',
    );
    const empty = record(schema, new Struct(schema));
    const config = { 'field.name': 'name' };
    expect(() => apply(extractTopic.value, config, empty)).toThrow(/can't be null or empty/);
    const skipping = { ...config, 'skip.missing.or.null': 'true' };
    expect(apply(extractTopic.value, skipping, empty)).toBe(empty);
    expect(() => apply(extractTopic.value, {}, record(schema, struct))).toThrow(
      /schema type must be \[INT8,/,
    );
  });
});

describe('ExtractTopicFromSchemaName', () => {
  it('goes by the map, by the group, or by the name as it is', () => {
    const topic = (config: Record<string, string>): string | undefined =>
      apply(extractTopicFromSchemaName, config, record(schema, struct))?.topic;
    expect(topic({})).toBe('shop.Order');
    expect(topic({ 'schema.name.topic-map': 'shop.Order:orders,x:y' })).toBe('orders');
    expect(topic({ 'schema.name.regex': '^(\\w+)\\.' })).toBe('shop');
    expect(() => topic({ 'schema.name.regex': 'a', 'schema.name.topic-map': 'a:b' })).toThrow(
      'schema.name.topic-map and schema.name.regex should not be defined together.',
    );
    expect(() => topic({ 'schema.name.regex': '(' })).toThrow('is not valid regex.');
  });
});

describe('FilterByFieldValue', () => {
  it.each([
    [{ 'field.name': 'n', 'field.value': '1' }, false],
    [{ 'field.name': 'name', 'field.value': 'Ada' }, true],
    [{ 'field.name': 'name', 'field.value.pattern': 'd' }, true],
    [{ 'field.name': 'name', 'field.value': 'Bob' }, false],
    [{ 'field.name': 'name', 'field.value': 'Bob', 'field.value.matches': 'false' }, true],
  ])('with %j keeps the record: %s', (config, isKept) => {
    // The 1 of a config is an INT8, that of the record an INT32.
    const result = apply(filterByFieldValue.value, config, record(schema, struct));
    expect(result !== null).toBe(isKept);
  });

  it('needs a value or a pattern, and not both', () => {
    const run = (config: Record<string, string>) =>
      apply(filterByFieldValue.value, config, record(schema, struct));
    expect(() => run({ 'field.name': 'n' })).toThrow(/Either field.value or/);
    expect(() => run({ 'field.value': '1', 'field.value.pattern': '1' })).toThrow(/Either/);
  });
});

describe('Hash', () => {
  it('hashes text, with or without a field, and refuses other types', () => {
    const whole = apply(hash.value, { function: 'sha1' }, record(STRING_SCHEMA, 'a'));
    expect(whole?.value).toBe('86f7e437faa5a7fce15d1ddcb9eaeaea377667b8');
    const config = { function: 'sha256', 'field.name': 'n' };
    expect(() => apply(hash.value, config, record(schema, struct))).toThrow(
      /n schema type in value must be STRING/,
    );
    expect(() => apply(hash.value, config, record(null, 'a'))).toThrow(/schema can't be null/);
  });
});

describe('CaseTransform and ConcatFields', () => {
  it('leave fields that are no text, or not there, as they are', () => {
    const config = { 'field.names': 'n,name,nope', case: 'UPPER' };
    const changed = apply(caseTransform.value, config, record(schema, struct));
    expect(String(changed?.value)).toBe('Struct{id=7,name=ADA,n=1}');
    const joined = apply(
      concatFields.value,
      {
        'field.names': 'id,nope,n',
        'output.field.name': 'all',
        delimiter: '/',
        'field.replace.missing': '?',
      },
      record(schema, struct),
    );
    expect(String(joined?.value)).toBe('Struct{id=7,name=Ada,n=1,all=7/?/1}');
  });
});

describe('KeyToValue', () => {
  it('puts the whole key beside the fields, with a schema found where there is none', () => {
    const result = apply(keyToValue, { 'key.fields': '*' }, record(schema, struct, 'k'));
    expect(String(result?.value)).toBe('Struct{id=7,name=Ada,n=1,_key=k}');
    expect(result?.valueSchema?.name).toBe('shop.Order');
    expect(() => apply(keyToValue, { 'key.fields': 'a' }, record(schema, struct, 'k'))).toThrow(
      'Named key fields [a] cannot be copied from the key class: java.lang.String',
    );
    expect(() => apply(keyToValue, { 'key.fields': '*' }, record(null, 'x', 'k'))).toThrow(
      'The value needs to be a Struct or Map in order to append fields',
    );
  });
});
