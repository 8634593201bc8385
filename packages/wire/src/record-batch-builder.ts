import { type CompressionType, compressionTypes, compressParts } from './compression.ts';
import {
  attributeBits,
  batchLayout,
  lengthPrefixBytes,
  type TimestampType,
  writeCrc,
} from './record-batch.ts';
import { WireError } from './wire-error.ts';
import { varintSize } from './writer.ts';

export interface RecordHeaderInput {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface RecordBatchBuilderOptions {
  /** Limit of the batch before compression, header included. A first record that is larger makes a batch of its own. */
  readonly maxBytes: number;
  /** Default: none. */
  readonly compression?: CompressionType;
  /** For gzip and zstd; default: the library's. */
  readonly compressionLevel?: number;
}

export interface CloseOptions {
  readonly baseOffset?: bigint;
  readonly partitionLeaderEpoch?: number;
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  readonly timestampType?: TimestampType;
}

/** Larger than any batch.size in use; a buffer starts no larger than this. */
const initialBytes = 16 * 1024;
const maxInt31 = 0x3fffffff;

/**
 * Writes records into one batch in one pass. Bytes are copied at `append`; keys and values may be reused by the caller at once.
 * The buffer is kept over `reset`, so that builders can be pooled.
 *
 * A record: varint length, int8 attributes (0), varlong timestamp delta, varint offset delta, varint key length (-1: null), key,
 * varint value length (-1: null), value, varint number of headers, each varint key length, key, varint value length (-1: null), value.
 */
export class RecordBatchBuilder {
  recordCount = 0;
  private readonly maxBytes: number;
  private readonly compression: CompressionType;
  private readonly compressionLevel: number | undefined;
  private buffer: Buffer;
  private end: number = batchLayout.records;
  /** Where the compressed records end, which have taken the place of the others; 0 before `close`. */
  private packedEnd = 0;
  private baseTimestamp = -1;
  private maxTimestamp = -1;

  constructor(options: RecordBatchBuilderOptions) {
    this.maxBytes = options.maxBytes;
    this.compression = options.compression ?? 'none';
    this.compressionLevel = options.compressionLevel;
    this.buffer = Buffer.allocUnsafeSlow(firstSize(options.maxBytes));
  }

  /** The batch before compression, header included. */
  get estimatedBytes(): number {
    return this.end;
  }

  /** False, and nothing is written, when the record does not fit and is not the first. `timestampMs`: -1 for none. */
  append(
    timestampMs: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly RecordHeaderInput[],
  ): boolean {
    if (this.recordCount === 0) {
      if (!Number.isSafeInteger(timestampMs))
        throw new WireError(`${timestampMs} is not a valid timestamp`);
      this.baseTimestamp = timestampMs;
      this.maxTimestamp = timestampMs;
    }
    const timestampDelta = timestampMs - this.baseTimestamp;
    if (
      timestampDelta > maxInt31 ||
      timestampDelta < -maxInt31 ||
      (timestampDelta | 0) !== timestampDelta
    ) {
      return this.appendDistant(timestampMs, key, value, headers);
    }
    const zigzag = ((timestampDelta << 1) ^ (timestampDelta >> 31)) >>> 0;
    const size = 1 + varintSize(zigzag) + this.sizeBehindTimestamp(key, value, headers);
    if (!this.reserve(size)) return false;
    let at = writeUnsigned(this.buffer, this.end, size << 1);
    this.buffer[at++] = 0;
    at = writeUnsigned(this.buffer, at, zigzag);
    this.writeBehindTimestamp(at, key, value, headers);
    if (timestampMs > this.maxTimestamp) this.maxTimestamp = timestampMs;
    return true;
  }

  /** Compresses, writes header and CRC. The result is a view of the builder's buffer, valid until `reset`, which an `append` needs first. */
  close(options: CloseOptions = {}): Buffer {
    if (this.recordCount === 0)
      throw new WireError('a record batch without records cannot be closed');
    if (this.compression !== 'none' && this.packedEnd === 0) this.pack();
    const batch = this.buffer.subarray(0, this.packedEnd === 0 ? this.end : this.packedEnd);
    batch.writeBigInt64BE(options.baseOffset ?? 0n, batchLayout.baseOffset);
    batch.writeInt32BE(batch.length - lengthPrefixBytes, batchLayout.length);
    batch.writeInt32BE(options.partitionLeaderEpoch ?? -1, batchLayout.leaderEpoch);
    batch.writeInt8(2, batchLayout.magic);
    batch.writeInt16BE(this.attributes(options), batchLayout.attributes);
    batch.writeInt32BE(this.recordCount - 1, batchLayout.lastOffsetDelta);
    batch.writeBigInt64BE(BigInt(this.baseTimestamp), batchLayout.baseTimestamp);
    batch.writeBigInt64BE(BigInt(this.maxTimestamp), batchLayout.maxTimestamp);
    batch.writeBigInt64BE(options.producerId ?? -1n, batchLayout.producerId);
    batch.writeInt16BE(options.producerEpoch ?? -1, batchLayout.producerEpoch);
    batch.writeInt32BE(options.baseSequence ?? -1, batchLayout.baseSequence);
    batch.writeInt32BE(this.recordCount, batchLayout.recordCount);
    writeCrc(batch, 0, batch.length);
    return batch;
  }

