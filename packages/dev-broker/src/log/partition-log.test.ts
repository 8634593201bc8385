import { describe, expect, it } from 'vitest';
import { silentLogger } from '../logger.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { makeBatch } from '../testing/make-batch.ts';
import { readBatch } from './batch.ts';
import { findMaxTimestamp, findTimestamp } from './find-timestamp.ts';
import type { Storage } from './log-file.ts';
import { createMemoryStorage } from './memory-storage.ts';
import { PartitionLog } from './partition-log.ts';
import { applyRetention } from './retention.ts';

const folder = 'topics/t/0';
const noLimit = Number.MAX_SAFE_INTEGER;

function openLog(
  storage: Storage,
  segmentBytes = 1_000_000,
  warnings: string[] = [],
  segmentMs = noLimit,
) {
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  const context = { topic: 't', partition: 0, folder, storage, clock: createFakeClock(), logger };
  const config = { segmentBytes, segmentMs, flushRecords: noLimit };
  return new PartitionLog(context, config, 0);
}

function activeFile(storage: Storage) {
  const name = storage.list(folder).sort().at(-1);
  return storage.open(`${folder}/${name}`);
}

/** Base offsets of all batches that a reader gets from `offset` on. */
function readAll(log: PartitionLog, offset = 0, maxBytes = 200): number[] {
  const found: number[] = [];
  for (let next = offset; next < log.endOffset; ) {
    const { records, endOffset } = log.read(next, maxBytes, log.endOffset, true);
    if (records.length === 0) break;
    for (let at = 0; at < records.length; ) {
      const batch = readBatch(records, at);
      if (batch === undefined) throw new Error('a batch was cut');
      found.push(batch.baseOffset);
      at += batch.size;
    }
    next = endOffset;
  }
  return found;
}

describe('PartitionLog', () => {
  it('gives offsets in order and reads whole batches from any offset', () => {
    const log = openLog(createMemoryStorage());
    expect(log.append(makeBatch(['a', 'b', 'c']))).toBe(0);
    expect(log.append(makeBatch(['d']))).toBe(3);
    expect(log.append(makeBatch(['e', 'f']))).toBe(4);
    expect(log.endOffset).toBe(6);
    expect(readAll(log)).toEqual([0, 3, 4]);
    expect(readAll(log, 1)).toEqual([0, 3, 4]);
    expect(readAll(log, 5)).toEqual([4]);
    expect(log.read(0, 1000, 3, true).endOffset).toBe(3);
  });

  it('returns a batch larger than the limit only where the reader must progress', () => {
    const log = openLog(createMemoryStorage());
    log.append(makeBatch(['x'.repeat(20_000)]));
    expect(log.read(0, 100, 1, false).records).toHaveLength(0);
    expect(readBatch(log.read(0, 100, 1, true).records, 0)?.size).toBeGreaterThan(20_000);
  });

  it('finds every offset again over many segments and index entries, also after a restart', () => {
    const storage = createMemoryStorage();
    const log = openLog(storage, 9_000);
    const expected = Array.from({ length: 400 }, () => log.append(makeBatch(['some value', 'b'])));
    expect(storage.list(folder).length).toBeGreaterThan(3);
    const restarted = openLog(storage, 9_000);
    for (const one of [log, restarted]) {
      expect(readAll(one, 0, 1_000)).toEqual(expected);
      for (const offset of [1, 222, 399, 600, 799]) {
        expect(readAll(one, offset, 150)[0]).toBe(offset - (offset % 2));
      }
    }
    expect(restarted.endOffset).toBe(800);
  });

  it('begins a segment when the records, not the clock, are older than segment.ms', () => {
    const log = openLog(createMemoryStorage(), 1_000_000, [], 1000);
    for (const timestampMs of [5_000, 6_000, 6_001, 7_001, 7_002]) {
      log.append(makeBatch(['old'], { timestampMs }));
    }
    expect(log.segmentList.map(({ baseOffset }) => baseOffset)).toEqual([0, 2, 4]);
  });

  it.each([1, 20, 60])('cuts off a last batch that lacks %i bytes and says where', (missing) => {
    const storage = createMemoryStorage();
    const log = openLog(storage);
    log.append(makeBatch(['a', 'b']));
    const sound = log.sizeBytes;
    log.append(makeBatch(['c']));
    const torn = log.sizeBytes - missing - sound;
    activeFile(storage).truncate(log.sizeBytes - missing);
    const warnings: string[] = [];
    const restarted = openLog(storage, 1_000_000, warnings);
    const place = 'topic "t" partition 0 at offset 2';
    expect(warnings).toEqual([`Cut a torn end off the log of ${place}: ${torn} bytes`]);
    expect(restarted.sizeBytes).toBe(sound);
    expect(restarted.append(makeBatch(['d']))).toBe(2);
  });

  it('cuts off a last batch whose checksum is wrong', () => {
    const storage = createMemoryStorage();
    const log = openLog(storage);
    log.append(makeBatch(['a']));
    const damaged = makeBatch(['b']);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1);
    log.append(damaged);
    const restarted = openLog(storage);
    expect(restarted.endOffset).toBe(1);
    expect(readAll(restarted)).toEqual([0]);
  });

  it('refuses a damaged segment that is not the last', () => {
    const storage = createMemoryStorage();
    const log = openLog(storage, 100);
    for (const value of ['a', 'b', 'c']) log.append(makeBatch([value]));
    const [first] = storage.list(folder).sort();
    const file = storage.open(`${folder}/${first}`);
    file.truncate(file.size - 3);
    expect(() => openLog(storage, 100)).toThrow(/00000000000000000000.log" is damaged at byte 0/);
  });

  it('keeps nothing of an append that found the disk full and goes on when there is space', () => {
    const storage = createMemoryStorage();
    const log = openLog(storage);
    log.append(makeBatch(['a']));
    storage.isFull = true;
    expect(() => log.append(makeBatch(['b']))).toThrow(/disk is full/);
    expect(log.endOffset).toBe(1);
    storage.isFull = false;
    expect(log.append(makeBatch(['c']))).toBe(1);
    expect(readAll(log)).toEqual([0, 1]);
  });

  it('finds records by timestamp', () => {
    const log = openLog(createMemoryStorage(), 200);
    for (const timestampMs of [100, 300, 200, 400, 400]) {
      log.append(makeBatch(['a', 'b'], { timestampMs }));
    }
    expect(findTimestamp(log, 0, false)).toEqual({ offset: 0, timestampMs: 100 });
    expect(findTimestamp(log, 150, false)).toEqual({ offset: 2, timestampMs: 300 });
    expect(findTimestamp(log, 301, false)).toEqual({ offset: 6, timestampMs: 400 });
    expect(findTimestamp(log, 401, false)).toBeUndefined();
    expect(findMaxTimestamp(log)).toEqual({ offset: 6, timestampMs: 400 });
  });

  it('removes whole old segments, by time and by size, and never the last one by size', () => {
    const storage = createMemoryStorage();
    const log = openLog(storage, 100);
    for (const timestampMs of [100, 200, 300, 400]) log.append(makeBatch(['a'], { timestampMs }));
    applyRetention(log, 1_000, 750, -1);
    expect(log.startOffset).toBe(2);
    expect(storage.list(folder)).toHaveLength(2);
    applyRetention(log, 1_000, -1, 0);
    expect(log.startOffset).toBe(3);
    applyRetention(log, 1_000, 100, -1);
    expect([log.startOffset, log.endOffset]).toEqual([4, 4]);
    expect(openLog(storage).endOffset).toBe(4);
  });
});
