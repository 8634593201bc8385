import type { GroupProtocol, Member } from './group-types.ts';

/** The protocol that most members like best among those that all of them know; undefined when there is none. */
export function selectProtocol(members: readonly Member[]): string | undefined {
  const candidates = commonProtocols(members);
  const votes = new Map<string, number>();
  for (const { protocols } of members) {
    const choice = protocols.find(({ name }) => candidates.has(name))?.name;
    if (choice !== undefined) votes.set(choice, (votes.get(choice) ?? 0) + 1);
  }
  let best: string | undefined;
  for (const [name, count] of votes) {
    if (best === undefined || count > (votes.get(best) ?? 0)) best = name;
  }
  return best;
}

/** Whether somebody with these protocols has one in common with all the others. */
export function fitsProtocols(
  others: readonly Member[],
  protocols: readonly GroupProtocol[],
): boolean {
  if (protocols.length === 0) return false;
  const candidates = commonProtocols(others);
  return others.length === 0 || protocols.some(({ name }) => candidates.has(name));
}

export function isSameProtocols(a: readonly GroupProtocol[], b: readonly GroupProtocol[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, metadata }, i) => name === b[i]?.name && metadata.equals(b[i].metadata))
  );
}

function commonProtocols(members: readonly Member[]): Set<string> {
  const [first, ...others] = members;
  const names = (first?.protocols ?? []).map(({ name }) => name);
  return new Set(
    names.filter((name) => others.every((one) => one.protocols.some((two) => two.name === name))),
  );
}
