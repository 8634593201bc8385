import { expect } from 'vitest';
import type { TopicPartition } from '../../types.ts';
import { assignors, type SubscribedMember } from '../assignors.ts';
import { decodeAssignment, decodeSubscription, encodeSubscription } from '../consumer-protocol.ts';
import type { GroupRound } from './random-groups.ts';

/** What Java's leader made of a round, all bytes in hex. */
export interface JavaRound {
  readonly assignor: string;
  readonly partitions: Readonly<Record<string, number>>;
  readonly members: readonly {
    readonly id: string;
    readonly instanceId: string | null;
    readonly metadata: string;
  }[];
  readonly answer: Readonly<Record<string, { metadata: string; assignment: string }>>;
}

export function javaQuestion({
  assignor,
  partitions,
  members,
}: GroupRound): Omit<JavaRound, 'answer'> {
  return {
    assignor,
    partitions,
    members: members.map((member) => ({
      id: member.memberId,
      instanceId: member.groupInstanceId,
      metadata: encodeSubscription(assignor, member).toString('hex'),
    })),
  };
}

export function givenBy({ answer }: JavaRound): Map<string, TopicPartition[]> {
  return new Map(
    Object.entries(answer).map(([id, { assignment }]) => [
      id,
      decodeAssignment(Buffer.from(assignment, 'hex')),
    ]),
  );
}

/**
 * Java reads and writes our members' metadata as we do. `range` and `roundrobin` give the very same. The sticky ones give every partition that Java's give; to members of one
 * subscription as evenly, and as much of it to those who hold it; where subscriptions differ, neither's is always the best, but no single move makes ours more even.
 */
export function expectAsJava(round: JavaRound): void {
  const members = round.members.map(({ id, instanceId, metadata }): SubscribedMember => {
    const subscription = decodeSubscription(round.assignor, Buffer.from(metadata, 'hex'));
    expect(encodeSubscription(round.assignor, subscription).toString('hex')).toBe(metadata);
    expect(round.answer[id]?.metadata).toBe(metadata);
    return { memberId: id, groupInstanceId: instanceId, ...subscription };
  });
  const counts = new Map(Object.entries(round.partitions));
  const ours = assignors[round.assignor]?.(members, counts) ?? new Map<string, TopicPartition[]>();
  const javas = givenBy(round);
  expect([...ours.keys()].sort()).toEqual([...javas.keys()].sort());
  if (!round.assignor.endsWith('sticky')) {
    expect(namesById(ours)).toEqual(namesById(javas));
    return;
  }
  const [given, javasGiven] = [ours, javas].map((each) => namesOf([...each.values()].flat()));
  if (round.assignor === 'sticky') expect(given).toEqual(javasGiven);
  // Of `cooperative-sticky` what moves is given in the round that follows, and no two leaders need move the same.
  if (given?.length !== javasGiven?.length) return;
  const [first, ...others] = members.map(({ topics }) => topics.join(' '));
  if (others.some((topics) => topics !== first)) {
    if (round.assignor === 'sticky') expectNoBetterMove(members, ours);
    return;
  }
  expect(unevenness(ours)).toBeLessThanOrEqual(unevenness(javas));
  if (unevenness(ours) === unevenness(javas)) {
    expect(keptCount(members, ours)).toBeGreaterThanOrEqual(keptCount(members, javas));
  }
}

function expectNoBetterMove(
  members: readonly SubscribedMember[],
  assignment: ReadonlyMap<string, readonly TopicPartition[]>,
): void {
  for (const { memberId } of members) {
    const own = assignment.get(memberId) ?? [];
    const topics = new Set(own.map(({ topic }) => topic));
    const takers = members.filter((other) => other.topics.some((topic) => topics.has(topic)));
    for (const other of takers) {
      expect(own.length - (assignment.get(other.memberId)?.length ?? 0)).toBeLessThan(2);
    }
  }
}

/** Smaller is more even. */
function unevenness(assignment: ReadonlyMap<string, readonly TopicPartition[]>): number {
  return [...assignment.values()].reduce((sum, { length }) => sum + length ** 2, 0);
}

function keptCount(
  members: readonly SubscribedMember[],
  assignment: ReadonlyMap<string, readonly TopicPartition[]>,
): number {
  return members.reduce((sum, { memberId, owned }) => {
    const own = new Set(namesOf(assignment.get(memberId) ?? []));
    return sum + namesOf(owned).filter((name) => own.has(name)).length;
  }, 0);
}

function namesById(
  assignment: ReadonlyMap<string, readonly TopicPartition[]>,
): Record<string, string[]> {
  return Object.fromEntries([...assignment].map(([id, own]) => [id, namesOf(own)]));
}

function namesOf(partitions: readonly TopicPartition[]): string[] {
  return partitions.map(({ topic, partition }) => `${topic}-${partition}`).sort();
}
