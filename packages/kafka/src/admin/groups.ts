import {
  deleteGroupsApi,
  describeGroupsApi,
  errorByCode,
  errorCodes,
  leaveGroupApi,
  listGroupsApi,
} from '@tributary/wire';
import type { BrokerConnection } from '../cluster.ts';
import { brokerError, clientError, isKafkaError } from '../errors.ts';
import type { GroupMemberId, KafkaError } from '../types.ts';
import { operationsOf } from './acl-codes.ts';
import {
  type AdminContext,
  type Answers,
  askEach,
  brokerConnection,
  fetchMetadata,
  settleItems,
} from './context.ts';
import { askCoordinators } from './coordinators.ts';
import type { Admin, GroupDescription, GroupListing } from './types.ts';

/** First versions of ListGroups that can be asked for states, and for types. */
const statesVersion = 4;
const typesVersion = 5;

type GroupCalls = Pick<
  Admin,
  'listGroups' | 'describeGroups' | 'deleteGroup' | 'deleteGroups' | 'removeMembers'
>;

export function groupCalls(context: AdminContext): GroupCalls {
  const calls: GroupCalls = {
    async listGroups(signal, { states = [], types = [] } = {}) {
      const { brokers } = await context.retry(() => fetchMetadata(context, []), signal);
      return settleItems(
        context,
        new Map(brokers.map(({ nodeId }) => [String(nodeId), nodeId])),
        (left) => {
          const byBroker = Map.groupBy(left.values(), (node) => node);
          return askEach(byBroker, String, (node) => listOnBroker(context, node, states, types));
        },
        (found) => [...found.values()].flat(),
        signal,
      );
    },

    describeGroups: (groupIds, signal, { includeAuthorizedOperations = false } = {}) =>
      settleItems(
        context,
        itemsOf(groupIds),
        (left) =>
          askCoordinators(context, 'group', [...left.keys()], (connection, owned) =>
            describe(connection, owned, includeAuthorizedOperations),
          ),
        (found) => new Map(found),
        signal,
      ),

    async deleteGroup(groupId, signal) {
      try {
        await calls.deleteGroups([groupId], signal);
        return true;
      } catch (error) {
        if (isKafkaError(error) && error.errorName === 'GROUP_ID_NOT_FOUND') return false;
        throw error;
      }
    },

    deleteGroups(groupIds, signal) {
      const unanswered = new Set<string>();
      return settleItems(
        context,
        itemsOf(groupIds),
        (left) =>
          askCoordinators(context, 'group', [...left.keys()], (connection, owned) =>
            deleteGroups(connection, owned, unanswered),
          ),
        () => undefined,
        signal,
      );
    },

    removeMembers: (members, signal) =>
      settleItems(
        context,
        Map.groupBy(members, ({ groupId }) => groupId),
        (left) =>
          askCoordinators(context, 'group', [...left.keys()], (connection, owned) =>
            removeMembers(
              connection,
              owned.map((groupId) => [groupId, left.get(groupId) ?? []]),
            ),
          ),
        () => undefined,
        signal,
      ),
  };
  return calls;
}

function itemsOf(groupIds: readonly string[]): Map<string, string> {
  return new Map(groupIds.map((groupId) => [groupId, groupId]));
}

async function listOnBroker(
  context: AdminContext,
  node: number,
  states: readonly string[],
  types: readonly string[],
): Promise<Answers<GroupListing[]>> {
  const connection = await brokerConnection(context, node);
  const response = await connection.request(listGroupsApi, (version) => {
    const isUnknown =
      (states.length > 0 && version < statesVersion) ||
      (types.length > 0 && version < typesVersion);
    if (isUnknown) {
      const what = `Broker ${connection.address} cannot list groups by state or type`;
      throw clientError(
        'UNSUPPORTED_VERSION',
        `${what}: Kafka 2.6, for types 3.8, or newer is needed`,
      );
    }
    return { statesFilter: [...states], typesFilter: [...types] };
  });
  if (response.errorCode !== 0) {
    throw brokerError(response.errorCode, `Cannot list the groups of broker ${node}`);
  }
  const groups = response.groups.map(({ groupId, protocolType, groupState, groupType }) => {
    return { groupId, protocolType, state: groupState, type: groupType };
  });
  return new Map([[String(node), groups]]);
}

async function describe(
  connection: BrokerConnection,
  groupIds: readonly string[],
  includeAuthorizedOperations: boolean,
): Promise<Answers<GroupDescription>> {
  const response = await connection.request(describeGroupsApi, (version) => ({
    groups: [...groupIds],
    ...(version >= 3 ? { includeAuthorizedOperations } : {}),
  }));
  return new Map(
    response.groups.map(
      ({
        groupId,
        groupState,
        protocolType,
        protocolData,
        ...group
      }): [string, GroupDescription | KafkaError] => {
        const what = `Cannot describe group "${groupId}"`;
        // Brokers before 4.0 describe a group that they do not have as dead.
        const code =
          group.errorCode === 0 && groupState === 'Dead'
            ? errorCodes.GROUP_ID_NOT_FOUND
            : group.errorCode;
        if (code !== 0) return [groupId, brokerError(code, what, group.errorMessage)];
        return [
          groupId,
          {
            groupId,
            state: groupState,
            protocolType,
            protocol: protocolData,
            members: group.members.map(({ memberMetadata, memberAssignment, ...member }) => {
              return { ...member, metadata: memberMetadata, assignment: memberAssignment };
            }),
            ...operationsOf(group.authorizedOperations),
          },
        ];
      },
    ),
  );
}

/** `unanswered`: groups whose request was sent and brought no answer, of this try and those before. */
async function deleteGroups(
  connection: BrokerConnection,
  groupIds: readonly string[],
  unanswered: Set<string>,
): Promise<Answers<null>> {
  const request = { groupsNames: [...groupIds] };
  const response = await connection.request(deleteGroupsApi, request).catch((error: unknown) => {
    for (const groupId of groupIds) unanswered.add(groupId);
    throw error;
  });
  return new Map(
    response.results.map(({ groupId, errorCode }) => {
      // A request whose answer was lost may have deleted it.
      const isGone = errorCode === errorCodes.GROUP_ID_NOT_FOUND && unanswered.has(groupId);
      const isDone = errorCode === 0 || isGone;
      return [groupId, isDone ? null : brokerError(errorCode, `Cannot delete group "${groupId}"`)];
    }),
  );
}

async function removeMembers(
  connection: BrokerConnection,
  groups: readonly (readonly [groupId: string, members: readonly GroupMemberId[]])[],
): Promise<Answers<null>> {
  const answers: Answers<null> = new Map();
  for (const [groupId, members] of groups) {
    for (const { memberId } of members) {
      const response = await connection.request(leaveGroupApi, (version) =>
        version >= 3 ? { groupId, members: [{ memberId }] } : { groupId, memberId },
      );
      const code = response.errorCode || (response.members[0]?.errorCode ?? 0);
      const isOut = code === 0 || errorByCode(code).name === 'UNKNOWN_MEMBER_ID';
      const what = `Cannot remove a member of group "${groupId}"`;
      const failed = answers.get(groupId) ?? null;
      answers.set(groupId, isOut ? failed : brokerError(code, what));
    }
  }
  return answers;
}
