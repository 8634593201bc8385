import {
  batches,
  checkCrc,
  decodeRecords,
  encodeControlBatch,
  type RecordBatchHeader,
} from '@tributary/wire';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../logger.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { makeBatch } from '../testing/make-batch.ts';
import { compact } from './compaction.ts';
import type { Storage } from './log-file.ts';
import { createMemoryStorage } from './memory-storage.ts';
import { PartitionLog } from './partition-log.ts';

const settings = { deleteRetentionMs: 1_000, minLagMs: 0 };
const startMs = 1_700_000_000_000;

/** Every append begins a new segment. */
function openLog(storage: Storage): PartitionLog {
  const clock = createFakeClock();
  const folder = 'topics/t/0';
  const context = { topic: 't', partition: 0, folder, storage, clock, logger: silentLogger };
  const config = { segmentBytes: 1, segmentMs: 2 ** 53, flushRecords: 2 ** 53 };
  return new PartitionLog(context, config, 0);
}

/** `offset:key=value` of all records, markers left out. */
function contentOf(log: PartitionLog): string[] {
  const found: string[] = [];
  for (let offset = log.startOffset; offset < log.endOffset; ) {
    const { records, endOffset } = log.read(offset, 1_000_000, log.endOffset, true);
    if (records.length === 0) break;
    for (const header of batches(records)) {
      if (header.isControl) continue;
      for (const one of decodeRecords(records, header)) {
        found.push(`${one.offset}:${String(one.key)}=${String(one.value)}`);
      }
    }
    offset = endOffset;
  }
  return found;
}

