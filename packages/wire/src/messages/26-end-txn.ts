import { defineApi, type RequestOf, type ResponseOf } from '../api.ts';
import { boolean, int16, int32, int64, string } from '../schema.ts';

/**
 * Commits or aborts a transaction. Version 5 belongs to clusters with transaction.version 2 and returns a raised epoch.
 */
export const endTxnApi = defineApi({
  key: 26,
  name: 'EndTxn',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 3,
  request: {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    committed: boolean(),
  },
  response: {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16(),
    producerId: int64({ versions: '5+', default: -1n, ignorable: true }),
    producerEpoch: int16({ versions: '5+', default: -1, ignorable: true }),
  },
});

export type EndTxnRequest = RequestOf<typeof endTxnApi>;
export type EndTxnResponse = ResponseOf<typeof endTxnApi>;
