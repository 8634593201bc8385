import {
  type ConfigDef,
  type Converter,
  DataError,
  defineConfig,
  type Headers,
  javaText,
  OPTIONAL_STRING_SCHEMA,
  parseConfig,
  type Schema,
  type SchemaAndValue,
  string,
} from '@tributary/sdk';
import { converterType, withType } from './converter-type.ts';
import { type Encoding, findEncoding } from './encoding.ts';

const encodingKey = string('converter.encoding', {
  default: 'UTF-8',
  importance: 'HIGH',
  width: 'MEDIUM',
  displayName: 'Encoding',
  doc: 'Character encoding of the text, by its Java name.',
});

export const stringConverterConfig: ConfigDef<readonly [typeof converterType, typeof encodingKey]> =
  defineConfig(converterType, encodingKey);

const nullText: SchemaAndValue = { schema: OPTIONAL_STRING_SCHEMA, value: null };

/** Any value as the text that Java prints for it. Source: Kafka Connect `StringConverter`. */
export class StringConverter implements Converter {
  #encoding: Encoding | null = null;

  configure(config: Readonly<Record<string, string>>, isKey: boolean): void {
    const parsed = parseConfig(stringConverterConfig, withType(config, isKey ? 'key' : 'value'));
    this.#encoding = findEncoding(parsed['converter.encoding']);
  }

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (typeof value === 'string') return this.#encode(value);
    if (value === null || value === undefined) return null;
    return this.#encode(javaText(value, schema));
  }

  toConnectData(
    _topic: string,
    bytes: Uint8Array | null,
    _headers?: Headers | null,
  ): SchemaAndValue {
    if (bytes === null) return nullText;
    return { schema: OPTIONAL_STRING_SCHEMA, value: this.#known().decode(bytes) };
  }

  #encode(text: string): Uint8Array {
    return this.#known().encode(text);
  }

  #known(): Encoding {
    if (this.#encoding === null) throw new DataError('StringConverter is used before configure');
    return this.#encoding;
  }
}
