import { gunzipSync } from 'node:zlib';
import { DataError, defineConfig, javaClassName } from '@tributary/sdk';
import { confluent } from '../class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from '../define.ts';

/** A small message may stand for a huge one: more than a broker takes is refused. */
const maxBytes = 256 * 1024 * 1024;

/** Decompresses bytes of gzip. */
export const gzipDecompress: KeyAndValue = defineForKeyAndValue(
  `${confluent}.GzipDecompress`,
  defineConfig(),
  (_options, half) => (record) => {
    const value = half.valueOf(record);
    if (value === null) return record;
    if (!(value instanceof Uint8Array)) {
      throw new DataError(
        `Only bytes can be decompressed, but the ${half.name} is a ${javaClassName(value)}`,
      );
    }
    return half.replace(record, half.schemaOf(record), decompress(value, half.name));
  },
);

function decompress(bytes: Uint8Array, place: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    const reason = (error as Error).message;
    throw new DataError(`Cannot decompress the ${place} with gzip: ${reason}`, { cause: error });
  }
}
