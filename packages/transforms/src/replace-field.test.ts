import { Schema, SchemaBuilder, SinkRecord, Struct } from '@tributary/sdk';
import { describe, expect, it } from 'vitest';
import { ReplaceFieldValue } from './index.ts';

function replace(
  config: Record<string, string>,
  valueSchema: Schema | null,
  value: unknown,
): unknown {
  const transformation = ReplaceFieldValue.create();
  transformation.configure(config);
  const record = SinkRecord.from({ topic: 't', kafkaPartition: 0, offset: 1, valueSchema, value });
  return transformation.apply(record)?.value;
}

describe('a map', () => {
  it.each<[string, string, [string, number][]]>([
    [
      'a:x',
      'has a new name last',
      [
        ['b', 2],
        ['c', 3],
        ['x', 1],
      ],
    ],
    [
      'a:b',
      'has the later of two members with one name',
      [
        ['b', 2],
        ['c', 3],
      ],
    ],
    [
      'c:a',
      'has the later of two members with one name',
      [
        ['a', 3],
        ['b', 2],
      ],
    ],
    [
      'a:b,b:a',
      'exchanges names',
      [
        ['b', 1],
        ['a', 2],
        ['c', 3],
      ],
    ],
    [
      'a:b,b:c',
      'passes names on',
      [
        ['b', 1],
        ['c', 3],
      ],
    ],
  ])('renamed with %s %s', (renames, _what, expected) => {
    const map = new Map([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]);
    expect([...(replace({ renames }, null, map) as Map<string, number>)]).toEqual(expected);
    expect([...map.keys()]).toEqual(['a', 'b', 'c']);
  });
});

describe('a struct', () => {
  const schema = SchemaBuilder.struct()
    .field('a', new Schema({ type: 'INT8' }))
    .field('b', new Schema({ type: 'FLOAT32' }))
    .build();

  it('is refused where a rename that nobody uses leads to a field of another type', () => {
    const struct = new Struct(schema, [5, 1]);
    expect(() => replace({ exclude: 'b', renames: 'b:a' }, schema, struct)).toThrow(
      'Invalid Java object for schema with type INT8: class java.lang.Float for field: "a"',
    );
    expect(() => replace({ renames: 'zz:a' }, schema, struct)).toThrow(
      'zz is not a valid field name',
    );
  });
});
