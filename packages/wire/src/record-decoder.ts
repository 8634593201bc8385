import { decompress, defaultDecompressionLimit } from './compression.ts';
import { batchLayout, type RecordBatchHeader } from './record-batch.ts';
import { WireError } from './wire-error.ts';

export interface DecodedHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

export interface DecodedRecord {
  readonly offset: number;
  /** Epoch milliseconds; -1 for none. With LogAppendTime that of the broker. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly DecodedHeader[];
}

export interface DecodeOptions {
  /** Records below this offset are skipped: a fetch from the middle of a batch receives the whole batch. */
  readonly fromOffset?: number;
  /** Bytes that a compressed batch may unfold to. */
  readonly maxDecompressedBytes?: number;
}

const noHeaders: readonly DecodedHeader[] = Object.freeze([]);

/** The end of the value that a slow read returned; reading is synchronous, so that one is enough. */
let cursor = 0;

/**
 * The records of a batch, control records too. Keys and values are slices of the buffer (of the decompressed one where there is one).
 * Throws WireError where lengths and counts do not agree. The CRC is the caller's to check.
 */
export function decodeRecords(
  buffer: Buffer,
  header: RecordBatchHeader,
  options: DecodeOptions = {},
): DecodedRecord[] {
  const batchEnd = header.position + header.sizeInBytes;
  const start = header.position + batchLayout.records;
  if (header.compression === 'none') return readAll(buffer, start, batchEnd, header, options);
  const limit = options.maxDecompressedBytes ?? defaultDecompressionLimit;
  const payload = decompress(header.compression, buffer.subarray(start, batchEnd), limit);
  return readAll(payload, 0, payload.length, header, options);
}

function readAll(
  bytes: Buffer,
  start: number,
  end: number,
  header: RecordBatchHeader,
  options: DecodeOptions,
): DecodedRecord[] {
  const baseOffset = safe(header.baseOffset, 'base offset', header);
  const hasOneTimestamp = header.timestampType === 'LogAppendTime';
  const baseTimestamp = safe(
    hasOneTimestamp ? header.maxTimestamp : header.baseTimestamp,
    'timestamp',
    header,
  );
  const fromOffset = options.fromOffset ?? 0;
  const records: DecodedRecord[] = [];
  let at = start;
  for (let left = header.recordCount; left > 0; left--) {
    let byte = at < end ? (bytes[at] as number) : 0x80;
    let length: number;
    if (byte < 0x80) {
      length = (byte >>> 1) ^ -(byte & 1);
      at++;
    } else {
      length = readVarint(bytes, at, end);
      at = cursor;
    }
    const recordEnd = at + length;
    // Six one-byte fields are the least.
    if (length < 6 || recordEnd > end)
      throw damaged(header, `a record of ${length} bytes at byte ${at} of ${end}`);
    at++; // attributes: unused
    byte = bytes[at] as number;
    let timestampDelta: number;
    if (byte < 0x80) {
      timestampDelta = (byte >>> 1) ^ -(byte & 1);
      at++;
    } else {
      timestampDelta = readVarlong(bytes, at, recordEnd);
      at = cursor;
    }
    const offsetDelta = readVarint(bytes, at, recordEnd);
    at = cursor;
    const offset = baseOffset + offsetDelta;
    if (offset < fromOffset) {
      at = recordEnd;
      continue;
    }
    const keyLength = readVarint(bytes, at, recordEnd);
    at = cursor;
    if (keyLength > recordEnd - at)
      throw damaged(header, `a key of ${keyLength} bytes at byte ${at}`);
    const key = keyLength < 0 ? null : bytes.subarray(at, (at += keyLength));
    const valueLength = readVarint(bytes, at, recordEnd);
    at = cursor;
    if (valueLength > recordEnd - at)
      throw damaged(header, `a value of ${valueLength} bytes at byte ${at}`);
    const value = valueLength < 0 ? null : bytes.subarray(at, (at += valueLength));
    const headerCount = readVarint(bytes, at, recordEnd);
    at = cursor;
    const headers =
      headerCount === 0 ? noHeaders : readHeaders(bytes, recordEnd, headerCount, header);
    if (cursor !== recordEnd)
      throw damaged(header, `a record that ends at byte ${cursor}, not ${recordEnd}`);
    at = recordEnd;
    records.push({
      offset,
      timestamp: hasOneTimestamp ? baseTimestamp : baseTimestamp + timestampDelta,
      key,
      value,
      headers,
    });
  }
  if (at !== end) throw damaged(header, `${end - at} bytes behind its last record`);
  return records;
}

/** From `cursor` on. */
function readHeaders(
  bytes: Buffer,
  end: number,
  count: number,
  header: RecordBatchHeader,
): readonly DecodedHeader[] {
  if (count < 0 || count > end - cursor)
    throw damaged(header, `${count} headers at byte ${cursor}`);
  const headers: DecodedHeader[] = [];
  for (let left = count; left > 0; left--) {
    const keyLength = readVarint(bytes, cursor, end);
    if (keyLength < 0 || keyLength > end - cursor)
      throw damaged(header, `a header key of ${keyLength} bytes`);
    const key = bytes.toString('utf8', cursor, (cursor += keyLength));
    const valueLength = readVarint(bytes, cursor, end);
    if (valueLength > end - cursor) throw damaged(header, `a header value of ${valueLength} bytes`);
    const value = valueLength < 0 ? null : bytes.subarray(cursor, (cursor += valueLength));
    headers.push({ key, value });
  }
  return headers;
}

/** Zigzag, 32 bits; leaves its end in `cursor`. */
function readVarint(bytes: Buffer, start: number, end: number): number {
  let at = start;
  let value = 0;
  for (let shift = 0; shift < 35 && at < end; shift += 7) {
    const byte = bytes[at++] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      cursor = at;
      return (value >>> 1) ^ -(value & 1);
    }
  }
  throw new WireError(`no varint at byte ${start} of a record batch that ends at ${end}`);
}

/** Zigzag, 64 bits, as a number; leaves its end in `cursor`. */
function readVarlong(bytes: Buffer, start: number, end: number): number {
  let at = start;
  let low = 0;
  for (let shift = 0; shift < 28 && at < end; shift += 7) {
    const byte = bytes[at++] as number;
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      cursor = at;
      return (low >>> 1) ^ -(low & 1);
    }
  }
  let value = BigInt(low);
  for (let shift = 28n; shift < 70n && at < end; shift += 7n) {
    const byte = bytes[at++] as number;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) {
      cursor = at;
      return Number(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n)));
    }
  }
  throw new WireError(`no varlong at byte ${start} of a record batch that ends at ${end}`);
}

function safe(value: bigint, what: string, header: RecordBatchHeader): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw damaged(header, `the ${what} ${value}`);
  return number;
}

function damaged(header: RecordBatchHeader, found: string): WireError {
  return new WireError(
    `the record batch at offset ${header.baseOffset} with ${header.recordCount} records is damaged: it has ${found}`,
  );
}
