import { type DescribeGroupsResponse, describeGroupsApi, errorCodes } from '@tributary/wire';
import type { Group } from '../groups/group.ts';
import { defineHandler } from '../handler.ts';

// Versions 0-6. A group that does not exist is Dead; from version 6 it is an error too. Left out: authorised operations.

type GroupResponse = DescribeGroupsResponse['groups'][number];

export const describeGroups = defineHandler({
  api: describeGroupsApi,
  minVersion: 0,
  maxVersion: 6,
  handle: (broker, { groups }, { version }) => ({
    groups: groups.map((groupId) => {
      const group = broker.group(groupId);
      if (group !== undefined) return describe(group);
      if (version < 6) return dead(groupId, errorCodes.NONE);
      return {
        ...dead(groupId, errorCodes.GROUP_ID_NOT_FOUND),
        errorMessage: `Group ${groupId} not found.`,
      };
    }),
  }),
  fail: ({ groups }, errorCode) => ({ groups: groups.map((one) => dead(one, errorCode)) }),
});

function describe(group: Group): GroupResponse {
  const { groupId, protocolType, status } = group;
  const protocolData = status === 'Stable' ? (group.protocolName ?? '') : '';
  return {
    errorCode: errorCodes.NONE,
    groupId,
    groupState: status,
    protocolType,
    protocolData,
    members: group.members.map((member) => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata:
        member.protocols.find(({ name }) => name === protocolData)?.metadata ?? noBytes,
      memberAssignment: member.assignment,
    })),
  };
}

const noBytes = Buffer.alloc(0);

function dead(groupId: string, errorCode: number): GroupResponse {
  return {
    errorCode,
    groupId,
    groupState: 'Dead',
    protocolType: '',
    protocolData: '',
    members: [],
  };
}
