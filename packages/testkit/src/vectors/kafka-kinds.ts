import { murmur2, partitionForKey } from '@tributary/kafka';
import {
  batches,
  crc32c,
  decodeRecords,
  encodeControlBatch,
  Reader,
  RecordBatchBuilder,
  type RecordBatchHeader,
  setLogAppendTime,
  Writer,
} from '@tributary/wire';
import type { Adapter, VectorInput } from './vector-file.ts';

/** The client's and the protocol's own recordings: bytes and numbers. */
export const kafkaKinds: Record<string, Adapter> = {
  partitioning: ({ key }) => {
    const bytes = Buffer.from(key, 'base64');
    const counts = [1, 2, 3, 5, 12, 25, 50, 1000];
    return {
      // Java's is a signed number.
      murmur2: murmur2(bytes) | 0,
      partitions: Object.fromEntries(counts.map((count) => [count, partitionForKey(bytes, count)])),
    };
  },
  varints: (input) => {
    if (input.what === 'crc32c') return { crc: crc32c(Buffer.from(input.bytes, 'base64')) };
    const writer = new Writer();
    if (input.what === 'varint') writer.varint(Number(input.value));
    else writer.varlong(BigInt(input.value));
    const bytes = writer.finish();
    const reader = new Reader(bytes);
    const readBack = input.what === 'varint' ? reader.varint() : reader.varlong();
    if (String(readBack) !== input.value) throw new Error(`${input.value} is read as ${readBack}`);
    return { bytes: bytes.toString('base64') };
  },
  'record-batch-write': (input) => ({ bytes: writeBatch(input).toString('base64') }),
  'record-batch-read': (input) => {
    const buffer = Buffer.from(input.bytes, 'base64');
    return { batches: [...batches(buffer)].map((header) => readBatch(buffer, header)) };
  },
};

function writeBatch(input: VectorInput): Buffer {
  const common = {
    producerId: BigInt(input.producerId),
    producerEpoch: input.producerEpoch,
    baseOffset: BigInt(input.baseOffset),
    partitionLeaderEpoch: input.leaderEpoch,
  };
  if (input.marker !== undefined) {
    const { marker: type, coordinatorEpoch, timestamp: timestampMs } = input;
    return encodeControlBatch({ ...common, type, coordinatorEpoch, timestampMs });
  }
  const builder = new RecordBatchBuilder({ maxBytes: 1_000_000, compression: input.compression });
  for (const { timestamp, key, value, headers } of input.records) {
    builder.append(
      timestamp,
      toBytes(key),
      toBytes(value),
      headers.map((header: VectorInput) => ({ key: header.key, value: toBytes(header.value) })),
    );
  }
  const batch = builder.close({
    ...common,
    baseSequence: input.baseSequence,
    isTransactional: input.transactional,
    isControl: input.control,
  });
  if (input.timestampType === 'LogAppendTime')
    setLogAppendTime(batch, 0, BigInt(input.logAppendTime));
  return batch;
}

function readBatch(buffer: Buffer, header: RecordBatchHeader): unknown {
  checkCrc(buffer, header);
  return {
    baseOffset: Number(header.baseOffset),
    lastOffset: Number(header.baseOffset) + header.lastOffsetDelta,
    leaderEpoch: header.partitionLeaderEpoch,
    magic: header.magic,
    compression: header.compression,
    timestampType: header.timestampType,
    maxTimestamp: Number(header.maxTimestamp),
    producerId: Number(header.producerId),
    producerEpoch: header.producerEpoch,
    baseSequence: header.baseSequence,
    transactional: header.isTransactional,
    control: header.isControl,
    crc: header.crc,
    size: header.sizeInBytes,
    records: decodeRecords(buffer, header).map(({ offset, timestamp, key, value, headers }) => ({
      offset,
      timestamp,
      key: toBase64(key),
      value: toBase64(value),
      headers: headers.map((each) => ({ key: each.key, value: toBase64(each.value) })),
    })),
  };
}

/** As Java names the case. */
function checkCrc(buffer: Buffer, { position, sizeInBytes, crc }: RecordBatchHeader): void {
  const computed = crc32c(buffer.subarray(position + 21, position + sizeInBytes));
  if (computed === crc) return;
  const message = `Record is corrupt (stored crc = ${crc}, computed crc = ${computed})`;
  throw Object.assign(new Error(message), { name: 'CorruptRecordException' });
}

function toBytes(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, 'base64');
}

function toBase64(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('base64');
}
