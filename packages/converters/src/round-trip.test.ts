import {
  type ConverterPlugin,
  DataError,
  inferSchema,
  parseString,
  Schema,
  type SchemaType,
  valuesEqual,
} from '@tributary/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as exported from './index.ts';

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const converters: [keyof typeof exported, SchemaType, fc.Arbitrary<unknown>][] = [
  ['BooleanConverterPlugin', 'BOOLEAN', fc.boolean()],
  ['ShortConverterPlugin', 'INT16', fc.integer({ min: -32_768, max: 32_767 })],
  ['IntegerConverterPlugin', 'INT32', fc.integer()],
  ['LongConverterPlugin', 'INT64', long],
  ['FloatConverterPlugin', 'FLOAT32', fc.float()],
  ['DoubleConverterPlugin', 'FLOAT64', fc.double()],
  ['ByteArrayConverterPlugin', 'BYTES', fc.uint8Array()],
  ['StringConverterPlugin', 'STRING', fc.string({ unit: 'binary' })],
];

it('is tried for every converter', () => {
  const tried = new Set<object>(converters.map(([name]) => exported[name]));
  // JSON has a test of its own.
  tried.add(exported.JsonConverterPlugin);
  const all = Object.values(exported).filter(
    (each): each is ConverterPlugin => 'type' in each && each.type === 'converter',
  );
  expect(all.length).toBe(9);
  expect(all.filter((plugin) => !tried.has(plugin)).map(({ className }) => className)).toEqual([]);
});

describe('reading what was written gives the value', () => {
  it.each(converters)('%s', (name, type, values) => {
    const plugin = exported[name] as typeof exported.StringConverterPlugin;
    const converter = plugin.create();
    converter.configure({}, false);
    const schema = new Schema({ type, isOptional: true });
    fc.assert(
      fc.property(fc.option(values), (value) => {
        const bytes = converter.fromConnectData('t', schema, value, null);
        const read = converter.toConnectData('t', bytes, null);
        expect(valuesEqual(read.value, value)).toBe(true);
        expect(read.schema?.equals(schema)).toBe(true);
      }),
      { seed: 1 },
    );
  });

  it.each(['UTF-8', 'UTF-16', 'UTF-16LE', 'UTF-16BE', 'UTF-32', 'UTF-32LE'])(
    'StringConverter in %s',
    (encoding) => {
      const converter = exported.StringConverterPlugin.create();
      converter.configure({ 'converter.encoding': encoding }, false);
      fc.assert(
        fc.property(fc.string({ unit: 'binary' }), (text) => {
          // A mark of the byte order at the start belongs to the encoding, not to the text.
          fc.pre(!text.startsWith('\ufeff') && !text.startsWith('\ufffe'));
          const bytes = converter.fromConnectData('t', null, text, null);
          expect(converter.toConnectData('t', bytes, null).value).toBe(text);
        }),
        { seed: 2 },
      );
    },
  );
});

it.each([
  ['UTF-8', 'eda080', '\ufffd'],
  ['UTF-8', 'e28241c3', '\ufffdA\ufffd'],
  ['UTF-8', 'f4908080', '\ufffd\ufffd\ufffd\ufffd'],
  ['UTF-16BE', 'd83d0041', '\ufffd'],
  ['UTF-16LE', '410042', 'A\ufffd'],
  ['UTF-32', 'fffe000061000000', 'a'],
  ['Cp1252', '8090', '\u20ac\ufffd'],
])('%s: the malformed %s is what Java makes of it', (encoding, hex, text) => {
  const converter = exported.StringConverterPlugin.create();
  converter.configure({ 'converter.encoding': encoding }, false);
  expect(converter.toConnectData('t', Buffer.from(hex, 'hex'), null).value).toBe(text);
});

describe('any bytes', () => {
  it.each(converters)('are a value to %s, or refused as data', (name) => {
    const plugin = exported[name] as typeof exported.StringConverterPlugin;
    const converter = plugin.create();
    converter.configure({}, true);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        try {
          converter.toConnectData('t', bytes, null);
        } catch (error) {
          expect(DataError.is(error)).toBe(true);
        }
      }),
      { seed: 3 },
    );
  });
});

it('SimpleHeaderConverter writes whole numbers, words and times as it has read them', () => {
  const converter = exported.SimpleHeaderConverterPlugin.create();
  converter.configure({});
  const texts = fc.oneof(
    long.map(String),
    fc.stringMatching(/^[a-z][a-z ,:'{}-]*[a-z]$/),
    fc
      .date({ min: new Date(86_400_001), max: new Date(2e14), noInvalidDate: true })
      .map((date) => date.toISOString())
      .filter((text) => text.length === 24 && !text.endsWith('00:00:00.000Z')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const read = converter.toConnectHeader('t', 'h', Buffer.from(text, 'utf8'));
      const bytes = converter.fromConnectHeader('t', 'h', read.schema, read.value);
      expect(bytes && Buffer.from(bytes).toString('utf8')).toBe(text === 'null' ? null : text);
    }),
    { seed: 4, numRuns: 500 },
  );
});

it('a text that was parsed has the schema that its value suggests', () => {
  fc.assert(
    fc.property(fc.integer(), (number) => {
      const parsed = parseString(String(number));
      expect(inferSchema(parsed?.value)?.type).toBe('INT64');
      expect(parsed?.schema?.type).toMatch(/^INT(8|16|32)$/);
    }),
    { seed: 5 },
  );
});
