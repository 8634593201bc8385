import type { ControlledRequest, Fault } from '@tributary/dev-broker';

/** Three brokers as clients see them, all doors to one: each partition and each coordinator is at one of them, and the others refuse. */
export interface Placement {
  readonly nodes: readonly number[];
  /** Groups and transactional ids that somebody asked for. */
  readonly coordinatorKeys: ReadonlySet<string>;
  portOf(node: number): number;
  /** -1: nobody leads. */
  moveLeader(topic: string, partition: number, node: number): void;
  moveCoordinator(key: string, node: number): void;
  /** Whatever is at `node` goes to others. */
  evacuate(node: number, isUp: (node: number) => boolean): void;
  /** Why a request is at the wrong broker. */
  refusal(request: ControlledRequest): Fault | undefined;
  /** Answers that name brokers, as they would be. */
  shown(request: ControlledRequest, isUp: (node: number) => boolean): Fault | undefined;
}

export const host = 'broker';
const firstPort = 9000;
const nodes = [1, 2, 3] as const;
const notLeader = 6;
const notCoordinator = 16;

interface Body {
  readonly topicData?: readonly { name: string; partitionData: readonly { index: number }[] }[];
  readonly topics?: readonly {
    topic?: string;
    topicId?: string;
    name?: string;
    partitions: readonly { partition?: number; partitionIndex?: number }[];
  }[];
  readonly groupId?: string;
  readonly groups?: readonly { readonly groupId: string }[];
  readonly transactionalId?: string | null;
  readonly v3AndBelowTransactionalId?: string;
  readonly key?: string;
  readonly coordinatorKeys?: readonly string[];
}

interface MetadataAnswer {
  readonly topics: readonly {
    readonly name: string | null;
    readonly topicId: string;
    readonly partitions: readonly { readonly partitionIndex: number }[];
  }[];
}

interface CoordinatorAnswer {
  readonly errorCode?: number;
  readonly coordinators?: readonly { readonly key: string; readonly errorCode: number }[];
}

export function createPlacement(topics: ReadonlyMap<string, number>): Placement {
  const leaders = new Map<string, number>();
  const coordinators = new Map<string, number>();
  const coordinatorKeys = new Set<string>();
  /** As metadata has told them to clients. */
  const topicNames = new Map<string, string>();
  const leaderOf = (topic: string, partition: number): number =>
    leaders.get(`${topic} ${partition}`) ?? nodeAt(partition);
  const coordinatorOf = (key: string): number => coordinators.get(key) ?? nodeAt(key.length);
  const portOf = (node: number): number => firstPort + node;

  return {
    nodes,
    coordinatorKeys,
    portOf,
    moveLeader: (topic, partition, node) => void leaders.set(`${topic} ${partition}`, node),
    moveCoordinator: (key, node) => void coordinators.set(key, node),
    evacuate(node, isUp) {
      const other = nodes.find((each) => each !== node && isUp(each)) ?? -1;
      for (const [topic, count] of topics) {
        for (let partition = 0; partition < count; partition++) {
          if (leaderOf(topic, partition) === node) leaders.set(`${topic} ${partition}`, other);
        }
      }
      for (const key of coordinatorKeys) {
        if (coordinatorOf(key) === node && other > 0) coordinators.set(key, other);
      }
    },
    refusal({ apiKey, localPort, body }) {
      const request = body as Body;
      const node = localPort - firstPort;
      const isElsewhere = partitionsOf(apiKey, request, topicNames).some(
        ([topic, partition]) => leaderOf(topic, partition) !== node,
      );
      if (isElsewhere) return { kind: 'error', errorCode: notLeader };
      const key = coordinatorKeyOf(apiKey, request);
      if (key === undefined) return undefined;
      coordinatorKeys.add(key);
      return coordinatorOf(key) === node ? undefined : { kind: 'error', errorCode: notCoordinator };
    },
    shown({ apiKey, body }, isUp) {
      const brokers = nodes.filter(isUp).map((nodeId) => ({ nodeId, host, port: portOf(nodeId) }));
      if (apiKey === 3) {
        return {
          kind: 'change',
          change: (response) => {
            const answer = response as MetadataAnswer;
            const placed = answer.topics.map((topic) => {
              topicNames.set(topic.topicId, topic.name ?? '');
              const partitions = topic.partitions.map((partition) => {
                const leaderId = leaderOf(topic.name ?? '', partition.partitionIndex);
                return { ...partition, leaderId, errorCode: leaderId < 0 ? 5 : 0 };
              });
              return { ...topic, partitions };
            });
            return { ...answer, brokers, topics: placed };
          },
        };
      }
      if (apiKey !== 10) return undefined;
      return {
        kind: 'change',
        change: (response) => {
          const answer = response as CoordinatorAnswer;
          const place = (key: string) => {
            const nodeId = coordinatorOf(key);
            return { nodeId, host, port: portOf(nodeId) };
          };
          if (answer.coordinators === undefined)
            return { ...answer, ...place((body as Body).key ?? '') };
          return {
            ...answer,
            coordinators: answer.coordinators.map((each) => ({ ...each, ...place(each.key) })),
          };
        },
      };
    },
  };
}

/** Every API whose requests are for leaders: Produce, Fetch (by topic id; what its session knows from before is served where it was begun), ListOffsets, OffsetForLeaderEpoch. */
function partitionsOf(
  apiKey: number,
  body: Body,
  topicNames: ReadonlyMap<string, string>,
): [topic: string, partition: number][] {
  if (apiKey === 0) {
    return (body.topicData ?? []).flatMap(({ name, partitionData }) =>
      partitionData.map(({ index }): [string, number] => [name, index]),
    );
  }
  if (![1, 2, 23].includes(apiKey)) return [];
  return (body.topics ?? []).flatMap((each) =>
    each.partitions.map(({ partition, partitionIndex }): [string, number] => [
      each.topic || each.name || (topicNames.get(each.topicId ?? '') ?? ''),
      partition ?? partitionIndex ?? 0,
    ]),
  );
}

/** Those for a coordinator: of a group, or of a transactional id. */
function coordinatorKeyOf(apiKey: number, body: Body): string | undefined {
  if (apiKey === 9) return body.groups?.[0]?.groupId ?? body.groupId;
  if ([8, 11, 12, 13, 14, 28].includes(apiKey)) return body.groupId || undefined;
  if ([22, 25, 26].includes(apiKey)) return body.transactionalId || undefined;
  if (apiKey === 24) return body.v3AndBelowTransactionalId || undefined;
  return undefined;
}

function nodeAt(index: number): number {
  return nodes[index % nodes.length] ?? 1;
}
