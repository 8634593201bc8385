import { describe, expect, it } from 'vitest';
import { type PartitionLoad, RoundRobinChoice, StickyChoice } from './partition-choice.ts';

const idle: PartitionLoad = {
  queuedBatches: () => undefined,
  hasRoom: () => false,
  isStalled: () => false,
};

/** Evenly spread numbers, the same each time. */
function spread(): () => number {
  let next = 0;
  return () => {
    next = (next + 0.618_033_988_75) % 1;
    return next;
  };
}

/** How often each partition is drawn when each record is a batch. */
function draws(load: PartitionLoad, partitions: readonly number[], count = 10_000): number[] {
  const choice = new StickyChoice(1, load, true, spread());
  const found = partitions.map(() => 0);
  for (let i = 0; i < count; i++) {
    const at = partitions.indexOf(choice.next(partitions, 1));
    found[at] = (found[at] as number) + 1;
  }
  return found.map((each) => Math.round((each / count) * 100));
}

describe('the sticky choice', () => {
  it('stays with a partition for a batch', () => {
    const choice = new StickyChoice(1000, idle, true, spread());
    const available = [0, 1, 2];
    const runs = Array.from({ length: 9 }, () =>
      Array.from({ length: 10 }, () => choice.next(available, 100)),
    );
    for (const run of runs) expect(new Set(run).size).toBe(1);
    expect(new Set(runs.flat())).toEqual(new Set(available));
  });

  it('stays until the batch it is filling is full, for the bytes of two at most', () => {
    let isOpen = true;
    const load = { ...idle, hasRoom: () => isOpen };
    const choice = new StickyChoice(1000, load, true, () => 0);
    const other = new StickyChoice(1000, load, true, spread());
    const available = [0, 1];
    expect(choice.next(available, 1000)).toBe(0);
    const first = other.next(available, 1000);
    expect(other.next(available, 999)).toBe(first);
    expect(other.next(available, 1)).toBe(first);
    expect(other.next(available, 1000)).toBe(1 - first);
    isOpen = false;
    expect(other.next(available, 1000)).toBe(first);
  });

  it('leaves a partition that has no leader any more, at once', () => {
    const choice = new StickyChoice(1000, idle, true, () => 0);
    expect(choice.next([0, 1], 1)).toBe(0);
    expect(choice.next([1], 1)).toBe(1);
    expect(choice.next([0, 1], 1)).toBe(1);
  });

  it('draws uniformly while it is not known of each partition how many batches wait', () => {
    const load = { ...idle, queuedBatches: (at: number) => (at === 2 ? undefined : at * 10) };
    expect(draws(load, [0, 1, 2, 3])).toEqual([25, 25, 25, 25]);
  });

  it('draws a partition the likelier, the fewer batches wait for it', () => {
    const queued = [5, 0, 3, 0, 1];
    const load = { ...idle, queuedBatches: (at: number) => queued[at] };
    // Weights 1, 6, 3, 6, 5 of 21.
    expect(draws(load, [0, 1, 2, 3, 4])).toEqual([5, 29, 14, 29, 24]);
    const choice = new StickyChoice(1, load, false, spread());
    const uniform = Array.from({ length: 1000 }, () => choice.next([0, 1, 2, 3, 4], 1));
    expect(uniform.filter((partition) => partition === 0).length).toBeCloseTo(200, -1);
  });

  it('leaves out partitions whose broker does not answer, unless no other is left', () => {
    const load = { ...idle, queuedBatches: () => 1, isStalled: (at: number) => at === 1 };
    expect(draws(load, [0, 1, 2])).toEqual([50, 0, 50]);
    expect(draws({ ...load, isStalled: () => true }, [0, 1])).toEqual([50, 50]);
  });
});

it('the round robin takes the partitions with a leader in turn', () => {
  const choice = new RoundRobinChoice();
  const available = [0, 2, 5];
  expect(Array.from({ length: 7 }, () => choice.next(available))).toEqual([0, 2, 5, 0, 2, 5, 0]);
});
