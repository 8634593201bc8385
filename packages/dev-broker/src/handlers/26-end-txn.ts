import { endTxnApi } from '@tributary/wire';
import { defineHandler } from '../handler.ts';
import { endAndRaise, endTransaction } from '../transactions/coordinator.ts';
import { fencedCode } from './22-init-producer-id.ts';

// Versions 0-5. The markers are written when the answer comes. With version 5 the answer carries a raised epoch.

export const endTxn = defineHandler({
  api: endTxnApi,
  minVersion: 0,
  maxVersion: 5,
  handle(broker, { transactionalId, producerId, producerEpoch, committed }, { version }) {
    const producer = { transactionalId, producerId: Number(producerId), producerEpoch };
    if (version >= 5) {
      const ended = endAndRaise(broker, producer, committed);
      return { ...ended, producerId: BigInt(ended.producerId) };
    }
    return { errorCode: fencedCode(endTransaction(broker, producer, committed), version, 2) };
  },
  fail: (_, errorCode) => ({ errorCode }),
});
