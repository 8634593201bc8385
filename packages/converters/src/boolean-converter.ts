import {
  type ConfigDef,
  type Converter,
  DataError,
  defineConfig,
  javaClassName,
  OPTIONAL_BOOLEAN_SCHEMA,
  type Schema,
  type SchemaAndValue,
} from '@tributary/sdk';
import { converterType } from './converter-type.ts';

export const booleanConverterConfig: ConfigDef<readonly [typeof converterType]> =
  defineConfig(converterType);

/** One byte, 0 or 1. Source: Kafka Connect `BooleanConverter`. */
export class BooleanConverter implements Converter {
  configure(): void {}

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (schema !== null && schema.type !== 'BOOLEAN') {
      throw new DataError(`Invalid schema type for BooleanConverter: ${schema.type}`);
    }
    if (value === null || value === undefined) return null;
    if (typeof value === 'boolean') return Uint8Array.of(value ? 1 : 0);
    throw new DataError(
      `BooleanConverter is not compatible with objects of type class ${javaClassName(value)}`,
    );
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: OPTIONAL_BOOLEAN_SCHEMA, value: null };
    const byte = bytes[0];
    if (bytes.length !== 1 || (byte !== 0 && byte !== 1)) {
      throw new DataError('Failed to deserialize boolean: ');
    }
    return { schema: OPTIONAL_BOOLEAN_SCHEMA, value: byte === 1 };
  }
}
