import { errorCodes } from '@tributary/wire';
import type { Batch } from './batch.ts';

/**
 * What a partition remembers of idempotent producers: epoch and the last five batches of each, enough to tell a repeated batch from a gap.
 * The first batch of a producer that is not known (or no longer: see `expire`) may start anywhere, as in Kafka.
 * Source: Kafka `ProducerStateManager`, `ProducerAppendInfo`.
 */
export interface ProducerStates {
  readonly byId: Map<bigint, ProducerState>;
}

interface ProducerState {
  epoch: number;
  lastTimestampMs: number;
  /** Oldest first, at most five. */
  batches: ProducedBatch[];
  /** The epoch is known to be new: a marker raised it, and what was written before is known, too. */
  readonly startsAtZero: boolean;
}

interface ProducedBatch {
  firstSequence: number;
  lastSequence: number;
  firstOffset: number;
  timestampMs: number;
}

export type SequenceCheck =
  | { readonly kind: 'next' }
  | { readonly kind: 'duplicate'; readonly firstOffset: number; readonly timestampMs: number }
  | { readonly kind: 'refused'; readonly errorCode: number; readonly message: string };

const keptBatches = 5;

export function createProducerStates(): ProducerStates {
  return { byId: new Map() };
}

export function checkSequence(states: ProducerStates, batch: Batch): SequenceCheck {
  const state = states.byId.get(batch.producerId);
  if (state === undefined) return { kind: 'next' };
  if (batch.producerEpoch < state.epoch) {
    return refused(
      errorCodes.INVALID_PRODUCER_EPOCH,
      `epoch ${batch.producerEpoch} is older than the current epoch ${state.epoch}`,
    );
  }
  if (batch.producerEpoch > state.epoch) {
    if (batch.baseSequence === 0) return { kind: 'next' };
    return refused(
      errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER,
      `the first sequence of the new epoch ${batch.producerEpoch} is ${batch.baseSequence}, not 0`,
    );
  }
  const lastSequence = addSequence(batch.baseSequence, batch.recordCount - 1);
  const same = state.batches.find((one) => {
    return one.firstSequence === batch.baseSequence && one.lastSequence === lastSequence;
  });
  if (same !== undefined) {
    return { kind: 'duplicate', firstOffset: same.firstOffset, timestampMs: same.timestampMs };
  }
  const last = state.batches.at(-1);
  if (last === undefined && !state.startsAtZero) return { kind: 'next' };
  const expected = last === undefined ? 0 : addSequence(last.lastSequence, 1);
  if (batch.baseSequence === expected) return { kind: 'next' };
  return refused(
    errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER,
    `sequence ${batch.baseSequence} of producer ${batch.producerId} is not the next, ${expected}`,
  );
}

/** Takes in a batch that is in the log. A control batch carries no sequence but may raise the epoch. */
export function recordBatch(states: ProducerStates, batch: Batch): void {
  if (batch.producerId < 0n) return;
  let state = states.byId.get(batch.producerId);
  if (state === undefined || batch.producerEpoch > state.epoch) {
    state = {
      epoch: batch.producerEpoch,
      lastTimestampMs: batch.maxTimestampMs,
      batches: [],
      startsAtZero: state !== undefined,
    };
    states.byId.set(batch.producerId, state);
  }
  state.lastTimestampMs = Math.max(state.lastTimestampMs, batch.maxTimestampMs);
  if (batch.isControl || batch.baseSequence < 0) return;
  state.batches.push({
    firstSequence: batch.baseSequence,
    lastSequence: addSequence(batch.baseSequence, batch.lastOffsetDelta),
    firstOffset: batch.baseOffset,
    timestampMs: batch.maxTimestampMs,
  });
  if (state.batches.length > keptBatches) state.batches.shift();
}

/** Where the last batch of a producer begins; undefined when it is not known. */
export function lastBatchOffset(states: ProducerStates, producerId: bigint): number | undefined {
  return states.byId.get(producerId)?.batches.at(-1)?.firstOffset;
}

/** Forgets producers that have been silent for the given time, so that the memory stays bounded. */
export function expireProducers(
  states: ProducerStates,
  nowMs: number,
  expirationMs: number,
  isInTransaction: (producerId: bigint) => boolean,
): void {
  for (const [producerId, state] of states.byId) {
    if (nowMs - state.lastTimestampMs < expirationMs || isInTransaction(producerId)) continue;
    states.byId.delete(producerId);
  }
}

/** Sequences run from 0 to 2^31 - 1 and start again at 0. */
function addSequence(sequence: number, count: number): number {
  return (sequence + count) % 2 ** 31;
}

function refused(errorCode: number, message: string): SequenceCheck {
  return { kind: 'refused', errorCode, message };
}
