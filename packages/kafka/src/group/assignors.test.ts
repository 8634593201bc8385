import { expect, it } from 'vitest';
import { assignors } from './assignors.ts';

const members = (...topics: string[][]) =>
  topics.map((each, index) => ({
    memberId: `m${index}`,
    groupInstanceId: null,
    topics: each,
    owned: [],
    generation: -1,
    rackId: null,
  }));

function assign(
  name: string,
  subscribed: ReturnType<typeof members>,
  counts: Record<string, number>,
) {
  const assignment = assignors[name]?.(subscribed, new Map(Object.entries(counts)));
  return Object.fromEntries(
    [...(assignment ?? [])].map(([id, owned]) => [
      id,
      owned.map(({ topic, partition }) => `${topic}${partition}`).join(' '),
    ]),
  );
}

// Examples of the documentation of Kafka's RangeAssignor and RoundRobinAssignor.
it('range: consecutive partitions topic by topic', () => {
  expect(assign('range', members(['a', 'b'], ['a', 'b']), { a: 3, b: 3 })).toEqual({
    m0: 'a0 a1 b0 b1',
    m1: 'a2 b2',
  });
});

it('roundrobin: partitions in turn to those who want the topic', () => {
  expect(assign('roundrobin', members(['a', 'b'], ['a', 'b']), { a: 3, b: 3 })).toEqual({
    m0: 'a0 a2 b1',
    m1: 'a1 b0 b2',
  });
  expect(
    assign('roundrobin', members(['a'], ['a', 'b'], ['a', 'b', 'c']), { a: 1, b: 2, c: 3 }),
  ).toEqual({
    m0: 'a0',
    m1: 'b0',
    m2: 'b1 c0 c1 c2',
  });
});

it.each(['range', 'roundrobin'])(
  '%s: gives nothing to more members than partitions, and nothing of unknown topics',
  (name) => {
    expect(assign(name, members(['a'], ['a'], ['x']), { a: 1 })).toEqual({
      m0: 'a0',
      m1: '',
      m2: '',
    });
  },
);
