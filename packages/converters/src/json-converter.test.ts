import {
  Decimal,
  decimalSchema,
  SchemaBuilder,
  Struct,
  TIMESTAMP_SCHEMA,
  TypedNumber,
  valuesEqual,
} from '@tributary/sdk';
import { schemalessValues, typedValues } from '@tributary/testkit/arbitraries';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonConverter } from './json-converter.ts';

/** JSON has but one kind of whole numbers and of fractions, and neither NaN nor a negative zero. */
function asJsonHasIt(value: unknown): unknown {
  if (value instanceof TypedNumber) {
    return TypedNumber.of(value.type.startsWith('INT') ? 'INT64' : 'FLOAT64', value.value);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  // Without a schema a whole number is one that was written without a fraction.
  if (Object.is(value, -0)) return new TypedNumber('FLOAT64', 0);
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    return TypedNumber.of('FLOAT64', value);
  if (Array.isArray(value)) return value.map(asJsonHasIt);
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, asJsonHasIt(item)]));
  }
  return value;
}

function converter(config: Record<string, string> = {}): JsonConverter {
  const json = new JsonConverter();
  json.configure(config, false);
  return json;
}

const plain = { 'schemas.enable': 'false' };

function text(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes).toString();
}

function read(json: JsonConverter, message: string): unknown {
  return json.toConnectData('t', Buffer.from(message)).value;
}

