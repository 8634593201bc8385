/** Members and their topics -> who consumes which partition. (no I/O) Source: Kafka `RangeAssignor`, `RoundRobinAssignor`. */
import type { TopicPartition } from '../types.ts';
import type { Subscription } from './consumer-protocol.ts';
import { assignCooperatively, assignSticky } from './sticky-assignor.ts';

export interface SubscribedMember extends Subscription {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

export type Assignor = (
  members: readonly SubscribedMember[],
  partitionCounts: ReadonlyMap<string, number>,
) => Map<string, TopicPartition[]>;

export const assignors: Readonly<Record<string, Assignor>> = {
  range: assignRanges,
  roundrobin: assignInTurn,
  sticky: assignSticky,
  'cooperative-sticky': assignCooperatively,
};

/** Names as Java's classes or as the protocol has them. */
export function assignorName(configured: string): string {
  const simple = configured.slice(configured.lastIndexOf('.') + 1);
  const name = simple.replace(/Assignor$/, '').toLowerCase();
  return name === 'cooperativesticky' ? 'cooperative-sticky' : name;
}

/** Topic by topic, each member a run of consecutive partitions; the first members get the ones left over. */
function assignRanges(
  members: readonly SubscribedMember[],
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, TopicPartition[]> {
  const assignment = emptyAssignment(members);
  const idsByTopic = wantingIds(members);
  for (const [topic, count] of partitionCounts) {
    const ids = idsByTopic.get(topic);
    if (ids === undefined) continue;
    const each = Math.floor(count / ids.length);
    const extra = count % ids.length;
    let partition = 0;
    for (const [rank, memberId] of ids.entries()) {
      const share = each + (rank < extra ? 1 : 0);
      for (let left = share; left > 0; left--) {
        assignment.get(memberId)?.push({ topic, partition: partition++ });
      }
    }
  }
  return assignment;
}

/** All partitions in order of topic and number, dealt out to the members that want them. */
function assignInTurn(
  members: readonly SubscribedMember[],
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, TopicPartition[]> {
  const assignment = emptyAssignment(members);
  const ids = inOrder(members).map(({ memberId }) => memberId);
  const idsByTopic = wantingIds(members);
  let next = 0;
  for (const topic of [...partitionCounts.keys()].sort()) {
    const wanting = new Set(idsByTopic.get(topic));
    if (wanting.size === 0) continue;
    for (let partition = 0; partition < (partitionCounts.get(topic) ?? 0); partition++) {
      while (!wanting.has(ids[next % ids.length] as string)) next++;
      assignment.get(ids[next % ids.length] as string)?.push({ topic, partition });
      next++;
    }
  }
  return assignment;
}

function emptyAssignment(members: readonly SubscribedMember[]): Map<string, TopicPartition[]> {
  return new Map(members.map(({ memberId }) => [memberId, []]));
}

/** By topic the members that want it, in order. */
function wantingIds(members: readonly SubscribedMember[]): Map<string, string[]> {
  const byTopic = new Map<string, string[]>();
  for (const { memberId, topics } of inOrder(members)) {
    for (const topic of new Set(topics)) {
      const ids = byTopic.get(topic);
      if (ids === undefined) byTopic.set(topic, [memberId]);
      else ids.push(memberId);
    }
  }
  return byTopic;
}

/** Static members first, by their own names, so that one that comes back under a new member id gets the same share. Source: Kafka `MemberInfo`. */
function inOrder(members: readonly SubscribedMember[]): SubscribedMember[] {
  return [...members].sort((a, b) => {
    if (a.groupInstanceId !== null && b.groupInstanceId !== null) {
      return compare(a.groupInstanceId, b.groupInstanceId);
    }
    if (a.groupInstanceId !== null) return -1;
    if (b.groupInstanceId !== null) return 1;
    return compare(a.memberId, b.memberId);
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
