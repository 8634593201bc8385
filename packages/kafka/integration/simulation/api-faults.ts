import type { Fault } from '@tributary/dev-broker';
import { between, oneOf, type Random } from './random.ts';

/** What brokers answer with for a while, by API. */
const passingErrors: Readonly<Record<number, readonly number[]>> = {
  0: [2, 3, 5, 6, 7, 19, 20, 56],
  1: [-1, 2, 3, 5, 6, 9, 56, 74, 75, 78],
  2: [3, 5, 6, 56, 78],
  3: [],
  8: [7, 14, 15, 16],
  9: [14, 15, 16],
  10: [14, 15],
  11: [14, 15, 16],
  12: [14, 15, 16],
  13: [14, 15, 16],
  14: [14, 15, 16],
  22: [14, 15, 16, 51],
  23: [3, 6, 75],
  24: [3, 14, 15, 16, 51],
  25: [14, 15, 16, 51],
  26: [14, 15, 16, 51],
  28: [3, 7, 14, 15, 16],
};

/** What a member is told whose group has gone on without it. */
const membershipErrors: Readonly<Record<number, readonly number[]>> = {
  8: [22, 25, 27],
  11: [25],
  12: [22, 25, 27],
  14: [22, 25, 27],
};

export interface FaultRates {
  /** Of requests that something happens to. */
  readonly share: number;
  /** Of those, the ones that are refused for good: by API the errors that say so. */
  readonly lastingErrors?: Readonly<Record<number, readonly number[]>>;
  readonly hasMembershipErrors?: boolean;
}

export const controlledApis = Object.keys(passingErrors).map(Number);

/** Writes that may find the disk full. */
const writing = [0, 8, 11, 14, 22, 24, 25, 26, 28];

export function drawFault(random: Random, apiKey: number, rates: FaultRates): Fault | undefined {
  if (random() > rates.share) return undefined;
  const choice = random();
  if (choice < 0.2) return { kind: 'close' };
  if (choice < 0.4) return { kind: 'lose-answer' };
  if (choice < 0.5) return { kind: 'delay', delayMs: between(random, 1, 1000) };
  if (choice < 0.55) return throttled(between(random, 1, 300));
  if (choice < 0.62 && writing.includes(apiKey)) return { kind: 'disk-full' };
  const lasting = rates.lastingErrors?.[apiKey] ?? [];
  const membership = rates.hasMembershipErrors === true ? (membershipErrors[apiKey] ?? []) : [];
  const errors =
    choice > 0.97 && lasting.length > 0
      ? lasting
      : [...(passingErrors[apiKey] ?? []), ...membership];
  if (errors.length === 0) return { kind: 'close' };
  const errorCode = oneOf(random, errors);
  if (apiKey === 0 && errorsAfterWrite.includes(errorCode) && random() < 0.6) {
    return { kind: 'change', change: (response) => failed(response, errorCode, random) };
  }
  if (apiKey === 1 && random() < 0.5) {
    return { kind: 'change', change: (response) => fetchFailed(response, errorCode, random) };
  }
  return { kind: 'error', errorCode };
}

/** A fetch response with this error for some of the partitions that it names. */
function fetchFailed(response: unknown, errorCode: number, random: Random): unknown {
  const { responses, ...rest } = response as {
    responses: readonly { partitions: readonly object[] }[];
  };
  return {
    ...rest,
    responses: responses.map(({ partitions, ...topic }) => ({
      ...topic,
      partitions: partitions.map((each) =>
        random() < 0.5 ? { ...each, errorCode, records: null } : each,
      ),
    })),
  };
}

/** Of a leader that has the batch, while it waited for the others or because it leads no more. */
const errorsAfterWrite = [3, 6, 7, 20, 56];

/** A produce response with this error for some of the partitions. */
function failed(response: unknown, errorCode: number, random: Random): unknown {
  const { responses, ...rest } = response as {
    responses: readonly { partitionResponses: readonly object[] }[];
  };
  return {
    ...rest,
    responses: responses.map(({ partitionResponses, ...topic }) => ({
      ...topic,
      partitionResponses: partitionResponses.map((each) =>
        random() < 0.7 ? { ...each, errorCode, baseOffset: -1n } : each,
      ),
    })),
  };
}

function throttled(throttleTimeMs: number): Fault {
  return {
    kind: 'change',
    change: (response) =>
      typeof response === 'object' && response !== null
        ? { ...response, throttleTimeMs }
        : response,
  };
}
