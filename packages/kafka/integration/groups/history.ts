/** What members tell: of the partitions of the group's one topic, and of the records they have read. */
export type MemberEvent =
  | {
      readonly event: 'assigned' | 'revoked' | 'lost';
      readonly partitions: readonly number[];
      /** Epoch milliseconds: of `assigned` when it began, of the others when it was done with. */
      readonly at: number;
    }
  | { readonly event: 'records'; readonly values: readonly string[] }
  | { readonly event: 'closed' }
  | { readonly event: 'failed'; readonly reason: string };

interface Ownership {
  readonly partition: number;
  readonly member: string;
  readonly from: number;
  to: number | null;
}

/** Who owned which partition when, and how often each record was read. */
export interface History {
  note(member: string, event: MemberEvent): void;
  /** The member's process is gone: it owns nothing from now on. */
  noteCrash(member: string): void;
  /** Partitions by member, of those that own some. */
  owned(): Map<string, number[]>;
  /** How often each value was read. */
  readonly reads: ReadonlyMap<string, number>;
  readonly failures: readonly string[];
  /** Sentences on every moment at which two owned one partition. */
  overlaps(): string[];
}

export function createHistory(): History {
  const ownerships: Ownership[] = [];
  const reads = new Map<string, number>();
  const failures: string[] = [];
  const current = (member: string, partition?: number): Ownership[] =>
    ownerships.filter(
      (one) =>
        one.to === null &&
        one.member === member &&
        (partition === undefined || one.partition === partition),
    );
  const end = (member: string, partition: number, at: number): void => {
    const [own] = current(member, partition);
    if (own === undefined) failures.push(`${member} gives up ${partition}, which it does not own`);
    else own.to = at;
  };
  return {
    reads,
    failures,
    note(member, told) {
      if (told.event === 'records') {
        for (const value of told.values) reads.set(value, (reads.get(value) ?? 0) + 1);
      } else if (told.event === 'failed') {
        failures.push(`${member} failed: ${told.reason}`);
      } else if (told.event !== 'closed') {
        for (const partition of told.partitions) {
          if (told.event !== 'assigned') end(member, partition, told.at);
          else ownerships.push({ partition, member, from: told.at, to: null });
        }
        if (told.event === 'lost') failures.push(`${member} lost ${told.partitions.join()}`);
      }
    },
    noteCrash(member) {
      for (const own of current(member)) own.to = Date.now();
    },
    owned() {
      const byMember = Map.groupBy(
        ownerships.filter(({ to }) => to === null),
        ({ member }) => member,
      );
      return new Map(
        [...byMember].map(([member, own]) => [member, own.map(({ partition }) => partition)]),
      );
    },
    overlaps() {
      const problems: string[] = [];
      for (const own of Map.groupBy(ownerships, ({ partition }) => partition).values()) {
        own.sort((a, b) => a.from - b.from || (a.to ?? Infinity) - (b.to ?? Infinity));
        for (const [index, one] of own.entries()) {
          const before = own[index - 1];
          if (before === undefined || (before.to !== null && before.to <= one.from)) continue;
          problems.push(
            `${one.member} got ${one.partition} at ${one.from}, ${before.member} had it until ${before.to}`,
          );
        }
      }
      return problems;
    },
  };
}
