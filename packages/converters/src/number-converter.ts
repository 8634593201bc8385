import {
  type ConfigDef,
  type Converter,
  DataError,
  defineConfig,
  javaClassName,
  type NumberType,
  numberTypeOf,
  OPTIONAL_FLOAT32_SCHEMA,
  OPTIONAL_FLOAT64_SCHEMA,
  OPTIONAL_INT16_SCHEMA,
  OPTIONAL_INT32_SCHEMA,
  OPTIONAL_INT64_SCHEMA,
  type Schema,
  type SchemaAndValue,
  TypedNumber,
} from '@tributary/sdk';
import { converterType } from './converter-type.ts';

export const numberConverterConfig: ConfigDef<readonly [typeof converterType]> =
  defineConfig(converterType);

export type NumberConverterName = 'short' | 'integer' | 'long' | 'float' | 'double';

interface NumberFormat {
  readonly schema: Schema;
  readonly size: number;
  write(target: Buffer, value: number | bigint): void;
  read(source: DataView): number | bigint;
}

const formats: Record<NumberConverterName, NumberFormat> = {
  short: {
    schema: OPTIONAL_INT16_SCHEMA,
    size: 2,
    write: (target, value) => target.writeInt16BE(Number(value)),
    read: (source) => source.getInt16(0),
  },
  integer: {
    schema: OPTIONAL_INT32_SCHEMA,
    size: 4,
    write: (target, value) => target.writeInt32BE(Number(value)),
    read: (source) => source.getInt32(0),
  },
  long: {
    schema: OPTIONAL_INT64_SCHEMA,
    size: 8,
    write: (target, value) => target.writeBigInt64BE(BigInt(value)),
    read: (source) => source.getBigInt64(0),
  },
  float: {
    schema: OPTIONAL_FLOAT32_SCHEMA,
    size: 4,
    write: (target, value) => target.writeFloatBE(Number(value)),
    read: (source) => source.getFloat32(0),
  },
  double: {
    schema: OPTIONAL_FLOAT64_SCHEMA,
    size: 8,
    write: (target, value) => target.writeDoubleBE(Number(value)),
    read: (source) => source.getFloat64(0),
  },
};

/** A number as big-endian bytes of fixed size. Source: Kafka Connect `NumberConverter`. */
export class NumberConverter implements Converter {
  readonly #name: NumberConverterName;
  readonly #format: NumberFormat;

  constructor(name: NumberConverterName) {
    this.#name = name;
    this.#format = formats[name];
  }

  configure(): void {}

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Uint8Array | null {
    if (value === null || value === undefined) return null;
    if (!isNumberOf(this.#format.schema.type as NumberType, schema, value)) {
      throw new DataError(
        `Failed to serialize to ${this.#name} (was class ${javaClassName(value, schema)}): `,
      );
    }
    const bytes = Buffer.allocUnsafe(this.#format.size);
    this.#format.write(bytes, value instanceof TypedNumber ? value.value : (value as number));
    return bytes;
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    const { schema, size, read } = this.#format;
    if (bytes === null) return { schema, value: null };
    if (bytes.length !== size) throw new DataError(`Failed to deserialize ${this.#name}: `);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return { schema, value: read(view) };
  }
}

/** Java looks at the value's class only; a plain number has the class that its schema says, where there is one. */
function isNumberOf(type: NumberType, schema: Schema | null, value: unknown): boolean {
  if (value instanceof TypedNumber) return value.type === type;
  if (typeof value === 'bigint') return type === 'INT64' && BigInt.asIntN(64, value) === value;
  if (typeof value !== 'number') return false;
  if (schema !== null) return schema.type === type;
  // Without a schema a whole number may be meant as any whole type that holds it, a fraction as any float.
  return type === 'FLOAT64' || numberTypeOf(value) === type || fitsPlain(type, value);
}

function fitsPlain(type: NumberType, value: number): boolean {
  if (type === 'FLOAT32') return Math.fround(value) === value;
  if (type === 'INT16') return (value << 16) >> 16 === value;
  return type === 'INT32' && (value | 0) === value;
}
