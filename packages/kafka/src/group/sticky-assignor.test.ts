import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TopicPartition } from '../types.ts';
import type { Assignor, SubscribedMember } from './assignors.ts';
import { assignCooperatively, assignSticky } from './sticky-assignor.ts';

const topics = ['a', 'b', 'c'];
const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}${partition}`;

const partition = fc.record({ topic: fc.constantFrom(...topics), partition: fc.nat({ max: 9 }) });
const member = fc.record({
  topics: fc.uniqueArray(fc.constantFrom(...topics), { minLength: 1 }),
  owned: fc.uniqueArray(partition, { maxLength: 8, selector: keyOf }),
  generation: fc.integer({ min: -1, max: 2 }),
});
const group = fc
  .array(member, { minLength: 1, maxLength: 6 })
  .map((all) => all.map((each, index) => memberOf(`m${index}`, each)));
const counts = fc
  .tuple(fc.nat({ max: 8 }), fc.nat({ max: 8 }), fc.nat({ max: 8 }))
  .map((sizes) => new Map(topics.map((topic, index) => [topic, sizes[index] ?? 0])));

function memberOf(
  memberId: string,
  subscription: Pick<SubscribedMember, 'topics' | 'owned' | 'generation'>,
): SubscribedMember {
  return { memberId, groupInstanceId: null, rackId: null, ...subscription };
}

function wantedPartitions(
  members: readonly SubscribedMember[],
  sizes: ReadonlyMap<string, number>,
): string[] {
  return [...sizes]
    .filter(([topic]) => members.some((each) => each.topics.includes(topic)))
    .flatMap(([topic, size]) => Array.from({ length: size }, (_, index) => `${topic}${index}`))
    .sort();
}

describe('the sticky assignor', () => {
  it('gives every partition to one member that wants it, and ends balanced', () => {
    fc.assert(
      fc.property(group, counts, (members, sizes) => {
        const assignment = assignSticky(members, sizes);
        const given = [...assignment.values()].flat();
        expect(given.map(keyOf).sort()).toEqual(wantedPartitions(members, sizes));
        for (const { memberId, topics: wanted } of members) {
          const own = assignment.get(memberId) ?? [];
          for (const { topic } of own) {
            expect(wanted).toContain(topic);
            for (const other of members.filter((each) => each.topics.includes(topic))) {
              expect(own.length - (assignment.get(other.memberId)?.length ?? 0)).toBeLessThan(2);
            }
          }
        }
      }),
    );
  });

  it('changes nothing when nothing changed', () => {
    fc.assert(
      fc.property(group, counts, (members, sizes) => {
        const first = assignSticky(members, sizes);
        const again = assignSticky(
          members.map((each) => ({
            ...each,
            owned: first.get(each.memberId) ?? [],
            generation: 5,
          })),
          sizes,
        );
        for (const [memberId, own] of first) {
          expect(again.get(memberId)?.map(keyOf).sort()).toEqual(own.map(keyOf).sort());
        }
      }),
    );
  });

  it('moves only what a new member needs', () => {
    const held = (from: number, to: number): TopicPartition[] =>
      Array.from({ length: to - from }, (_, index) => ({ topic: 'a', partition: from + index }));
    const members = [
      memberOf('x', { topics: ['a'], owned: held(0, 3), generation: 1 }),
      memberOf('y', { topics: ['a'], owned: held(3, 6), generation: 1 }),
      memberOf('z', { topics: ['a'], owned: [], generation: -1 }),
    ];
    const assignment = assignSticky(members, new Map([['a', 6]]));
    expect(assignment.get('x')?.map(keyOf)).toEqual(['a0', 'a1']);
    expect(assignment.get('y')?.map(keyOf)).toEqual(['a3', 'a4']);
    expect(assignment.get('z')?.map(keyOf).sort()).toEqual(['a2', 'a5']);
  });

  it('believes the higher generation, and neither of two with the same', () => {
    const claim = (memberId: string, generation: number) =>
      memberOf(memberId, { topics: ['a'], owned: [{ topic: 'a', partition: 0 }], generation });
    const own = (assign: Assignor, ...members: SubscribedMember[]) =>
      Object.fromEntries(
        [...assign(members, new Map([['a', 1]]))].map(([id, each]) => [id, each.length]),
      );
    expect(own(assignSticky, claim('x', 1), claim('y', 2))).toEqual({ x: 0, y: 1 });
    expect(own(assignSticky, claim('x', 2), claim('y', 1))).toEqual({ x: 1, y: 0 });
    // Both may believe that it is theirs: it is free only when both have let go.
    expect(own(assignCooperatively, claim('x', 2), claim('y', 1))).toEqual({ x: 0, y: 0 });
  });
});

describe('the cooperative assignor', () => {
  it('never gives a partition that another member holds, and reaches the sticky balance with the rounds that follow', () => {
    fc.assert(
      fc.property(group, counts, (members, sizes) => {
        let now = members;
        for (let round = 0; round < 4; round++) {
          const assignment = assignCooperatively(now, sizes);
          for (const [memberId, own] of assignment) {
            for (const each of own) {
              const others = now.filter((other) => other.memberId !== memberId);
              expect(others.flatMap(({ owned }) => owned.map(keyOf))).not.toContain(keyOf(each));
            }
          }
          now = now.map((each) => ({
            ...each,
            owned: assignment.get(each.memberId) ?? [],
            generation: 10 + round,
          }));
        }
        const given = now.flatMap(({ owned }) => owned.map(keyOf)).sort();
        expect(given).toEqual(wantedPartitions(members, sizes));
      }),
    );
  });
});
