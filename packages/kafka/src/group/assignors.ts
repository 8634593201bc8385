/** Members and their topics -> who consumes which partition. (no I/O) Source: Kafka `RangeAssignor`, `RoundRobinAssignor`. */
import type { TopicPartition } from '../types.ts';
import type { Subscription } from './consumer-protocol.ts';
import { assignCooperatively, assignSticky } from './sticky-assignor.ts';

export interface SubscribedMember extends Subscription {
  readonly memberId: string;
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
  for (const [topic, count] of partitionCounts) {
    const subscribed = sortedIds(members.filter((member) => member.topics.includes(topic)));
    if (subscribed.length === 0) continue;
    const each = Math.floor(count / subscribed.length);
    const extra = count % subscribed.length;
    let partition = 0;
    for (const [rank, memberId] of subscribed.entries()) {
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
  const ids = sortedIds(members);
  const topicsOf = new Map(members.map((member) => [member.memberId, member.topics]));
  let next = 0;
  for (const topic of [...partitionCounts.keys()].sort()) {
    if (!members.some((member) => member.topics.includes(topic))) continue;
    for (let partition = 0; partition < (partitionCounts.get(topic) ?? 0); partition++) {
      while (!topicsOf.get(ids[next % ids.length] as string)?.includes(topic)) next++;
      assignment.get(ids[next % ids.length] as string)?.push({ topic, partition });
      next++;
    }
  }
  return assignment;
}

function emptyAssignment(members: readonly SubscribedMember[]): Map<string, TopicPartition[]> {
  return new Map(members.map(({ memberId }) => [memberId, []]));
}

function sortedIds(members: readonly SubscribedMember[]): string[] {
  return members.map(({ memberId }) => memberId).sort();
}
