import {
  checkCrc,
  decodeRecords,
  readBatchHeader,
  readControlType,
  WireError,
} from '@tributary/wire';

/**
 * The header of a record batch (format 2) as the log needs it: offsets and times as numbers, since a log's offsets stay below 2^53.
 * Layout: baseOffset int64, batchLength int32 (of what follows), partitionLeaderEpoch int32, magic int8, crc uint32, attributes int16,
 * lastOffsetDelta int32, baseTimestamp int64, maxTimestamp int64, producerId int64, producerEpoch int16, baseSequence int32, recordCount int32.
 */
export interface Batch {
  /** Bytes of the whole batch. */
  readonly size: number;
  readonly magic: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly lastOffsetDelta: number;
  readonly recordCount: number;
  readonly baseTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly attributes: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
}

export const batchHeaderSize = 61;

const lengthPrefixSize = 12;
const transactionalBit = 0x10;
const controlBit = 0x20;

/** The header at `position`; undefined when it is cut short or its length cannot be right. The records behind it may be cut short. */
export function readBatch(bytes: Buffer, position: number): Batch | undefined {
  if (position + batchHeaderSize > bytes.length) return undefined;
  const size = batchSizeAt(bytes, position);
  if (size < batchHeaderSize) return undefined;
  const baseOffset = baseOffsetAt(bytes, position);
  const lastOffsetDelta = bytes.readInt32BE(position + 23);
  const attributes = bytes.readInt16BE(position + 21);
  return {
    size,
    magic: bytes.readInt8(position + 16),
    baseOffset,
    lastOffset: baseOffset + lastOffsetDelta,
    lastOffsetDelta,
    recordCount: bytes.readInt32BE(position + 57),
    baseTimestampMs: int64At(bytes, position + 27),
    maxTimestampMs: int64At(bytes, position + 35),
    attributes,
    producerId: bytes.readBigInt64BE(position + 43),
    producerEpoch: bytes.readInt16BE(position + 51),
    baseSequence: bytes.readInt32BE(position + 53),
    isTransactional: (attributes & transactionalBit) !== 0,
    isControl: (attributes & controlBit) !== 0,
  };
}

/** Bytes of the batch at `position`, by its own length field. Twelve bytes are read. */
export function batchSizeAt(bytes: Buffer, position: number): number {
  return lengthPrefixSize + bytes.readInt32BE(position + 8);
}

export function baseOffsetAt(bytes: Buffer, position: number): number {
  return int64At(bytes, position);
}

export function lastOffsetAt(bytes: Buffer, position: number): number {
  return baseOffsetAt(bytes, position) + bytes.readInt32BE(position + 23);
}

/** Whether the whole batch at `position` has the checksum that it names. */
export function hasRightCrc(bytes: Buffer, position: number): boolean {
  try {
    checkCrc(bytes, readBatchHeader(bytes, position));
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

/** Whether the control batch at `position` ends a transaction with a commit; else it aborts. */
export function isCommitMarker(bytes: Buffer, position: number): boolean {
  const [record] = decodeRecords(bytes, readBatchHeader(bytes, position));
  return record !== undefined && readControlType(record) === 'COMMIT';
}

/** Exact below 2^53, which is enough: larger offsets and times do not occur. */
function int64At(bytes: Buffer, position: number): number {
  return bytes.readInt32BE(position) * 2 ** 32 + bytes.readUInt32BE(position + 4);
}
