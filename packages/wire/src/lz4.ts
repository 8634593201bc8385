import { createRequire } from 'node:module';
import { WireError } from './wire-error.ts';

/**
 * The LZ4 frame as Kafka writes it: magic 0x184D2204, flags 0x60 (version 1, independent blocks, no checksums), block descriptor
 * 0x40 (64 KiB), one byte of xxHash over the two, then blocks, each a little-endian uint32 length (top bit: stored as it is) and its
 * bytes, and a zero length at the end. Other block sizes, checksums and the content size are read as well.
 */
const frameHeader = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
const frameMagic = 0x184d2204;
const blockBytes = 64 * 1024;
const storedBit = 0x80000000;
const flags = { blockChecksums: 0x10, contentSize: 0x08, contentChecksum: 0x04, dictionary: 0x01 };

interface Lz4Library {
  /** Raw block behind its unfolded length as little-endian uint32. */
  compressSync(data: Buffer): Buffer;
  decompressFrameSync(frame: Buffer): Buffer;
}

let library: Lz4Library | undefined;

export function compressLz4(data: Buffer): Buffer {
  const parts: Buffer[] = [frameHeader];
  for (let start = 0; start < data.length; start += blockBytes) {
    const plain = data.subarray(start, start + blockBytes);
    const packed = lz4().compressSync(plain);
    const size = packed.length - 4;
    if (size < plain.length) {
      // The library's length gives way to the frame's.
      packed.writeUInt32LE(size, 0);
      parts.push(packed);
    } else {
      parts.push(littleEndian(plain.length + storedBit), plain);
    }
  }
  parts.push(littleEndian(0));
  return Buffer.concat(parts);
}

export function decompressLz4(data: Buffer, limit: number): Buffer {
  const frame = readFrame(data);
  if (frame.largestLength > limit && unfoldedLength(frame, limit) > limit) {
    throw new WireError(`the lz4 data unfolds to more than the limit of ${limit} bytes`);
  }
  return lz4().decompressFrameSync(data.subarray(0, frame.end));
}

interface Frame {
  readonly blocks: readonly { readonly bytes: Buffer; readonly isStored: boolean }[];
  /** What the frame unfolds to at most. */
  readonly largestLength: number;
  readonly end: number;
}

function readFrame(data: Buffer): Frame {
  if (data.length < frameHeader.length || data.readUInt32LE(0) !== frameMagic) {
    throw new WireError('the lz4 data does not begin with a frame');
  }
  const flag = data[4] as number;
  const blockSize = 1 << (8 + 2 * (((data[5] as number) >> 4) & 7));
  const hasBlockChecksums = (flag & flags.blockChecksums) !== 0;
  let at = frameHeader.length;
  if (flag & flags.contentSize) at += 8;
  if (flag & flags.dictionary) throw new WireError('the lz4 data needs a dictionary');
  const blocks: { bytes: Buffer; isStored: boolean }[] = [];
  let largestLength = 0;
  for (;;) {
    if (data.length - at < 4) throw new WireError(`the lz4 data has no end mark at byte ${at}`);
    const stated = data.readUInt32LE(at);
    at += 4;
    if (stated === 0) break;
    const isStored = stated >= storedBit;
    const length = isStored ? stated - storedBit : stated;
    if (length > data.length - at) {
      throw new WireError(
        `the lz4 block at byte ${at} claims ${length} bytes; ${data.length - at} are left`,
      );
    }
    blocks.push({ bytes: data.subarray(at, at + length), isStored });
    largestLength += isStored ? length : Math.min(blockSize, 255 * length);
    at += length + (hasBlockChecksums ? 4 : 0);
  }
  if (flag & flags.contentChecksum) at += 4;
  return { blocks, largestLength, end: at };
}

/** Counts what the blocks unfold to without unfolding them; stops above the limit. */
function unfoldedLength(frame: Frame, limit: number): number {
  let total = 0;
  for (const { bytes, isStored } of frame.blocks) {
    total += isStored ? bytes.length : blockLength(bytes);
    if (total > limit) return total;
  }
  return total;
}

/** A block is a row of sequences: a token with the lengths of literals and match, literals, a two-byte distance; the last has no match. */
function blockLength(block: Buffer): number {
  let total = 0;
  let at = 0;
  const extended = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (;;) {
      const byte = block[at++] ?? 0;
      length += byte;
      if (byte !== 255) return length;
    }
  };
  while (at < block.length) {
    const token = block[at++] as number;
    const literals = extended(token >> 4);
    total += literals;
    at += literals;
    if (at >= block.length) break;
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
  library ??= createRequire(import.meta.url)('lz4-napi') as Lz4Library;
  return library;
}
