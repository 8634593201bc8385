import * as converters from '@tributary/converters';
import {
  type Converter,
  type HeaderConverter,
  parseString,
  type SchemaAndValue,
} from '@tributary/sdk';
import type { Adapter, VectorInput } from './vector-file.ts';
import { readSchema, readValue, writeSchema, writeValue } from './vector-values.ts';

const jsonClass = 'org.apache.kafka.connect.json.JsonConverter';

export const converterKinds: Record<string, Adapter> = {
  'json-converter-read': (input) => writePair(toConnect(jsonClass, input)),
  'json-converter-write': (input) => textOf(fromConnect(jsonClass, input)),
  'primitive-converters-read': (input) => writePair(toConnect(input.class, input)),
  'primitive-converters-write': (input) => {
    const bytes = fromConnect(input.class, input);
    return bytes && { bytes: Buffer.from(bytes).toString('base64') };
  },
  'simple-header-converter-read': (input) => {
    const pair = simpleHeaderConverter().toConnectHeader('t', 'k', inputBytes(input));
    // A header of the text "null" is a Java null, one without bytes a pair of nulls; here both are the same.
    const isNullText = typeof input.text === 'string' && parseString(input.text) === null;
    return isNullText ? null : writePair(pair);
  },
  'simple-header-converter-write': (input) => {
    const schema = readSchema(input.schema);
    const value = readValue(input.value, schema);
    return textOf(simpleHeaderConverter().fromConnectHeader('t', 'k', schema, value));
  },
};

export function writePair(pair: SchemaAndValue): unknown {
  return { schema: writeSchema(pair.schema), value: writeValue(pair.value, pair.schema) };
}

function toConnect(className: string, input: VectorInput): SchemaAndValue {
  return converterOf(className, input.config).toConnectData('t', inputBytes(input), null);
}

function fromConnect(className: string, input: VectorInput): Uint8Array | null {
  const schema = readSchema(input.schema);
  const converter = converterOf(className, input.config);
  return converter.fromConnectData('t', schema, readValue(input.value, schema), null);
}

function converterOf(className: string, config: Record<string, string>): Converter {
  for (const plugin of Object.values(converters)) {
    if ('type' in plugin && plugin.type === 'converter' && plugin.className === className) {
      const converter = plugin.create();
      converter.configure(config, false);
      return converter;
    }
  }
  throw new Error(`No converter ${className}`);
}

function simpleHeaderConverter(): HeaderConverter {
  const converter = converters.SimpleHeaderConverterPlugin.create();
  converter.configure({});
  return converter;
}

function inputBytes(input: VectorInput): Uint8Array | null {
  if (typeof input.text === 'string') return Buffer.from(input.text, 'utf8');
  return typeof input.bytes === 'string' ? Buffer.from(input.bytes, 'base64') : null;
}

function textOf(bytes: Uint8Array | null): unknown {
  return bytes && { text: Buffer.from(bytes).toString('utf8') };
}
