import {
  OPTIONAL_STRING_SCHEMA,
  SchemaBuilder,
  SourceRecord,
  STRING_SCHEMA,
  Struct,
} from '@tributary/sdk';
import { describe, expect, it } from 'vitest';
import { extractNewRecordState } from './extract-new-record-state.ts';

const row = SchemaBuilder.struct()
  .optional()
  .name('db.t.Value')
  .field('id', STRING_SCHEMA)
  .field('note', OPTIONAL_STRING_SCHEMA)
  .build();
const source = SchemaBuilder.struct().field('table', STRING_SCHEMA).build();
const envelope = SchemaBuilder.struct()
  .name('db.t.Envelope')
  .field('before', row)
  .field('after', row)
  .field('source', source)
  .field('op', STRING_SCHEMA)
  .build();

function change(op: string, before: string | null, after: string | null): SourceRecord {
  const rowOf = (id: string | null): Struct | null =>
    id === null ? null : new Struct(row).put('id', id);
  const value = new Struct(envelope)
    .put('before', rowOf(before))
    .put('after', rowOf(after))
    .put('source', new Struct(source).put('table', 't'))
    .put('op', op);
  return record(envelope, value);
}

function record(valueSchema: SourceRecord['valueSchema'], value: unknown): SourceRecord {
  return SourceRecord.from({
    sourcePartition: null,
    sourceOffset: null,
    topic: 'db.t',
    keySchema: STRING_SCHEMA,
    key: 'k',
    valueSchema,
    value,
  });
}

function apply(config: Record<string, string>, input: SourceRecord): SourceRecord | null {
  const transformation = extractNewRecordState.create();
  transformation.configure(config);
  return transformation.apply(input) as SourceRecord | null;
}

const mode = 'delete.tombstone.handling.mode';
const dropped = 'dropped';

/** What becomes of an insert, of a delete and of the tombstone behind it. */
const modes: [Record<string, string>, string, string, string][] = [
  [{}, 'Struct{id=1}', 'null', dropped],
  [{ [mode]: 'tombstone' }, 'Struct{id=1}', 'null', dropped],
  [{ [mode]: 'drop' }, 'Struct{id=1}', dropped, dropped],
  [{ [mode]: 'rewrite' }, 'Struct{id=1,__deleted=false}', 'Struct{id=0,__deleted=true}', dropped],
  [
    { [mode]: 'rewrite-with-tombstone' },
    'Struct{id=1,__deleted=false}',
    'Struct{id=0,__deleted=true}',
    'null',
  ],
  [{ [mode]: 'delete-to-tombstone' }, 'Struct{id=1}', 'null', dropped],
  [{ 'drop.tombstones': 'false' }, 'Struct{id=1}', dropped, 'null'],
  [{ 'delete.handling.mode': 'none' }, 'Struct{id=1}', 'null', dropped],
  [
    { 'delete.handling.mode': 'rewrite', 'drop.tombstones': 'false' },
    'Struct{id=1,__deleted=false}',
    'Struct{id=0,__deleted=true}',
    'null',
  ],
];

describe('ExtractNewRecordState', () => {
  it.each(modes)(
    'with %j makes of insert, delete and tombstone: %s, %s, %s',
    (config, ...expected) => {
      const inputs = [change('c', null, '1'), change('d', '0', null), record(null, null)];
      const results = inputs.map((input) => {
        const result = apply(config, input);
        return result === null ? dropped : String(result.value);
      });
      expect(results).toEqual(expected);
    },
  );

  it('keeps the schema of the row beside the null of a delete, unless a tombstone is wanted', () => {
    const deletion = change('d', '0', null);
    expect(apply({}, deletion)?.valueSchema).toBe(row);
    expect(apply({ [mode]: 'delete-to-tombstone' }, deletion)?.valueSchema).toBeNull();
  });

  it('drops truncations and passes what is no change event', () => {
    const heartbeat = record(STRING_SCHEMA, 'beat');
    expect(apply({}, change('t', null, null))).toBeNull();
    expect(apply({}, heartbeat)).toBe(heartbeat);
  });

  it('adds facts of the event as fields and headers; those it does not have are left out', () => {
    const config = { 'add.fields': 'op:kind,table,nothing', 'add.headers': 'op,source.table' };
    const result = apply(config, change('u', '0', '1'));
    expect(String(result?.value)).toBe('Struct{id=1,__kind=u,__table=t}');
    const headers = [...(result?.headers ?? [])].map(({ key, value }) => [key, value]);
    expect(headers).toEqual([
      ['__op', 'u'],
      ['__source_table', 't'],
    ]);
  });

  it('marks tombstones that it keeps as deletes', () => {
    const config = { [mode]: 'rewrite-with-tombstone', 'add.headers': 'op,table' };
    const result = apply(config, record(null, null));
    expect([...(result?.headers ?? [])].map(({ key, value }) => [key, value])).toEqual([
      ['__op', 'd'],
    ]);
  });

  it('routes by a column, for deletes by the old row', () => {
    const config = { 'route.by.field': 'id', [mode]: 'rewrite' };
    expect(apply(config, change('c', null, 'one'))?.topic).toBe('one');
    expect(apply(config, change('d', 'zero', null))?.topic).toBe('zero');
  });

  it('leaves out the fields that a header lists, required ones only where that is allowed', () => {
    const input = change('c', null, '1');
    input.headers.add('drop', ['id', 'note'], null);
    const names = (config: Record<string, string>): string[] =>
      apply({ 'drop.fields.header.name': 'drop', ...config }, input)?.valueSchema?.fields.map(
        ({ name }) => name,
      ) ?? [];
    expect(names({})).toEqual(['id']);
    expect(names({ 'drop.fields.keep.schema.compatible': 'false' })).toEqual([]);
  });
});
