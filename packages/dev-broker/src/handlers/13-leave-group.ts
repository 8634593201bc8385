import { errorCodes, leaveGroupApi } from '@tributary/wire';
import { defineHandler } from '../handler.ts';

// Versions 0-5: one member up to version 2, several from 3.

export const leaveGroup = defineHandler({
  api: leaveGroupApi,
  minVersion: 0,
  maxVersion: 5,
  handle(broker, { groupId, memberId, members }, { version }) {
    const group = broker.group(groupId);
    if (version < 3) {
      return { errorCode: group?.leave(memberId, null) ?? errorCodes.UNKNOWN_MEMBER_ID };
    }
    return {
      errorCode: errorCodes.NONE,
      members: members.map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        errorCode:
          group?.leave(member.memberId, member.groupInstanceId) ?? errorCodes.UNKNOWN_MEMBER_ID,
      })),
    };
  },
  fail: (_, errorCode) => ({ errorCode }),
});
