import { errorCodes } from '@tributary/wire';
import { describe, expect, it } from 'vitest';
import { makeBatch } from '../testing/make-batch.ts';
import { type Batch, readBatch } from './batch.ts';
import {
  checkSequence,
  createProducerStates,
  expireProducers,
  recordBatch,
} from './producer-state.ts';

function batchOf(baseSequence: number, count = 1, producerEpoch = 0): Batch {
  const values = Array.from({ length: count }, () => 'v');
  const bytes = makeBatch(values, { producerId: 5n, producerEpoch, baseSequence });
  bytes.writeBigInt64BE(BigInt(baseSequence + 1000));
  return readBatch(bytes, 0) as Batch;
}

describe('producer state', () => {
  it('takes batches in order and gives repeated ones their first offset, five back', () => {
    const states = createProducerStates();
    for (let sequence = 0; sequence < 6; sequence++) {
      expect(checkSequence(states, batchOf(sequence))).toEqual({ kind: 'next' });
      recordBatch(states, batchOf(sequence));
    }
    expect(checkSequence(states, batchOf(1))).toMatchObject({
      kind: 'duplicate',
      firstOffset: 1001,
    });
    expect(checkSequence(states, batchOf(0))).toMatchObject({ kind: 'refused' });
  });

  it('refuses a gap', () => {
    const states = createProducerStates();
    recordBatch(states, batchOf(0, 2));
    expect(checkSequence(states, batchOf(3))).toMatchObject({
      kind: 'refused',
      errorCode: errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER,
    });
    expect(checkSequence(states, batchOf(2))).toEqual({ kind: 'next' });
  });

  it('goes from the largest sequence to 0', () => {
    const states = createProducerStates();
    const last = batchOf(2 ** 31 - 2, 3);
    recordBatch(states, last);
    expect(checkSequence(states, last)).toMatchObject({ kind: 'duplicate' });
    expect(checkSequence(states, batchOf(1))).toEqual({ kind: 'next' });
    expect(checkSequence(states, batchOf(0))).toMatchObject({ kind: 'refused' });
  });

  it('refuses an older epoch, and a newer one that does not begin at 0', () => {
    const states = createProducerStates();
    recordBatch(states, batchOf(4, 1, 2));
    expect(checkSequence(states, batchOf(5, 1, 1))).toMatchObject({
      errorCode: errorCodes.INVALID_PRODUCER_EPOCH,
    });
    expect(checkSequence(states, batchOf(5, 1, 3))).toMatchObject({
      errorCode: errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER,
    });
    expect(checkSequence(states, batchOf(0, 1, 3))).toEqual({ kind: 'next' });
  });

  it('forgets silent producers, but not one with an open transaction', () => {
    const states = createProducerStates();
    recordBatch(states, batchOf(0));
    const later = 1_700_000_000_000 + 1000;
    expireProducers(states, later, 1000, () => true);
    expect(states.byId.size).toBe(1);
    expireProducers(states, later, 1000, () => false);
    expect(states.byId.size).toBe(0);
  });
});
