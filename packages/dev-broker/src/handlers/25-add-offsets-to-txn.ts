import { addOffsetsToTxnApi, errorCodes } from '@tributary/wire';
import { defineHandler } from '../handler.ts';
import { addGroup } from '../transactions/coordinator.ts';
import { fencedCode } from './22-init-producer-id.ts';

// Versions 0-4.

export const addOffsetsToTxn = defineHandler({
  api: addOffsetsToTxnApi,
  minVersion: 0,
  maxVersion: 4,
  handle(broker, { transactionalId, producerId, producerEpoch, groupId }, { version }) {
    if (groupId === '') return { errorCode: errorCodes.INVALID_GROUP_ID };
    const producer = { transactionalId, producerId: Number(producerId), producerEpoch };
    return { errorCode: fencedCode(addGroup(broker, producer, groupId), version, 2) };
  },
  fail: (_, errorCode) => ({ errorCode }),
});
