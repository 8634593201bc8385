import { expect, it } from 'vitest';
import { StickyPartition } from './partitioner.ts';

it('stays with a partition for about a batch, then moves on to another', () => {
  const sticky = new StickyPartition(1000, () => 0);
  const chosen = Array.from({ length: 30 }, () => sticky.next([0, 1, 2], 100));
  const runs = chosen.join('').match(/(.)\1*/g) ?? [];
  expect(runs.map((run) => run.length)).toEqual([10, 10, 10]);
  expect(runs[0]?.[0]).not.toBe(runs[1]?.[0]);
});

it('leaves a partition that has no leader any more, and takes the only one there is', () => {
  const sticky = new StickyPartition(1000, () => 0);
  const first = sticky.next([0, 1], 1);
  const other = 1 - first;
  expect(sticky.next([other], 1)).toBe(other);
  for (let i = 0; i < 20; i++) expect(sticky.next([other], 500)).toBe(other);
});
