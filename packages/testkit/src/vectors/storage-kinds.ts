import { type ByteEntry, decodeHashMap, encodeHashMap } from '@tributary/runtime';
import type { Adapter, VectorInput } from './vector-file.ts';

/** Files that a worker keeps and a Java worker can take over. */
export const storageKinds: Record<string, Adapter> = { 'offsets-file': runOffsetsFile };

function runOffsetsFile(input: VectorInput): unknown {
  if (input.call === 'save') {
    return { bytes: encodeHashMap(input.entries.map(toBytes)).toString('base64') };
  }
  const entries = decodeHashMap(Buffer.from(input.bytes, 'base64')).map(toTexts);
  return { entries: entries.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

function toBytes([key, value]: [string, string | null]): ByteEntry {
  return [Buffer.from(key), value === null ? null : Buffer.from(value)];
}

function toTexts([key, value]: ByteEntry): [string, string | null] {
  return [key.toString(), value?.toString() ?? null];
}