  /** Empties the builder. A batch from `close` must not be used any more. */
  reset(): void {
    this.recordCount = 0;
    this.end = batchLayout.records;
    this.packedEnd = 0;
    // One huge record must not hold its memory for ever.
    if (this.buffer.length > Math.max(2 * this.maxBytes, initialBytes)) {
      this.buffer = Buffer.allocUnsafeSlow(firstSize(this.maxBytes));
    }
  }

  /** Timestamps more than 12 days from the first one: the delta needs 64 bits. */
  private appendDistant(
    timestampMs: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly RecordHeaderInput[],
  ): boolean {
    if (!Number.isSafeInteger(timestampMs))
      throw new WireError(`${timestampMs} is not a valid timestamp`);
    const delta = BigInt(timestampMs) - BigInt(this.baseTimestamp);
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, (delta << 1n) ^ (delta >> 63n));
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    const size = 1 + bytes.length + this.sizeBehindTimestamp(key, value, headers);
    if (!this.reserve(size)) return false;
    let at = writeUnsigned(this.buffer, this.end, size << 1);
    this.buffer[at++] = 0;
    for (const byte of bytes) this.buffer[at++] = byte;
    this.writeBehindTimestamp(at, key, value, headers);
    if (timestampMs > this.maxTimestamp) this.maxTimestamp = timestampMs;
    return true;
  }

  private sizeBehindTimestamp(
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly RecordHeaderInput[],
  ): number {
    return (
      varintSize(this.recordCount << 1) +
      fieldSize(key) +
      fieldSize(value) +
      (headers.length === 0 ? 1 : headersSize(headers))
    );
  }

  private writeBehindTimestamp(
    start: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly RecordHeaderInput[],
  ): void {
    const { buffer } = this;
    let at = writeUnsigned(buffer, start, this.recordCount << 1);
    at = writeField(buffer, at, key);
    at = writeField(buffer, at, value);
    if (headers.length === 0) buffer[at++] = 0;
    else at = writeHeaders(buffer, at, headers);
    this.end = at;
    this.recordCount++;
  }

  /** Makes room for a record of `size` bytes behind its length; false when the batch may not hold it. */
  private reserve(size: number): boolean {
    if (size > maxInt31)
      throw new WireError(`a record of ${size} bytes does not fit a record batch`);
    const needed = this.end + varintSize(size << 1) + size;
    if (needed > this.maxBytes && this.recordCount > 0) return false;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(
        Math.max(needed, Math.min(2 * this.buffer.length, this.maxBytes)),
      );
      this.buffer.copy(larger, 0, 0, this.end);
      this.buffer = larger;
    }
    return true;
  }

  /** In place: a batch takes no more memory than its builder. */
  private pack(): void {
    const records = this.buffer.subarray(batchLayout.records, this.end);
    const parts = compressParts(this.compression, records, this.compressionLevel);
    const packedEnd = parts.reduce<number>((sum, part) => sum + part.length, batchLayout.records);
    // What compression makes larger.
    if (packedEnd > this.buffer.length) this.buffer = Buffer.allocUnsafeSlow(packedEnd);
    let at: number = batchLayout.records;
    for (const part of parts) {
      this.buffer.set(part, at);
      at += part.length;
    }
    this.packedEnd = packedEnd;
  }

  private attributes(options: CloseOptions): number {
    return (
      compressionTypes.indexOf(this.compression) |
      (options.timestampType === 'LogAppendTime' ? attributeBits.logAppendTime : 0) |
      (options.isTransactional === true ? attributeBits.transactional : 0) |
      (options.isControl === true ? attributeBits.control : 0)
    );
  }
}

function firstSize(maxBytes: number): number {
  return Math.max(batchLayout.records, Math.min(maxBytes, initialBytes));
}

function fieldSize(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintSize(bytes.length * 2) + bytes.length;
}

function headersSize(headers: readonly RecordHeaderInput[]): number {
  let size = varintSize(headers.length << 1);
  for (const header of headers) {
    const keySize = Buffer.byteLength(header.key);
    size += varintSize(keySize << 1) + keySize + fieldSize(header.value);
  }
  return size;
}

function writeHeaders(
  buffer: Buffer,
  start: number,
  headers: readonly RecordHeaderInput[],
): number {
  let at = writeUnsigned(buffer, start, headers.length << 1);
  for (const header of headers) {
    const keySize = Buffer.byteLength(header.key);
    at = writeUnsigned(buffer, at, keySize << 1);
    at += buffer.write(header.key, at, keySize, 'utf8');
    at = writeField(buffer, at, header.value);
  }
  return at;
}

function writeField(buffer: Buffer, start: number, bytes: Uint8Array | null): number {
  if (bytes === null) {
    buffer[start] = 1;
    return start + 1;
  }
  const at = writeUnsigned(buffer, start, bytes.length << 1);
  buffer.set(bytes, at);
  return at + bytes.length;
}

/** An unsigned varint below 2^32; lengths come in doubled, which is their zigzag form. */
function writeUnsigned(buffer: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}
