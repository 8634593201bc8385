import { createRequire } from 'node:module';
import type * as zlibModule from 'node:zlib';
import { compressLz4, decompressLz4 } from './lz4.ts';
import { compressSnappy, decompressSnappy } from './snappy.ts';
import { WireError } from './wire-error.ts';

export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** By the number in the attributes of a batch. */
export const compressionTypes: readonly CompressionType[] = [
  'none',
  'gzip',
  'snappy',
  'lz4',
  'zstd',
];

/** A batch of a broker's largest messages, well compressed, stays far below. */
export const defaultDecompressionLimit = 256 * 1024 * 1024;

const require = createRequire(import.meta.url);

/** `level` counts for gzip (1 to 9) and zstd (negative to 22). Libraries are loaded when first used. */
export function compress(type: CompressionType, data: Buffer, level?: number): Buffer {
  const parts = compressParts(type, data, level);
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
}

/** The same in parts, none of which lies in `data` unless there is no compression. */
export function compressParts(type: CompressionType, data: Buffer, level?: number): Uint8Array[] {
  switch (type) {
    case 'none':
      return [data];
    case 'gzip':
      return [zlib().gzipSync(data, level === undefined ? {} : { level })];
    case 'snappy':
      return compressSnappy(data);
    case 'lz4':
      return compressLz4(data);
    case 'zstd': {
      const { ZSTD_c_compressionLevel } = zlib().constants;
      const options = level === undefined ? {} : { params: { [ZSTD_c_compressionLevel]: level } };
      return [zlib().zstdCompressSync(data, options)];
    }
  }
}

/** Throws WireError when the data is damaged, or would unfold to more than `limit` bytes. */
export function decompress(type: CompressionType, data: Buffer, limit: number): Buffer {
  try {
    switch (type) {
      case 'none':
        return data;
      case 'gzip':
        return zlib().gunzipSync(data, { maxOutputLength: limit });
      case 'snappy':
        return decompressSnappy(data, limit);
      case 'lz4':
        return decompressLz4(data, limit);
      case 'zstd':
        return zlib().zstdDecompressSync(data, { maxOutputLength: limit });
    }
  } catch (error) {
    if (error instanceof WireError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(type, limit);
    throw new WireError(`the ${type} data cannot be decompressed: ${message}`, { cause: error });
  }
}

function zlib(): typeof zlibModule {
  return require('node:zlib') as typeof zlibModule;
}

function tooLarge(type: CompressionType, limit: number): WireError {
  return new WireError(`the ${type} data unfolds to more than the limit of ${limit} bytes`);
}
