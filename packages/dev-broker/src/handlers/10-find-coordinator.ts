import { errorCodes, type FindCoordinatorResponse, findCoordinatorApi } from '@tributary/wire';
import { defineHandler } from '../handler.ts';

// Versions 0-6, for groups and transactional ids: always this broker. Left out: share groups (key type 2).

const knownKeyTypes: readonly number[] = [0, 1];

export const findCoordinator = defineHandler({
  api: findCoordinatorApi,
  minVersion: 0,
  maxVersion: 6,
  handle(broker, request, { version }) {
    if (!knownKeyTypes.includes(request.keyType)) {
      return answer(request.coordinatorKeys, version, refused(errorCodes.INVALID_REQUEST));
    }
    const found = {
      errorCode: errorCodes.NONE,
      nodeId: broker.config['node.id'],
      ...broker.address,
    };
    return answer(request.coordinatorKeys, version, found);
  },
  fail: (request, errorCode, { version }) => {
    return answer(request.coordinatorKeys, version, refused(errorCode));
  },
});

interface Coordinator {
  readonly errorCode: number;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

function answer(
  keys: readonly string[],
  version: number,
  coordinator: Coordinator,
): FindCoordinatorResponse {
  const { nodeId, host, port, errorCode } = coordinator;
  if (version >= 4) {
    return {
      coordinators: keys.map((key) => ({ key, nodeId, host, port, errorCode, errorMessage: null })),
    };
  }
  return { nodeId, host, port, errorCode, errorMessage: null };
}

function refused(errorCode: number): Coordinator {
  return { errorCode, nodeId: -1, host: '', port: -1 };
}