describe('JsonConverter', () => {
  it.each([
    {},
    { 'decimal.format': 'NUMERIC' },
    { 'replace.null.with.default': 'false', 'schemas.cache.size': '1' },
  ])(
    'reads what it wrote, %j',
    (config) => {
      const writer = converter(config);
      const reader = converter({ 'replace.null.with.default': 'false' });
      fc.assert(
        fc.property(typedValues(), ({ schema, value }) => {
          const bytes = writer.fromConnectData('t', schema, value);
          // Twice: the second time the message's beginning is known.
          for (let round = 0; round < 2; round++) {
            const found = reader.toConnectData('t', bytes);
            expect(found.schema?.equals(schema)).toBe(true);
            expect(valuesEqual(found.value, value)).toBe(true);
          }
        }),
        { seed: 5, numRuns: 500 },
      );
    },
    60_000,
  );

  it('reads with the schema it is given what it wrote without', () => {
    fc.assert(
      fc.property(typedValues(), ({ schema, value }) => {
        const envelope = String(text(converter().fromConnectData('t', schema, value)));
        const bytes = converter(plain).fromConnectData('t', schema, value);
        const end = envelope.length - `,"payload":${text(bytes)}}`.length;
        const given = envelope.slice('{"schema":'.length, end);
        const found = converter({ 'schema.content': given }).toConnectData('t', bytes);
        expect(valuesEqual(found.value, value)).toBe(true);
      }),
      { seed: 6, numRuns: 300 },
    );
  }, 60_000);

  it('reads without schema what it wrote, where JSON has such values', () => {
    fc.assert(
      fc.property(schemalessValues(fc.string()), (value) => {
        const json = converter(plain);
        const once = json.toConnectData('t', json.fromConnectData('t', null, value)).value;
        expect(valuesEqual(once, asJsonHasIt(value))).toBe(true);
      }),
      { seed: 7, numRuns: 1000 },
    );
  }, 60_000);

  it('reads schemaless JSON as JSON.parse does', () => {
    // Beyond 64 bits whole numbers wrap, as in Java.
    const messages = fc.json({ maxDepth: 4 }).filter((message) => !/\d{19}/.test(message));
    fc.assert(
      fc.property(messages, (message) => {
        const written = text(
          converter(plain).fromConnectData('t', null, read(converter(plain), message)),
        );
        expect(JSON.parse(written ?? 'null')).toEqual(
          JSON.parse(message, (_key, node) => (Object.is(node, -0) ? 0 : node)),
        );
      }),
      { seed: 5, numRuns: 500 },
    );
  }, 60_000);

  it('answers any bytes with a value or a DataError', () => {
    const readers = [converter(), converter(plain)];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string().map((s) => Buffer.from(s)),
        ),
        (bytes) => {
          for (const reader of readers) {
            try {
              reader.toConnectData('t', bytes);
            } catch (error) {
              expect((error as { kind?: string; javaName: string }).javaName).toMatch(
                /DataException$/,
              );
            }
          }
        },
      ),
      { seed: 5, numRuns: 1000 },
    );
  }, 60_000);

  it('refuses nesting without bound', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(() => read(converter(plain), deep)).toThrow(/due to serialization error/);
  });

  it.each(['123456789.123456789', '1.50', '0.10', '1E+3', '12345678901234567.8'])(
    'reads every digit of the decimal %s',
    (digits) => {
      const schema = decimalSchema(2);
      const json = converter({ 'decimal.format': 'NUMERIC' });
      const value = Decimal.parse(digits);
      const bytes = json.fromConnectData('t', schema, value);
      for (let round = 0; round < 2; round++) {
        expect(String(json.toConnectData('t', bytes).value)).toBe(digits);
      }
    },
  );

  it.each([
    ['int64', 'Timestamp', '8640000000000001'],
    ['int64', 'Timestamp', '9223372036854775807'],
    ['int32', 'Date', '2147483647'],
  ])('refuses what no date can hold: %s %s %s', (type, name, payload) => {
    const schema = `{"type":"${type}","name":"org.apache.kafka.connect.data.${name}","version":1}`;
    const message = `{"schema":${schema},"payload":${payload}}`;
    expect(() => read(converter(), message)).toThrow('beyond the range of dates');
    const invalid = new Date(Number.NaN);
    expect(() => converter().fromConnectData('t', TIMESTAMP_SCHEMA, invalid)).toThrow('no instant');
  });

  it('keeps whole doubles doubles', () => {
    const value = read(converter(plain), '[1.0,1,1e2,2.5]');
    expect(value).toEqual([new TypedNumber('FLOAT64', 1), 1, new TypedNumber('FLOAT64', 100), 2.5]);
    expect(text(converter(plain).fromConnectData('t', null, value))).toBe('[1.0,1,100.0,2.5]');
  });

  it('takes names of Object.prototype for ordinary names', () => {
    const schema = SchemaBuilder.struct()
      .field('constructor', SchemaBuilder.string().optional())
      .field('__proto__', SchemaBuilder.string().optional())
      .build();
    const json = converter();
    const struct = new Struct(schema).put('__proto__', 'p');
    const bytes = json.fromConnectData('t', schema, struct);
    const found = json.toConnectData('t', bytes).value as Struct;
    expect(found.equals(struct)).toBe(true);
    expect(read(converter(plain), '{"__proto__":1}')).toEqual(new Map([['__proto__', 1]]));
  });

  it.each([
    ['{"type":"map","keys":null,"values":{"type":"int8"}}', 'keySchema cannot be null.'],
    ['{"type":"map","keys":{"type":"int8"},"values":null}', 'valueSchema cannot be null.'],
    ['{"type":"map","values":{"type":"int8"}}', 'Map schema did not specify the key type'],
    ['{"type":"struct","fields":[],"default":{}}', 'Invalid default value'],
    ['{"type":"array","items":null}', 'Array schema did not specify the element type'],
  ])('refuses the schema %s as Java does', (schema, message) => {
    expect(() => read(converter(), `{"schema":${schema},"payload":null}`)).toThrow(message);
  });

  it('takes a fixed schema of null for none', () => {
    const json = converter({ 'schema.content': 'null' });
    expect(read(json, '{"schema":{"type":"int16"},"payload":5}')).toBe(5);
  });

  it('keeps names with escapes apart from names that look like them', () => {
    const fields = [
      '{"x":1,"\\\\":2}',
      '{"x":1,"\\n":2}',
      '{"x":1,"\\u0041":2 }',
      '{"x":1.0e0,"\\t":2}',
    ];
    const names = fields.map(
      (message) => [...(read(converter(plain), message) as Map<string, unknown>).keys()][1],
    );
    expect(names).toEqual(['\\', '\n', 'A', '\t']);
    const schema = (name: string): string =>
      `{"schema":{"type":"map","keys":{"type":"string"},"values":{"type":"int32"}},"payload":{"x":1,${name}:2}}`;
    const json = converter();
    const found = ['"\\\\"', '"\\n"'].map(
      (name) => [...(read(json, schema(name)) as Map<string, unknown>).keys()][1],
    );
    expect(found).toEqual(['\\', '\n']);
  });

  describe('with a message whose beginning is known', () => {
    const start = '{"schema":{"type":"int32","optional":false},"payload":';

    it.each([
      ['a third member', `${start}1,"x":2}`, 'may not contain additional fields'],
      ['no end', `${start}1`, 'due to serialization error'],
      ['no payload', `${start}}`, 'due to serialization error'],
    ])('refuses %s', (_what, message, error) => {
      const json = converter();
      expect(read(json, `${start}1}`)).toBe(1);
      expect(() => read(json, message)).toThrow(error);
    });

    it('lets the last of two payloads count', () => {
      const json = converter();
      expect(read(json, `${start}1}`)).toBe(1);
      expect(read(json, `${start}1,"payload":2}`)).toBe(2);
      expect(json.toConnectData('t', Buffer.from(`${start}1,"schema":null}`)).schema).toBeNull();
    });

    it('ignores what follows the message', () => {
      const json = converter();
      expect(read(json, `${start}1}`)).toBe(1);
      expect(read(json, `${start}2} trailing}`)).toBe(2);
      expect(read(json, `${start}3}\n`)).toBe(3);
    });

    it('is not misled by its own text inside the schema', () => {
      const json = converter();
      const odd = `{"schema":{"type":"string","optional":false,"doc":",\\"payload\\":","x":",\\"payload\\":"},"payload":"a"}`;
      expect(read(json, odd)).toBe('a');
      expect(read(json, odd.replace('"a"', '"b"'))).toBe('b');
    });

    it('keeps more schemas apart than it remembers beginnings of', () => {
      const json = converter({ 'schemas.cache.size': '3' });
      for (let i = 0; i < 60; i++) {
        const message = `{"schema":{"type":"string","doc":"${i % 20}"},"payload":"${i}"}`;
        const found = json.toConnectData('t', Buffer.from(message));
        expect(found.schema?.doc).toBe(String(i % 20));
        expect(found.value).toBe(String(i));
      }
    });
  });
});
