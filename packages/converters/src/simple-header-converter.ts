import {
  BYTES_SCHEMA,
  type ConfigDef,
  convertToString,
  defineConfig,
  type HeaderConverter,
  NULL_SCHEMA_AND_VALUE,
  parseString,
  type Schema,
  type SchemaAndValue,
} from '@tributary/sdk';
import { findEncoding } from './encoding.ts';

const utf8 = findEncoding('UTF-8');

export const simpleHeaderConverterConfig: ConfigDef<readonly []> = defineConfig();

/** Header values as text; on the way back the text's form decides the type. Source: Kafka Connect `SimpleHeaderConverter`. */
export class SimpleHeaderConverter implements HeaderConverter {
  configure(): void {}

  fromConnectHeader(
    _topic: string,
    _key: string,
    schema: Schema | null,
    value: unknown,
  ): Uint8Array | null {
    const text = convertToString(schema, value);
    return text === null ? null : utf8.encode(text);
  }

  toConnectHeader(_topic: string, _key: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return NULL_SCHEMA_AND_VALUE;
    try {
      return parseString(utf8.decode(bytes)) ?? NULL_SCHEMA_AND_VALUE;
    } catch {
      // A header that cannot be read is no reason to lose the record: its bytes stay.
      return { schema: BYTES_SCHEMA, value: bytes };
    }
  }
}
