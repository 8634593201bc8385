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
  pruned.writeInt32BE(pruned.length - 12, 8);
  pruned.writeBigInt64BE(BigInt(maxTimestamp), 35);
  pruned.writeInt32BE(kept.length, 57);
  pruned.writeUInt32BE(crc32c(pruned.subarray(21)), 17);
  return pruned;
}

/** A record begins with its length, which does not count itself. */
function recordSize(bytes: Buffer, position: number): number {
  const reader = new Reader(bytes, position);
  const length = reader.varint();
  return reader.offset - position + length;
}
