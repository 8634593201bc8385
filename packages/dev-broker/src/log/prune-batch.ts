import {
  compress,
  crc32c,
  type DecodedRecord,
  decodeRecords,
  decompress,
  defaultDecompressionLimit,
  Reader,
  readBatchHeader,
} from '@tributary/wire';
import { batchHeaderSize } from './batch.ts';

const lengthPrefixSize = 12;
const compressionBits = 0x07;

/**
 * The batch without the records that are not wanted; undefined when none is left. As in Kafka, what is left keeps its offsets and bytes, and the
 * header keeps first and last offset and sequence, so that readers and producers count on over the holes.
 */
export function pruneBatch(
  bytes: Buffer,
  isWanted: (record: DecodedRecord) => boolean,
): Buffer | undefined {
  const header = readBatchHeader(bytes, 0);
  const records = decodeRecords(bytes, header);
  const packed = bytes.subarray(batchHeaderSize, header.sizeInBytes);
  const unpacked =
    header.compression === 'none'
      ? packed
      : decompress(header.compression, packed, defaultDecompressionLimit);
  const kept: Buffer[] = [];
  let maxTimestamp = -1;
  let position = 0;
  for (const record of records) {
    const size = recordSize(unpacked, position);
    if (isWanted(record)) {
      kept.push(unpacked.subarray(position, position + size));
      maxTimestamp = Math.max(maxTimestamp, record.timestamp);
    }
    position += size;
  }
  if (kept.length === 0) return undefined;
  const payload = compress(header.compression, Buffer.concat(kept));
  const pruned = Buffer.concat([bytes.subarray(0, batchHeaderSize), payload]);
  pruned.writeBigInt64BE(BigInt(maxTimestamp), 35);
  return withSizes(pruned, kept.length);
}

/** What Kafka leaves of a producer's last batch when none of its records is needed: the header, which carries the sequence. */
export function emptyBatch(bytes: Buffer): Buffer {
  const empty = Buffer.from(bytes.subarray(0, batchHeaderSize));
  empty.writeInt16BE(empty.readInt16BE(21) & ~compressionBits, 21);
  return withSizes(empty, 0);
}

/** Length, number of records and checksum as they are now. */
function withSizes(batch: Buffer, recordCount: number): Buffer {
  batch.writeInt32BE(batch.length - lengthPrefixSize, 8);
  batch.writeInt32BE(recordCount, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

/** A record begins with its length, which does not count itself. */
function recordSize(bytes: Buffer, position: number): number {
  const reader = new Reader(bytes, position);
  const length = reader.varint();
  return reader.offset - position + length;
}
