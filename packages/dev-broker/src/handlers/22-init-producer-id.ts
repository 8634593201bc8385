import { errorCodes, initProducerIdApi } from '@tributary/wire';
import { defineHandler } from '../handler.ts';
import { initTransactionalProducer } from '../transactions/coordinator.ts';

// Versions 0-5. Without a transactional id every call gets a new producer id. Left out: two-phase commit (version 6).

export const initProducerId = defineHandler({
  api: initProducerIdApi,
  minVersion: 0,
  maxVersion: 5,
  handle(broker, request, { version }) {
    const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = request;
    if (transactionalId === null) {
      return {
        errorCode: errorCodes.NONE,
        producerId: BigInt(broker.newProducerId()),
        producerEpoch: 0,
      };
    }
    const expected = producerId < 0n ? null : { producerId: Number(producerId), producerEpoch };
    const result = initTransactionalProducer(
      broker,
      transactionalId,
      transactionTimeoutMs,
      expected,
    );
    return {
      errorCode: fencedCode(result.errorCode, version, 4),
      producerId: BigInt(result.producerId),
      producerEpoch: result.producerEpoch,
    };
  },
  fail: (_, errorCode) => ({ errorCode, producerEpoch: -1 }),
});

/** Older clients know INVALID_PRODUCER_EPOCH only. */
export function fencedCode(errorCode: number, version: number, knownFrom: number): number {
  const isKnown = version >= knownFrom || errorCode !== errorCodes.PRODUCER_FENCED;
  return isKnown ? errorCode : errorCodes.INVALID_PRODUCER_EPOCH;
}
