import { errorCodes, heartbeatApi } from '@tributary/wire';
import { defineHandler } from '../handler.ts';

// Versions 0-4.

export const heartbeat = defineHandler({
  api: heartbeatApi,
  minVersion: 0,
  maxVersion: 4,
  handle(broker, { groupId, memberId, groupInstanceId, generationId }) {
    const group = broker.group(groupId);
    return {
      errorCode:
        group?.heartbeat(memberId, groupInstanceId, generationId) ?? errorCodes.UNKNOWN_MEMBER_ID,
    };
  },
  fail: (_, errorCode) => ({ errorCode }),
});
