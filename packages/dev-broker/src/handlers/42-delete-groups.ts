import { deleteGroupsApi, errorCodes } from '@tributary/wire';
import type { Broker } from '../broker.ts';
import { defineHandler } from '../handler.ts';

// Versions 0-2. A group with members is not deleted.

export const deleteGroups = defineHandler({
  api: deleteGroupsApi,
  minVersion: 0,
  maxVersion: 2,
  handle: (broker, { groupsNames }) => ({
    results: groupsNames.map((groupId) => ({ groupId, errorCode: remove(broker, groupId) })),
  }),
  fail: ({ groupsNames }, errorCode) => ({
    results: groupsNames.map((groupId) => ({ groupId, errorCode })),
  }),
});

function remove(broker: Broker, groupId: string): number {
  const group = broker.group(groupId);
  if (group === undefined) return errorCodes.GROUP_ID_NOT_FOUND;
  if (group.status !== 'Empty') return errorCodes.NON_EMPTY_GROUP;
  broker.deleteGroup(groupId);
  return errorCodes.NONE;
}
