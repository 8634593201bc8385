import { endTxnApi } from '@tributary/wire';
import { defineHandler } from '../handler.ts';
import { endTransaction } from '../transactions/coordinator.ts';
import { fencedCode } from './22-init-producer-id.ts';

// Versions 0-4. The markers are written when the answer comes. Left out: version 5, whose clients get a new epoch with every transaction.

export const endTxn = defineHandler({
  api: endTxnApi,
  minVersion: 0,
  maxVersion: 4,
  handle(broker, { transactionalId, producerId, producerEpoch, committed }, { version }) {
    const producer = { transactionalId, producerId: Number(producerId), producerEpoch };
    return { errorCode: fencedCode(endTransaction(broker, producer, committed), version, 2) };
  },
  fail: (_, errorCode) => ({ errorCode }),
});
