import { createRequire } from 'node:module';

type Checksum = (data: Uint8Array) => number;

let native: Checksum | undefined;

/** CRC-32C (Castagnoli) as an unsigned number. The native library is loaded at the first call. */
export function crc32c(data: Uint8Array): number {
  native ??= load();
  return native(data);
}

function load(): Checksum {
  const require = createRequire(import.meta.url);
  return (require('@node-rs/crc32') as { crc32c: Checksum }).crc32c;
}
