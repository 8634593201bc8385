import { offsetCommitApi, offsetDeleteApi, offsetFetchApi } from '@tributary/wire';
import { type BrokerConnection, maxVersions } from '../cluster.ts';
import { brokerError } from '../errors.ts';
import type { KafkaError, TopicPartition } from '../types.ts';
import {
  type AdminContext,
  type Answers,
  byPartition,
  byTopic,
  lastingIfUnknown,
  partitionKey,
  settleItems,
} from './context.ts';
import { askCoordinators } from './coordinators.ts';
import { type Admin, type CommittedOffset, PartialError } from './types.ts';

/** The committed offsets of a group that has no members, or whose members do not commit them. */
export function groupOffsetCalls(
  context: AdminContext,
): Pick<Admin, 'listGroupOffsets' | 'alterGroupOffsets' | 'deleteGroupOffsets'> {
  return {
    listGroupOffsets: async (groupId, signal) => {
      const found = await context.retry(
        () => askCoordinator(context, groupId, (connection) => fetchOffsets(connection, groupId)),
        signal,
      );
      const offsets: CommittedOffset[] = [];
      const failures = new Map<string, KafkaError>();
      for (const [key, answer] of found) {
        if (answer instanceof Error) failures.set(key, answer);
        else offsets.push(answer);
      }
      if (failures.size > 0) throw new PartialError(failures, offsets);
      return offsets;
    },

    alterGroupOffsets: (groupId, offsets, signal) =>
      settleItems(
        context,
        byPartition(offsets),
        (left) =>
          askCoordinator(context, groupId, (connection) =>
            commitOffsets(connection, groupId, [...left.values()]),
          ),
        () => undefined,
        signal,
      ),

    deleteGroupOffsets: (groupId, partitions, signal) =>
      settleItems(
        context,
        byPartition(partitions),
        (left) =>
          askCoordinator(context, groupId, (connection) =>
            deleteOffsets(connection, groupId, [...left.values()]),
          ),
        () => undefined,
        signal,
      ),
  };
}

/** Throws what concerns the whole group. */
async function askCoordinator<T>(
  context: AdminContext,
  groupId: string,
  ask: (connection: BrokerConnection) => Promise<Answers<T>>,
): Promise<Answers<T>> {
  const answers = await askCoordinators(context, 'group', [groupId], async (connection) => {
    return new Map([[groupId, await ask(connection)]]);
  });
  const answer = answers.get(groupId) ?? new Map<string, T>();
  if (answer instanceof Error) throw answer;
  return answer;
}

async function fetchOffsets(
  connection: BrokerConnection,
  groupId: string,
): Promise<Answers<CommittedOffset>> {
  const what = `Cannot fetch committed offsets of group "${groupId}"`;
  const response = await connection.request(
    offsetFetchApi,
    (version) =>
      version >= 8
        ? { groups: [{ groupId, topics: null }], requireStable: true }
        : { groupId, topics: null, ...(version >= 7 ? { requireStable: true } : {}) },
    { maxVersion: maxVersions.offsetFetch },
  );
  const group = response.groups[0] ?? response;
  if (group.errorCode !== 0) throw brokerError(group.errorCode, what);
  const found: Answers<CommittedOffset> = new Map();
  for (const { name: topic, partitions } of group.topics) {
    for (const { partitionIndex: partition, committedOffset: offset, ...rest } of partitions) {
      const key = partitionKey({ topic, partition });
      if (rest.errorCode !== 0) {
        const error = brokerError(rest.errorCode, `${what}, partition ${partition} of "${topic}"`);
        // All of them, then, are asked for again.
        if (error.isRetriable) throw error;
        found.set(key, error);
      } else if (offset >= 0n) {
        const { metadata, committedLeaderEpoch: leaderEpoch } = rest;
        found.set(key, {
          topic,
          partition,
          offset,
          ...(metadata === null || metadata === '' ? {} : { metadata }),
          ...(leaderEpoch < 0 ? {} : { leaderEpoch }),
        });
      }
    }
  }
  return found;
}

async function commitOffsets(
  connection: BrokerConnection,
  groupId: string,
  offsets: readonly CommittedOffset[],
): Promise<Answers<null>> {
  const response = await connection.request(
    offsetCommitApi,
    {
      groupId,
      generationIdOrMemberEpoch: -1,
      memberId: '',
      topics: byTopic(offsets, ({ partition, offset, leaderEpoch = -1, metadata = '' }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: leaderEpoch,
        committedMetadata: metadata,
      })),
    },
    { maxVersion: maxVersions.offsetCommit },
  );
  return answersOf(response.topics, `Cannot alter offsets of group "${groupId}"`);
}

async function deleteOffsets(
  connection: BrokerConnection,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<Answers<null>> {
  const what = `Cannot delete offsets of group "${groupId}"`;
  const response = await connection.request(offsetDeleteApi, {
    groupId,
    topics: byTopic(partitions, ({ partition }) => ({ partitionIndex: partition })),
  });
  if (response.errorCode !== 0) throw brokerError(response.errorCode, what);
  return answersOf(response.topics, what);
}

function answersOf(
  topics: readonly {
    name: string;
    partitions: readonly { partitionIndex: number; errorCode: number }[];
  }[],
  what: string,
): Answers<null> {
  const answers: Answers<null> = new Map();
  for (const { name: topic, partitions } of topics) {
    for (const { partitionIndex: partition, errorCode } of partitions) {
      const where = `${what}, partition ${partition} of topic "${topic}"`;
      const answer =
        errorCode === 0 ? null : lastingIfUnknown(errorCode, brokerError(errorCode, where));
      answers.set(partitionKey({ topic, partition }), answer);
    }
  }
  return answers;
}
