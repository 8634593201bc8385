import { SourceRecord } from '@tributary/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SubmittedBatch, SubmittedRecords } from './submitted-records.ts';

/** One entry per record, as slow and as obvious as can be. */
class NaiveLedger {
  readonly entries: { partition: string; offset: number; isSettled: boolean }[] = [];
  readonly #given = new Map<string, number>();

  committable(): Map<string, number> {
    const front = new Map<string, number>();
    const blocked = new Set<string>();
    for (const { partition, offset, isSettled } of this.entries) {
      if (!isSettled) blocked.add(partition);
      else if (!blocked.has(partition)) front.set(partition, offset);
    }
    for (const [partition, offset] of front) {
      if (this.#given.get(partition) === offset) front.delete(partition);
      else this.#given.set(partition, offset);
    }
    return front;
  }
}

const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ submit: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 8 }) }),
  },
  { weight: 5, arbitrary: fc.record({ settle: fc.nat(), first: fc.nat(), count: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ withdraw: fc.nat() }) },
  { weight: 2, arbitrary: fc.constant('take' as const) },
);

function record(partition: number, offset: number): SourceRecord {
  // A new map each time: equal partitions are the same whatever the object.
  return new SourceRecord({ file: `f${partition}` }, { offset }, 't', null, null, null, null, 'v');
}

describe('SubmittedRecords', () => {
  it('agrees with a naive list under any order of acknowledgements', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ledger = new SubmittedRecords();
        const naive = new NaiveLedger();
        const batches: { batch: SubmittedBatch; start: number; size: number }[] = [];
        let nextOffset = 1;
        const take = (): void => {
          const taken = new Map(
            ledger
              .takeCommittable()
              .map(({ partition, offset }) => [partition['file'], offset?.['offset']]),
          );
          expect(taken).toEqual(naive.committable());
        };
        for (const each of steps) {
          if (each === 'take') {
            take();
          } else if ('submit' in each) {
            const records = each.submit.map((partition) => record(partition, nextOffset++));
            const start = naive.entries.length;
            for (const { sourcePartition, sourceOffset } of records) {
              const partition = String(sourcePartition?.['file']);
              naive.entries.push({
                partition,
                offset: Number(sourceOffset?.['offset']),
                isSettled: false,
              });
            }
            batches.push({ batch: ledger.submit(records), start, size: records.length });
          } else if ('settle' in each) {
            const found = batches[each.settle % Math.max(1, batches.length)];
            if (found === undefined || found.size === 0) continue;
            const first = each.first % found.size;
            const count = Math.min(each.count, found.size - first);
            ledger.settle(found.batch, first, count);
            for (let i = 0; i < count; i += 1) {
              const entry = naive.entries[found.start + first + i];
              if (entry !== undefined) entry.isSettled = true;
            }
          } else {
            const newest = batches.at(-1);
            if (newest === undefined || newest.size === 0) continue;
            const from = each.withdraw % newest.size;
            // Only what nobody has settled can be taken back.
            const rest = naive.entries.slice(newest.start + from);
            if (rest.some(({ isSettled }) => isSettled)) continue;
            ledger.withdraw(newest.batch, from);
            naive.entries.length = newest.start + from;
            newest.size = from;
          }
          expect(ledger.isSettled).toBe(naive.entries.every(({ isSettled }) => isSettled));
        }
        take();
      }),
      { seed: 7, numRuns: 3000 },
    );
  });

  it('keeps the offset behind the first unacknowledged record', () => {
    const ledger = new SubmittedRecords();
    const batch = ledger.submit([record(0, 1), record(0, 2), record(0, 3)]);
    ledger.settle(batch, 1, 2);
    expect(ledger.takeCommittable()).toEqual([]);
    ledger.settle(batch, 0, 1);
    expect(ledger.takeCommittable()).toEqual([
      { partition: { file: 'f0' }, offset: { offset: 3 } },
    ]);
    expect(ledger.takeCommittable()).toEqual([]);
  });

  it('keeps partitions apart whose integers are beyond 2^53', () => {
    const ledger = new SubmittedRecords();
    const big = (shard: bigint): SourceRecord =>
      new SourceRecord({ shard }, { offset: 1 }, 't', null, null, null, null, 'v');
    const batch = ledger.submit([big(9007199254740993n), big(9007199254740992n)]);
    ledger.settle(batch, 0, 2);
    expect(ledger.takeCommittable()).toHaveLength(2);
  });
});
