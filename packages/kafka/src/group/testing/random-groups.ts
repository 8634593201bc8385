import type { SubscribedMember } from '../assignors.ts';

/** What a leader has to share out. */
export interface GroupRound {
  readonly assignor: string;
  readonly partitions: Readonly<Record<string, number>>;
  readonly members: readonly SubscribedMember[];
}

export interface RandomGroup {
  next(given: ReadonlyMap<string, SubscribedMember['owned']> | null): GroupRound;
}

type Below = (end: number) => number;
type Held = Pick<SubscribedMember, 'owned' | 'generation'>;

/**
 * A group whose members come, go and subscribe anew, and whose topics grow and disappear, round after round. `next` is told what each member got in the round before.
 * `below(n)` gives a number from 0 up to, but without, `n`.
 */
export function createRandomGroup(assignor: string, below: Below): RandomGroup {
  const isEqual = below(2) === 0;
  const maxPartitions = 1 + below(12);
  const topics = Array.from({ length: 1 + below(5) }, (_, index) => `topic-${index}`);
  const partitions: Record<string, number> = {};
  for (const topic of topics) if (below(8) > 0) partitions[topic] = below(maxPartitions + 1);
  const chosen = (): string[] => {
    const some = topics.filter(() => isEqual || below(2) === 0);
    return some.length > 0 ? some : [topics[below(topics.length)] ?? ''];
  };
  let members: SubscribedMember[] = [];
  let generation = 0;
  let lastId = 0;
  const join = (): void => {
    const isStatic = below(4) === 0;
    const memberId = `member-${String.fromCharCode(97 + below(26))}-${lastId++}`;
    members.push({
      memberId,
      groupInstanceId: isStatic ? `instance-${below(1000)}-${lastId}` : null,
      topics: chosen(),
      owned: [],
      generation: -1,
      rackId: below(4) === 0 ? `rack-${below(3)}` : null,
    });
  };
  for (let left = 1 + below(6); left > 0; left--) join();

  return {
    next(given: ReadonlyMap<string, Held['owned']> | null): GroupRound {
      if (given !== null) {
        generation += 1;
        members = members.map((member) => keepShare(member, given, generation, below));
        change();
      }
      return { assignor, partitions: { ...partitions }, members: [...members] };
    },
  };

  function change(): void {
    for (let left = 1 + below(2); left > 0; left--) {
      const what = below(6);
      const topic = topics[below(topics.length)] ?? '';
      if (what < 2) join();
      else if (what < 4 && members.length > 1) members.splice(below(members.length), 1);
      else if (what === 4) partitions[topic] = (partitions[topic] ?? 0) + 1 + below(3);
      else if (below(3) === 0) delete partitions[topic];
      else if (!isEqual) {
        const index = below(members.length);
        members[index] = { ...(members[index] as SubscribedMember), topics: chosen() };
      }
    }
  }
}

/** A member that missed the round still claims what it had. */
function keepShare(
  member: SubscribedMember,
  given: ReadonlyMap<string, Held['owned']>,
  generation: number,
  below: Below,
): SubscribedMember {
  if (below(20) === 0) return member;
  return { ...member, owned: given.get(member.memberId) ?? [], generation };
}
