import { createRequire } from 'node:module';
import { WireError } from './wire-error.ts';

/**
 * The LZ4 frame as Kafka writes it: magic 0x184D2204, flags 0x60 (version 1, independent blocks, no checksums), block descriptor
 * 0x40 (64 KiB), one byte of xxHash over the two, then blocks, each a little-endian uint32 length (top bit: stored as it is) and its
 * bytes, and a zero length at the end. Other block sizes are read as well; checksums and the content size are skipped: the batch has its CRC.
 */
const frameHeader = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
const frameMagic = 0x184d2204;
const blockBytes = 64 * 1024;
const storedBit = 0x80000000;
const flags = {
  independentBlocks: 0x20,
  blockChecksums: 0x10,
  contentSize: 0x08,
  dictionary: 0x01,
};

/** Raw blocks, each behind its unfolded length as little-endian uint32. Errors are thrown as text. */
interface Lz4Library {
  compress(data: Uint8Array): Uint8Array;
  decompress(data: Uint8Array): Uint8Array;
}

let library: Lz4Library | undefined;

/** In parts, none of which lies in `data`. */
export function compressLz4(data: Buffer): Uint8Array[] {
  const parts: Uint8Array[] = [frameHeader];
  for (let start = 0; start < data.length; start += blockBytes) {
    const plain = data.subarray(start, start + blockBytes);
    const packed = lz4().compress(plain);
    const size = packed.length - 4;
    if (size < plain.length) {
      // The library's length gives way to the frame's.
      packed.set(littleEndian(size));
      parts.push(packed);
    } else {
      parts.push(littleEndian(plain.length + storedBit), Buffer.from(plain));
    }
  }
  parts.push(littleEndian(0));
  return parts;
}

export function decompressLz4(data: Buffer, limit: number): Buffer {
  const blocks = readFrame(data);
  const total = blocks.reduce((sum, block) => sum + block.unfoldedLength, 0);
  if (total > limit) {
    throw new WireError(`the lz4 data unfolds to more than the limit of ${limit} bytes`);
  }
  const parts = blocks.map((block) => unfold(data, block));
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    return Buffer.from(only.buffer, only.byteOffset, only.length);
  }
  return Buffer.concat(parts, total);
}

interface Block {
  /** Where its bytes begin, behind their length. */
  readonly start: number;
  readonly end: number;
  readonly isStored: boolean;
  readonly unfoldedLength: number;
}

function readFrame(data: Buffer): Block[] {
  if (data.length < frameHeader.length || data.readUInt32LE(0) !== frameMagic) {
    throw new WireError('the lz4 data does not begin with a frame');
  }
  const flag = data[4] as number;
  if ((flag & flags.independentBlocks) === 0 || (flag & flags.dictionary) !== 0) {
    throw new WireError('the lz4 data has blocks that build on others or on a dictionary');
  }
  const largestBlock = 1 << (8 + 2 * (((data[5] as number) >> 4) & 7));
  const checksumBytes = (flag & flags.blockChecksums) === 0 ? 0 : 4;
  let at = frameHeader.length + ((flag & flags.contentSize) === 0 ? 0 : 8);
  const blocks: Block[] = [];
  for (;;) {
    if (data.length - at < 4) throw new WireError(`the lz4 data has no end mark at byte ${at}`);
    const stated = data.readUInt32LE(at);
    at += 4;
    if (stated === 0) return blocks;
    const isStored = stated >= storedBit;
    const length = isStored ? stated - storedBit : stated;
    if (length > data.length - at) {
      throw new WireError(
        `the lz4 block at byte ${at} claims ${length} bytes; ${data.length - at} are left`,
      );
    }
    const unfoldedLength = isStored ? length : measure(data, at, at + length);
    if (unfoldedLength > largestBlock) {
      throw new WireError(`the lz4 block at byte ${at} unfolds to more than ${largestBlock} bytes`);
    }
    blocks.push({ start: at, end: at + length, isStored, unfoldedLength });
    at += length + checksumBytes;
  }
}

/** The library wants the unfolded length before a block, where the frame has the folded one: it lies there for the time of the call, which saves a copy. */
function unfold(data: Buffer, { start, end, isStored, unfoldedLength }: Block): Uint8Array {
  if (isStored) return data.subarray(start, end);
  const prefix = start - 4;
  const foldedLength = data.readUInt32LE(prefix);
  data.writeUInt32LE(unfoldedLength, prefix);
  try {
    return lz4().decompress(data.subarray(prefix, end));
  } catch (error) {
    throw new WireError(`an lz4 block cannot be decompressed: ${error}`);
  } finally {
    data.writeUInt32LE(foldedLength, prefix);
  }
}

/**
 * What a block unfolds to, without unfolding it: the library wants to know, and a limit is kept before memory is taken.
 * A block is a row of sequences: a token with the lengths of literals and match, literals, a two-byte distance; the last has no match.
 */
function measure(data: Buffer, start: number, end: number): number {
  let total = 0;
  let at = start;
  const extended = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (;;) {
      const byte = at < end ? (data[at++] as number) : 0;
      length += byte;
      if (byte !== 255) return length;
    }
  };
  while (at < end) {
    const token = data[at++] as number;
    const literals = extended(token >> 4);
    total += literals;
    at += literals;
    if (at >= end) break;
    at += 2;
    total += 4 + extended(token & 15);
  }
  return total;
}

function littleEndian(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function lz4(): Lz4Library {
  library ??= createRequire(import.meta.url)('lz4-wasm-nodejs') as Lz4Library;
  return library;
}
