import { ConfigError, INT64_SCHEMA, SchemaBuilder, STRING_SCHEMA, Struct } from '@tributary/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileJsonPath } from './json-path.ts';

const schema = SchemaBuilder.struct().field('kind', STRING_SCHEMA).field('n', INT64_SCHEMA).build();
const value = new Map<string, unknown>([
  ['name', 'Ada'],
  ['none', null],
  [
    'items',
    [
      new Map([['price', 5]]),
      new Map<string, unknown>([
        ['price', 12],
        ['tags', ['a', 'b']],
      ]),
    ],
  ],
  ['row', new Struct(schema).put('kind', 'gift').put('n', 7n)],
  ['odd name', new Map([['x', 1]])],
]);

describe('a JSON path', () => {
  it.each([
    ['$.name', ['Ada']],
    ["$['odd name'].x", [1]],
    ['$.items[0].price', [5]],
    ['$.items[-1].price', [12]],
    ['$.items[*].price', [5, 12]],
    ['$.items[?(@.price > 10)].price', [12]],
    ['$.items[?(@.price > 10 && @.tags[0] == "a")].price', [12]],
    ['$.items[?(@.tags)].price', [12]],
    ['$.items[?(!@.tags)].price', [5]],
    ['$.items[?(@.price in [5, 6])].price', [5]],
    ['$.items[?(@.price nin [5, 6])].price', [12]],
    ["$.row[?(@.kind == 'gift' || @.n < 3)].n", [7n]],
    ['$.row[?(@.kind =~ /G.*/i)].n', [7n]],
    ['$.row[?(@.n == 7)].kind', ['gift']],
    ["$[?($.name == 'Ada')].name", ['Ada']],
    ['$.items[?(@.missing != 1)]', []],
    ['$.nope', []],
    ['$.none', [null]],
  ])('%s finds what it leads to', (path, expected) => {
    expect(compileJsonPath(path).find(value)).toEqual(expected);
  });

  it.each([
    ['$.nope', true],
    ['$.none', true],
    ['$.name', false],
    ['$.nope[?(@.a == 1)]', true],
    ['$.row[?(@.nope == 1)]', false],
  ])('%s is missing: %s', (path, expected) => {
    expect(compileJsonPath(path).isMissing(value)).toBe(expected);
  });

  it.each([
    ['name', 0],
    ['$..name', 1],
    ['$.items[0:1]', 9],
    ['$.items.length()', 14],
    ['$[?(@.a == )]', 11],
    ['$.a b', 3],
  ])('%s is refused at index %i', (path, index) => {
    expect(() => compileJsonPath(path)).toThrow(`at index ${index}:`);
  });

  it('is read or refused by name, whatever it is', () => {
    const chars = fc.constantFrom(...'$.@[]()?*!&|=<>~/\'"ab01, in\\');
    fc.assert(
      fc.property(fc.string({ unit: chars, maxLength: 40 }), (path) => {
        try {
          compileJsonPath(`$${path}`).find(value);
        } catch (error) {
          expect(ConfigError.is(error) || /pattern|near index/i.test(String(error))).toBe(true);
        }
      }),
      { numRuns: 3000, seed: 6 },
    );
  });
});
