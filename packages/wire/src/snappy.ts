import { createRequire } from 'node:module';
import { WireError } from './wire-error.ts';

/**
 * Snappy as Kafka writes it, the stream format of snappy-java: 0x82 "SNAPPY" 0x00, int32 version 1, int32 lowest readable version 1,
 * then blocks, each an int32 length and raw snappy of at most 32 KiB. Other clients write one raw block without a frame; both are read.
 * A raw block begins with its unfolded length as unsigned varint.
 */
const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const frameHeader = Buffer.concat([magic, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);
const blockBytes = 32 * 1024;
/** A copy of 64 bytes takes three: nothing unfolds further than this. */
const largestRatio = 64;

/** Handing over the library's own memory costs several times what copying it does. */
const options: SnappyOptions = { copyOutputData: true };

interface SnappyOptions {
  readonly copyOutputData: true;
}

interface SnappyLibrary {
  compressSync(data: Buffer, options: SnappyOptions): Buffer;
  uncompressSync(data: Buffer, options: SnappyOptions): Buffer;
}

let library: SnappyLibrary | undefined;

/** In parts. */
export function compressSnappy(data: Buffer): Buffer[] {
  const parts: Buffer[] = [frameHeader];
  for (let start = 0; start < data.length; start += blockBytes) {
    const block = snappy().compressSync(data.subarray(start, start + blockBytes), options);
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return parts;
}

export function decompressSnappy(data: Buffer, limit: number): Buffer {
  const blocks = data.subarray(0, magic.length).equals(magic) ? frameBlocks(data) : [data];
  let total = 0;
  for (const block of blocks) {
    total += unfoldedLength(block);
    if (total > limit) {
      throw new WireError(`the snappy data unfolds to more than the limit of ${limit} bytes`);
    }
  }
  const parts = blocks.map((block) => snappy().uncompressSync(block, options));
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, total);
}

function frameBlocks(data: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  let at = frameHeader.length;
  while (at < data.length) {
    const length = data.length - at < 4 ? -1 : data.readInt32BE(at);
    if (length < 0 || length > data.length - at - 4) {
      throw new WireError(`the snappy data has no complete block at byte ${at} of ${data.length}`);
    }
    blocks.push(data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return blocks;
}

function unfoldedLength(block: Buffer): number {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    const byte = block[index] ?? 0xff;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte >= 0x80) continue;
    if (length <= block.length * largestRatio) return length;
    break;
  }
  throw new WireError(`a snappy block of ${block.length} bytes states an impossible length`);
}

function snappy(): SnappyLibrary {
  library ??= createRequire(import.meta.url)('snappy') as SnappyLibrary;
  return library;
}
