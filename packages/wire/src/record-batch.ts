import { type CompressionType, compressionTypes } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { WireError } from './wire-error.ts';

/**
 * Record batch, format 2, big-endian:
 *
 *      0  int64   base offset                      \ not covered by the CRC: a broker
 *      8  int32   bytes that follow this field      > assigns offset and epoch in place
 *     12  int32   partition leader epoch           /
 *     16  int8    magic: 2
 *     17  uint32  CRC-32C of everything from byte 21 on
 *     21  int16   attributes: bits 0-2 compression, 3 log append time, 4 transactional, 5 control, 6 delete horizon
 *     23  int32   offset of the last record, relative to the base offset
 *     27  int64   base timestamp (of the first record), or the delete horizon
 *     35  int64   largest timestamp, or the log append time
 *     43  int64   producer id, -1 when there is none
 *     51  int16   producer epoch
 *     53  int32   sequence of the first record
 *     57  int32   number of records
 *     61          records, compressed together
 */
export const batchLayout = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
  records: 61,
} as const;

/** Bytes before those that the length field counts. */
export const lengthPrefixBytes = 12;

export const attributeBits = {
  compression: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40,
} as const;

export type TimestampType = 'CreateTime' | 'LogAppendTime';

export interface RecordBatchHeader {
  /** Where the batch begins in its buffer. */
  readonly position: number;
  /** The whole batch, header included. */
  readonly sizeInBytes: number;
  readonly baseOffset: bigint;
  readonly partitionLeaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  readonly attributes: number;
  readonly compression: CompressionType;
  readonly timestampType: TimestampType;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/**
 * The complete batches of a buffer, front to back. A last one that is cut off (a fetch response may end anywhere) is left out:
 * the caller sees where the last batch ended. Throws WireError for a size or magic that cannot be.
 */
export function* batches(buffer: Buffer, start = 0): Generator<RecordBatchHeader, void, undefined> {
  let position = start;
  while (buffer.length - position >= batchLayout.records) {
    const size = readBatchSize(buffer, position);
    if (size > buffer.length - position) return;
    yield readBatchHeader(buffer, position);
    position += size;
  }
}

/** Reads and checks the header of a batch that lies whole in the buffer. The CRC is not checked here. */
export function readBatchHeader(buffer: Buffer, position: number): RecordBatchHeader {
  const left = buffer.length - position;
  const sizeInBytes =
    left < batchLayout.records ? batchLayout.records : readBatchSize(buffer, position);
  if (sizeInBytes > left) {
    throw new WireError(
      `the record batch at byte ${position} has ${sizeInBytes} bytes; ${left} are left`,
    );
  }
  const attributes = buffer.readInt16BE(position + batchLayout.attributes);
  const compression = compressionTypes[attributes & attributeBits.compression];
  if (compression === undefined) {
    throw new WireError(
      `the record batch at byte ${position} names compression ${attributes & 7}, which is unknown`,
    );
  }
  const recordCount = buffer.readInt32BE(position + batchLayout.recordCount);
  const lastOffsetDelta = buffer.readInt32BE(position + batchLayout.lastOffsetDelta);
  if (recordCount < 0 || lastOffsetDelta < 0) {
    throw new WireError(
      `the record batch at byte ${position} claims ${recordCount} records and the last offset delta ${lastOffsetDelta}`,
    );
  }
  return {
    position,
    sizeInBytes,
    baseOffset: buffer.readBigInt64BE(position),
    partitionLeaderEpoch: buffer.readInt32BE(position + batchLayout.leaderEpoch),
    magic: 2,
    crc: buffer.readUInt32BE(position + batchLayout.crc),
    attributes,
    compression,
    timestampType: attributes & attributeBits.logAppendTime ? 'LogAppendTime' : 'CreateTime',
    isTransactional: (attributes & attributeBits.transactional) !== 0,
    isControl: (attributes & attributeBits.control) !== 0,
    lastOffsetDelta,
    baseTimestamp: buffer.readBigInt64BE(position + batchLayout.baseTimestamp),
    maxTimestamp: buffer.readBigInt64BE(position + batchLayout.maxTimestamp),
    producerId: buffer.readBigInt64BE(position + batchLayout.producerId),
    producerEpoch: buffer.readInt16BE(position + batchLayout.producerEpoch),
    baseSequence: buffer.readInt32BE(position + batchLayout.baseSequence),
    recordCount,
  };
}

/** Throws WireError when the bytes of the batch are not those its CRC was made of. */
export function checkCrc(buffer: Buffer, header: RecordBatchHeader): void {
  const computed = computeCrc(buffer, header.position, header.sizeInBytes);
  if (computed === header.crc) return;
  throw new WireError(
    `the record batch at offset ${header.baseOffset} is damaged: its CRC is ${header.crc}, its bytes give ${computed}`,
  );
}

/** For the broker at append: gives the batch its place in the log. The CRC stays right. */
export function assignOffsets(
  buffer: Buffer,
  position: number,
  baseOffset: bigint,
  leaderEpoch: number,
): void {
  buffer.writeBigInt64BE(baseOffset, position);
  buffer.writeInt32BE(leaderEpoch, position + batchLayout.leaderEpoch);
}

/** For the broker at append to a topic with `message.timestamp.type=LogAppendTime`: one timestamp for all records, and a new CRC. */
export function setLogAppendTime(buffer: Buffer, position: number, timestampMs: bigint): void {
  const at = position + batchLayout.attributes;
  buffer.writeInt16BE(buffer.readInt16BE(at) | attributeBits.logAppendTime, at);
  buffer.writeBigInt64BE(timestampMs, position + batchLayout.maxTimestamp);
  writeCrc(buffer, position, readBatchSize(buffer, position));
}

export interface ProducerFields {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

/** For the producer before a batch is sent (again) under another id, epoch or sequence: rewrites them, and the CRC. */
export function rewriteProducerFields(batch: Buffer, fields: ProducerFields): void {
  batch.writeBigInt64BE(fields.producerId, batchLayout.producerId);
  batch.writeInt16BE(fields.producerEpoch, batchLayout.producerEpoch);
  batch.writeInt32BE(fields.baseSequence, batchLayout.baseSequence);
  writeCrc(batch, 0, readBatchSize(batch, 0));
}

export function writeCrc(buffer: Buffer, position: number, sizeInBytes: number): void {
  buffer.writeUInt32BE(computeCrc(buffer, position, sizeInBytes), position + batchLayout.crc);
}

function computeCrc(buffer: Buffer, position: number, sizeInBytes: number): number {
  return crc32c(buffer.subarray(position + batchLayout.attributes, position + sizeInBytes));
}

function readBatchSize(buffer: Buffer, position: number): number {
  const magic = buffer.readInt8(position + batchLayout.magic);
  if (magic !== 2) {
    throw new WireError(
      `the record batch at byte ${position} has the format ${magic}; only 2 (Kafka 0.11 and newer) can be read`,
    );
  }
  const size = buffer.readInt32BE(position + batchLayout.length) + lengthPrefixBytes;
  if (size < batchLayout.records) {
    throw new WireError(
      `the record batch at byte ${position} claims ${size} bytes, fewer than its header has`,
    );
  }
  return size;
}
