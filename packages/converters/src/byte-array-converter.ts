import {
  type ConfigDef,
  type Converter,
  DataError,
  defineConfig,
  javaClassName,
  OPTIONAL_BYTES_SCHEMA,
  type Schema,
  type SchemaAndValue,
} from '@tributary/sdk';
import { converterType } from './converter-type.ts';

export const byteArrayConverterConfig: ConfigDef<readonly [typeof converterType]> =
  defineConfig(converterType);

/** Bytes as they are. Source: Kafka Connect `ByteArrayConverter`. */
export class ByteArrayConverter implements Converter {
  configure(): void {}

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (schema !== null && schema.type !== 'BYTES') {
      throw new DataError(`Invalid schema type for ByteArrayConverter: ${schema.type}`);
    }
    if (value === null || value === undefined) return null;
    if (value instanceof Uint8Array) return value;
    throw new DataError(
      `ByteArrayConverter is not compatible with objects of type class ${javaClassName(value)}`,
    );
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    return { schema: OPTIONAL_BYTES_SCHEMA, value: bytes };
  }
}