describe('compact', () => {
  it('keeps the newest record of each key at its offset, and the last segment', () => {
    const storage = createMemoryStorage();
    const log = openLog(storage);
    for (const values of [['a=1'], ['b=1', 'a=2'], ['a=3'], ['c=1', 'a=4'], ['a=5']]) {
      log.append(makeBatch(values));
    }
    compact(log, startMs, settings);
    const expected = ['1:b=1', '4:c=1', '5:a=4', '6:a=5'];
    expect(contentOf(log)).toEqual(expected);
    expect(contentOf(openLog(storage))).toEqual(expected);
    expect(log.append(makeBatch(['d=1']))).toBe(7);
    expect(log.startOffset).toBe(0);
  });

  it('finds what is left from every offset, the holes too', () => {
    const log = openLog(createMemoryStorage());
    for (const values of [['a=1', 'b=1', 'a=2', 'c=1', 'a=3'], ['a=4'], ['x=1']]) {
      log.append(makeBatch(values));
    }
    compact(log, startMs, settings);
    for (let offset = 0; offset < 5; offset++) {
      const { records, endOffset } = log.read(offset, 10, log.endOffset, true);
      const [header] = [...batches(records)];
      expect(header).toMatchObject({ baseOffset: 0n, lastOffsetDelta: 4, recordCount: 2 });
      expect(endOffset).toBe(5);
    }
    expect(contentOf(log)).toEqual(['1:b=1', '3:c=1', '5:a=4', '6:x=1']);
  });

  it('keeps a tombstone until its time is over', () => {
    const log = openLog(createMemoryStorage());
    log.append(makeBatch(['a=1']));
    log.append(makeBatch(['a=null']));
    log.append(makeBatch(['x=1']));
    compact(log, startMs + 1_000, settings);
    expect(contentOf(log)).toEqual(['1:a=null', '2:x=1']);
    log.compactedTo = 0;
    compact(log, startMs + 1_001, settings);
    expect(contentOf(log)).toEqual(['2:x=1']);
  });

  it('leaves open transactions alone and removes what was aborted', () => {
    const log = openLog(createMemoryStorage());
    const producer = { producerId: 1n, producerEpoch: 0 };
    const write = (value: string, baseSequence: number) => {
      log.append(makeBatch([value], { ...producer, baseSequence, isTransactional: true }));
    };
    log.append(makeBatch(['a=old']));
    write('a=aborted', 0);
    log.append(makeBatch(['b=1']));
    compact(log, startMs, settings);
    expect(contentOf(log)).toHaveLength(3);
    log.append(
      encodeControlBatch({ type: 'ABORT', ...producer, coordinatorEpoch: 0, timestampMs: startMs }),
    );
    write('b=2', 1);
    log.append(
      encodeControlBatch({
        type: 'COMMIT',
        ...producer,
        coordinatorEpoch: 0,
        timestampMs: startMs,
      }),
    );
    log.append(makeBatch(['x=1']));
    compact(log, startMs, settings);
    expect(contentOf(log)).toEqual(['0:a=old', '4:b=2', '6:x=1']);
  });

  it('removes a marker, and what was known of its transaction, when its records are gone and its time is over', () => {
    const storage = createMemoryStorage();
    const log = openLog(storage);
    const producer = { producerId: 1n, producerEpoch: 0 };
    const write = (value: string, baseSequence: number) => {
      log.append(makeBatch([value], { ...producer, baseSequence, isTransactional: true }));
    };
    const end = (type: 'ABORT' | 'COMMIT') => {
      const marker = { type, ...producer, coordinatorEpoch: 0, timestampMs: startMs };
      log.append(encodeControlBatch(marker));
    };
    const markers = (one: PartitionLog) => {
      const { records } = one.read(0, 1_000_000, one.endOffset, true);
      const offsets: number[] = [];
      for (let offset = 0, found = records; found.length > 0; ) {
        for (const header of batches(found)) {
          if (header.isControl) offsets.push(Number(header.baseOffset));
          offset = Number(header.baseOffset) + header.lastOffsetDelta + 1;
        }
        found = one.read(offset, 1_000_000, one.endOffset, true).records;
      }
      return offsets;
    };
    write('a=aborted', 0);
    end('ABORT');
    write('b=stays', 1);
    end('COMMIT');
    write('a=superseded', 2);
    end('COMMIT');
    write('a=newest', 3);
    end('COMMIT');
    log.append(makeBatch(['x=1']));
    compact(log, startMs + 1_000, settings);
    expect(contentOf(log)).toEqual(['2:b=stays', '6:a=newest', '8:x=1']);
    expect(markers(log)).toEqual([1, 3, 5, 7]);
    expect(log.transactions.aborted).toHaveLength(1);
    log.compactedTo = 0;
    compact(log, startMs + 1_001, settings);
    expect(contentOf(log)).toEqual(['2:b=stays', '6:a=newest', '8:x=1']);
    expect(markers(log)).toEqual([3, 7]);
    expect(log.transactions.aborted).toEqual([]);
    const restarted = openLog(storage);
    expect(contentOf(restarted)).toEqual(contentOf(log));
    expect(restarted.transactions).toEqual(log.transactions);
    expect(restarted.lastStableOffset).toBe(9);
  });

  it('keeps the header of the last batch of a producer, so that its sequence goes on after a restart', () => {
    const storage = createMemoryStorage();
    const log = openLog(storage);
    log.append(makeBatch(['a=1'], { producerId: 1n, producerEpoch: 0, baseSequence: 0 }));
    log.append(makeBatch(['a=2']));
    log.append(makeBatch(['x=1']));
    compact(log, startMs, settings);
    expect(contentOf(log)).toEqual(['1:a=2', '2:x=1']);
    const [header] = [...batches(log.read(0, 1000, 3, true).records)];
    expect(header).toMatchObject({ baseOffset: 0n, producerId: 1n, recordCount: 0 });
    checkCrc(log.read(0, 1000, 3, true).records, header as RecordBatchHeader);
    const restarted = openLog(storage);
    expect(restarted.producers.byId.get(1n)?.batches).toHaveLength(1);
    expect(contentOf(restarted)).toEqual(contentOf(log));
    restarted.append(makeBatch(['a=3'], { producerId: 1n, producerEpoch: 0, baseSequence: 1 }));
    restarted.append(makeBatch(['x=2']));
    compact(restarted, startMs, settings);
    expect([...batches(restarted.read(0, 1000, 3, true).records)][0]?.recordCount).toBe(1);
  });
});
