import type { TopicPartition } from '../types.ts';
import type { SubscribedMember } from './assignors.ts';

/**
 * Members keep what they hold as far as the shares come out even: afterwards no partition could move to a member that wants its topic and has at least two fewer. (no I/O)
 * Of two members that claim a partition the one with the higher generation holds it; with the same, neither. Source: Kafka `AbstractStickyAssignor`.
 */
export function assignSticky(
  members: readonly SubscribedMember[],
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, TopicPartition[]> {
  const round = new Round(members, partitionCounts);
  for (const [memberId, partition] of heldPartitions(members, partitionCounts)) {
    round.give(memberId, partition);
  }
  for (const topic of round.topicsByChoice()) {
    for (let partition = 0; partition < (partitionCounts.get(topic) ?? 0); partition++) {
      const target = { topic, partition };
      if (!round.isGiven(target)) round.give(round.leastLoaded(topic), target);
    }
  }
  round.balance();
  return round.assignment;
}

/** The same, but what moves from one member to another is first only taken away: its new owner gets it in the round that follows. Source: Kafka `CooperativeStickyAssignor`. */
export function assignCooperatively(
  members: readonly SubscribedMember[],
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, TopicPartition[]> {
  const holders = new Map<string, Set<string>>();
  for (const { memberId, owned } of members) {
    for (const partition of owned) {
      const key = keyOf(partition);
      holders.set(key, (holders.get(key) ?? new Set()).add(memberId));
    }
  }
  const isFree = (memberId: string, partition: TopicPartition): boolean => {
    const held = holders.get(keyOf(partition));
    return held === undefined || (held.size === 1 && held.has(memberId));
  };
  return new Map(
    [...assignSticky(members, partitionCounts)].map(([memberId, given]) => [
      memberId,
      given.filter((partition) => isFree(memberId, partition)),
    ]),
  );
}

/** Shares as they grow. */
class Round {
  readonly assignment: Map<string, TopicPartition[]>;
  readonly #wanting = new Map<string, string[]>();
  readonly #owners = new Map<string, string>();

  constructor(members: readonly SubscribedMember[], partitionCounts: ReadonlyMap<string, number>) {
    const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
    this.assignment = new Map(sorted.map(({ memberId }) => [memberId, []]));
    for (const topic of [...partitionCounts.keys()].sort()) this.#wanting.set(topic, []);
    for (const { memberId, topics } of sorted) {
      for (const topic of new Set(topics)) this.#wanting.get(topic)?.push(memberId);
    }
    for (const [topic, ids] of this.#wanting) if (ids.length === 0) this.#wanting.delete(topic);
  }

  /** Those that few members want come first, while there is a choice. */
  topicsByChoice(): string[] {
    return [...this.#wanting.entries()]
      .sort(([, a], [, b]) => a.length - b.length)
      .map(([topic]) => topic);
  }

  isGiven(partition: TopicPartition): boolean {
    return this.#owners.has(keyOf(partition));
  }

  give(memberId: string, partition: TopicPartition): void {
    this.#owners.set(keyOf(partition), memberId);
    this.assignment.get(memberId)?.push(partition);
  }

  leastLoaded(topic: string): string {
    const [first = '', ...others] = this.#wanting.get(topic) ?? [];
    let least = first;
    for (const memberId of others) if (this.#load(memberId) < this.#load(least)) least = memberId;
    return least;
  }

  /** From the fullest to the emptiest, a partition of each at a time, so that nobody gives away what another one should have. Ends, since every move makes the sum of the squares of the loads smaller. */
  balance(): void {
    for (let isMoved = true; isMoved; ) {
      isMoved = false;
      const byLoad = Map.groupBy(this.assignment.keys(), (memberId) => this.#load(memberId));
      for (const load of [...byLoad.keys()].sort((a, b) => b - a)) {
        for (const memberId of byLoad.get(load) ?? []) {
          if (this.#moveOneFrom(memberId)) isMoved = true;
        }
        if (isMoved) break;
      }
    }
  }

  #moveOneFrom(memberId: string): boolean {
    const own = this.assignment.get(memberId) ?? [];
    const topics = new Set(own.map(({ topic }) => topic));
    let emptiest: string | null = null;
    let movable = '';
    for (const topic of topics) {
      const other = this.leastLoaded(topic);
      if (emptiest !== null && this.#load(other) >= this.#load(emptiest)) continue;
      emptiest = other;
      movable = topic;
    }
    if (emptiest === null || own.length - this.#load(emptiest) < 2) return false;
    // What came last goes first.
    const [partition] = own.splice(
      own.findLastIndex(({ topic }) => topic === movable),
      1,
    );
    if (partition !== undefined) this.give(emptiest, partition);
    return true;
  }

  #load(memberId: string): number {
    return this.assignment.get(memberId)?.length ?? 0;
  }
}

/** What each member holds of what exists and it wants. */
function heldPartitions(
  members: readonly SubscribedMember[],
  partitionCounts: ReadonlyMap<string, number>,
): [memberId: string, partition: TopicPartition][] {
  interface Claim {
    readonly memberId: string | null;
    readonly generation: number;
    readonly partition: TopicPartition;
  }
  const claims = new Map<string, Claim>();
  for (const { memberId, topics, owned, generation } of members) {
    const wanted = new Set(topics);
    for (const partition of owned) {
      const isThere = partition.partition < (partitionCounts.get(partition.topic) ?? 0);
      if (!isThere || !wanted.has(partition.topic)) continue;
      const key = keyOf(partition);
      const claim = claims.get(key);
      if (claim !== undefined && claim.generation > generation) continue;
      const isDisputed = claim?.generation === generation;
      claims.set(key, { memberId: isDisputed ? null : memberId, generation, partition });
    }
  }
  return [...claims.values()].flatMap(({ memberId, partition }) =>
    memberId === null ? [] : [[memberId, partition] as [string, TopicPartition]],
  );
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`;
}
