import { errorCodes, syncGroupApi } from '@tributary/wire';
import { refusedSync } from '../groups/group.ts';
import { defineHandler } from '../handler.ts';

// Versions 0-5. Answered when the leader has brought the assignment.

export const syncGroup = defineHandler({
  api: syncGroupApi,
  minVersion: 0,
  maxVersion: 5,
  handle(broker, request) {
    const group = broker.group(request.groupId);
    if (group === undefined) return refusedSync(errorCodes.UNKNOWN_MEMBER_ID);
    return new Promise((resolve) => {
      group.sync(
        {
          memberId: request.memberId,
          instanceId: request.groupInstanceId,
          generationId: request.generationId,
          protocolType: request.protocolType,
          protocolName: request.protocolName,
          assignments: request.assignments.map(({ memberId, assignment }) => {
            return { memberId, assignment: Buffer.from(assignment) };
          }),
        },
        resolve,
      );
    });
  },
  fail: (_, errorCode) => refusedSync(errorCode),
});
