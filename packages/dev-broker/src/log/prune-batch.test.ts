import {
  assignOffsets,
  type CompressionType,
  checkCrc,
  compressionTypes,
  decodeRecords,
  RecordBatchBuilder,
  readBatchHeader,
} from '@tributary/wire';
import { expect, it } from 'vitest';
import { pruneBatch } from './prune-batch.ts';

const startMs = 1_700_000_000_000;
const producer = { producerId: 7n, producerEpoch: 2, baseSequence: 40 };

function batchOf(compression: CompressionType): Buffer {
  const builder = new RecordBatchBuilder({ maxBytes: 1024 * 1024, compression });
  for (let i = 0; i < 10; i++) {
    const headers = [{ key: 'h', value: Buffer.from(`${i}`) }];
    const value = i === 4 ? null : Buffer.from('x'.repeat(i * 50));
    builder.append(startMs + 10 - i, Buffer.from(`key ${i}`), value, headers);
  }
  const batch = Buffer.from(builder.close(producer));
  assignOffsets(batch, 0, 100n, 0);
  return batch;
}

it.each(compressionTypes)('leaves the wanted records as they were, compressed by %s', (codec) => {
  const batch = batchOf(codec);
  const before = readBatchHeader(batch, 0);
  const wanted = new Set([101, 104, 108]);
  const pruned = pruneBatch(batch, ({ offset }) => wanted.has(offset)) as Buffer;
  const header = readBatchHeader(pruned, 0);
  checkCrc(pruned, header);
  expect(decodeRecords(pruned, header)).toEqual(
    decodeRecords(batch, before).filter(({ offset }) => wanted.has(offset)),
  );
  expect(header).toMatchObject({
    ...producer,
    baseOffset: 100n,
    lastOffsetDelta: 9,
    recordCount: 3,
    compression: codec,
    maxTimestamp: BigInt(startMs + 9),
  });
  expect(header.sizeInBytes).toBe(pruned.length);
});

it('leaves nothing of a batch of which nothing is wanted', () => {
  expect(pruneBatch(batchOf('none'), () => false)).toBeUndefined();
});
