import { batches, encodeControlBatch, RecordBatchBuilder } from '@tributary/wire';
import { expect, it } from 'vitest';
import { AbortedTransactions } from './aborted-transactions.ts';

const builder = new RecordBatchBuilder({ maxBytes: 1000 });

function data(offset: number, producerId: number, isTransactional = true): Buffer {
  builder.reset();
  builder.append(0, null, Buffer.from(`${producerId}@${offset}`), []);
  return Buffer.from(
    builder.close({ baseOffset: BigInt(offset), producerId: BigInt(producerId), isTransactional }),
  );
}

function marker(offset: number, producerId: number, type: 'ABORT' | 'COMMIT'): Buffer {
  return encodeControlBatch({
    type,
    producerId: BigInt(producerId),
    producerEpoch: 0,
    coordinatorEpoch: 0,
    timestampMs: 0,
    baseOffset: BigInt(offset),
  });
}

function visible(log: Buffer[], listed: [producerId: number, firstOffset: number][]): number[] {
  const buffer = Buffer.concat(log);
  const aborted = new AbortedTransactions(
    listed.map(([id, offset]) => ({ producerId: BigInt(id), firstOffset: BigInt(offset) })),
  );
  return [...batches(buffer)]
    .filter((header) => !aborted.covers(buffer, header) && !header.isControl)
    .map(({ baseOffset }) => Number(baseOffset));
}

it('leaves out an aborted transaction and keeps the next of its producer', () => {
  const log = [data(0, 1), data(1, 1), marker(2, 1, 'ABORT'), data(3, 1), marker(4, 1, 'COMMIT')];
  expect(visible(log, [[1, 0]])).toEqual([3]);
});

it('keeps what other producers wrote in between', () => {
  const log = [
    data(0, 1),
    data(1, 2),
    data(2, 3, false),
    data(3, 1),
    marker(4, 2, 'COMMIT'),
    marker(5, 1, 'ABORT'),
  ];
  expect(visible(log, [[1, 0]])).toEqual([1, 2]);
});

it('knows transactions that began before the answer, and those out of order in the list', () => {
  const log = [
    data(10, 1),
    data(11, 2),
    marker(12, 1, 'ABORT'),
    data(13, 1),
    marker(14, 2, 'ABORT'),
    data(15, 2),
  ];
  expect(
    visible(log, [
      [2, 11],
      [1, 3],
    ]),
  ).toEqual([13, 15]);
});

it('keeps records of the same producer before its aborted transaction', () => {
  const log = [data(0, 1), marker(1, 1, 'COMMIT'), data(2, 1), marker(3, 1, 'ABORT')];
  expect(visible(log, [[1, 2]])).toEqual([0]);
});
