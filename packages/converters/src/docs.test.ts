import { readFileSync } from 'node:fs';
import {
  type ConverterPlugin,
  type HeaderConverterPlugin,
  isStruct,
  Schema,
  type SchemaAndValue,
  SchemaBuilder,
  type SchemaType,
  Struct,
} from '@tributary/sdk';
import { describe, expect, it } from 'vitest';
import * as exported from './index.ts';

/** The examples of docs/converters.md: data with its schema in short, its bytes, and what they are read as where that differs. */
interface Example {
  config: Record<string, string>;
  schema: DocSchema;
  value: unknown;
  text?: string;
  hex?: string;
  read?: { schema: DocSchema; value: unknown };
}

type DocSchema = string | null | { [field: string]: DocSchema };

const text = readFileSync(new URL('../../../docs/converters.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/^```json\n(.*?)^```$/gms)].map(
  ([, json]) => JSON.parse(json as string) as Example,
);
const plugins = Object.values(exported).filter(
  (each): each is ConverterPlugin | HeaderConverterPlugin => 'className' in each,
);

describe('the examples of docs/converters.md', () => {
  it.each(examples)('are written and read as they say: $config.type $value', (example) => {
    const { write, read } = create(example.config);
    const bytes = write(readPair(example.schema, example.value));
    const written = example.hex === undefined ? bytes.toString('utf8') : bytes.toString('hex');
    expect(written).toBe(example.hex ?? example.text);
    const expected = example.read ?? { schema: example.schema, value: example.value };
    expect(writePair(read(bytes))).toEqual(expected);
  });

  it('show and name every converter and all of its keys', () => {
    const shown = new Set(examples.map(({ config }) => config['type']));
    expect(new Set(plugins.map(({ className }) => className))).toEqual(shown);
    const sections = text.split(/^### /m);
    for (const { className, config } of plugins) {
      const section = sections.find((each) => each.includes(`\`${className}\``)) ?? '';
      // The worker sets this one.
      const names = config.keys.map(({ name }) => name).filter((name) => name !== 'converter.type');
      for (const name of names) expect(section, className).toContain(`\`${name}\``);
    }
  });
});

interface Both {
  write(pair: SchemaAndValue): Buffer;
  read(bytes: Uint8Array): SchemaAndValue;
}

function create({ type, ...options }: Record<string, string>): Both {
  const plugin = plugins.find(({ className }) => className === type);
  if (plugin === undefined) throw new Error(`No converter ${type}`);
  if (plugin.type === 'converter') {
    const converter = plugin.create();
    converter.configure(options, false);
    return {
      write: ({ schema, value }) =>
        Buffer.from(converter.fromConnectData('t', schema, value, null) ?? []),
      read: (bytes) => converter.toConnectData('t', bytes, null),
    };
  }
  const converter = plugin.create();
  converter.configure(options);
  return {
    write: ({ schema, value }) =>
      Buffer.from(converter.fromConnectHeader('t', 'h', schema, value) ?? []),
    read: (bytes) => converter.toConnectHeader('t', 'h', bytes),
  };
}

function readPair(json: DocSchema, value: unknown): SchemaAndValue {
  const schema = readSchema(json) as Schema;
  return { schema, value: readValue(value, schema) };
}

function readSchema(json: DocSchema): Schema | null {
  if (json === null) return null;
  if (typeof json === 'string') {
    const isOptional = json.endsWith('?');
    return new Schema({ type: json.replace('?', '').toUpperCase() as SchemaType, isOptional });
  }
  const builder = SchemaBuilder.struct();
  for (const [name, schema] of Object.entries(json)) {
    builder.field(name, readSchema(schema) as Schema);
  }
  return builder.build();
}

function readValue(json: unknown, schema: Schema): unknown {
  switch (schema.type) {
    case 'INT64':
      return BigInt(json as number);
    case 'BYTES':
      return new Uint8Array(Buffer.from(json as string, 'base64'));
    case 'STRUCT': {
      const members = json as Record<string, unknown>;
      const values = schema.fields.map((field) => readValue(members[field.name], field.schema));
      return new Struct(schema, values);
    }
    default:
      return json;
  }
}

function writePair({ schema, value }: SchemaAndValue): { schema: DocSchema; value: unknown } {
  return { schema: schema && writeSchema(schema), value: writeValue(value) };
}

function writeSchema(schema: Schema): DocSchema {
  if (schema.type === 'STRUCT') {
    const fields = schema.fields.map((field) => [field.name, writeSchema(field.schema)]);
    return Object.fromEntries(fields);
  }
  return schema.type.toLowerCase() + (schema.isOptional ? '?' : '');
}

function writeValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, item]) => [name, writeValue(item)]));
  }
  if (isStruct(value)) {
    const members = value.schema.fields.map((field) => [
      field.name,
      writeValue(value.at(field.index)),
    ]);
    return Object.fromEntries(members);
  }
  return value;
}
