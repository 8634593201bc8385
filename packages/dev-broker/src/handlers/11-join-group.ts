import {
  type Decoded,
  errorCodes,
  type JoinGroupRequest,
  type JoinGroupResponse,
  joinGroupApi,
} from '@tributary/wire';
import { refusedJoin } from '../groups/group.ts';
import type { JoinResult } from '../groups/group-types.ts';
import { defineHandler } from '../handler.ts';

// Versions 0-9: groups of any protocol type, static members. Answered when the rebalance has all members or its time is over.

export const joinGroup = defineHandler({
  api: joinGroupApi,
  minVersion: 0,
  maxVersion: 9,
  handle(broker, request, { version, clientId, clientHost }) {
    if (request.groupId === '') return refused(request, errorCodes.INVALID_GROUP_ID, version);
    const group =
      request.memberId === '' ? broker.groupOrNew(request.groupId) : broker.group(request.groupId);
    if (group === undefined) return refused(request, errorCodes.UNKNOWN_MEMBER_ID, version);
    return new Promise((resolve) => {
      group.join(
        {
          memberId: request.memberId,
          instanceId: request.groupInstanceId,
          clientId,
          clientHost,
          sessionTimeoutMs: request.sessionTimeoutMs,
          // Version 0 has one timeout for both.
          rebalanceTimeoutMs: version >= 1 ? request.rebalanceTimeoutMs : request.sessionTimeoutMs,
          protocolType: request.protocolType,
          // The request's buffer may be part of a larger one: what is kept is copied.
          protocols: request.protocols.map(({ name, metadata }) => {
            return { name, metadata: Buffer.from(metadata) };
          }),
          mustKnowItsId: version >= 4,
          canSkipAssignment: version >= 9,
        },
        (result) => {
          if (result.errorCode !== errorCodes.NONE) broker.forgetUnusedGroup(request.groupId);
          resolve(toResponse(result, version));
        },
      );
    });
  },
  fail: (request, errorCode, { version }) => refused(request, errorCode, version),
});

function refused(
  request: Decoded<JoinGroupRequest>,
  errorCode: number,
  version: number,
): JoinGroupResponse {
  return toResponse(refusedJoin(errorCode, request.memberId), version);
}

function toResponse(result: JoinResult, version: number): JoinGroupResponse {
  return { ...result, protocolName: result.protocolName ?? (version >= 7 ? null : '') };
}
