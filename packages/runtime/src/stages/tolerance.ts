import { ConnectError, RetriableError } from '@tributary/sdk';
import type { Clock } from '../clock.ts';
import type { TolerancePolicy } from './types.ts';

const firstDelayMs = 300;

export type Attempted<T> =
  | { readonly outcome: 'done'; readonly value: T }
  /** Given up, with the last error. */
  | { readonly outcome: 'failed'; readonly error: unknown }
  /** The task stops; whether another try would have helped is unknown. */
  | { readonly outcome: 'stopped' };

/**
 * After `operation` failed with `error`: tries again by `errors.retry.*` while errors are retriable.
 * `stage` names where the operation stands; each stage has a deadline of its own.
 * Source: Kafka Connect `RetryWithToleranceOperator`.
 */
export async function retry<T>(
  operation: () => T,
  firstError: unknown,
  options: {
    policy: TolerancePolicy;
    clock: Clock;
    signal: AbortSignal;
    stageKey: () => string;
    random?: () => number;
  },
): Promise<Attempted<T>> {
  const { policy, clock, signal, stageKey } = options;
  let error = firstError;
  let stage = stageKey();
  let attempt = 1;
  let deadline = deadlineFrom(clock, policy);
  while (RetriableError.is(error) && clock.now() < deadline) {
    const delayMs = retryDelayMs(attempt, policy.retryMaxDelayMs, options.random);
    await clock.sleep(Math.min(delayMs, deadline - clock.now()), { signal });
    if (signal.aborted) return { outcome: 'stopped' };
    try {
      return { outcome: 'done', value: operation() };
    } catch (nextError) {
      error = nextError;
    }
    if (stageKey() === stage) {
      attempt += 1;
    } else {
      stage = stageKey();
      attempt = 1;
      deadline = deadlineFrom(clock, policy);
    }
  }
  return { outcome: 'failed', error };
}

/** 300 ms, doubling; beyond the maximum anywhere below it, so that tasks that failed together do not come back together. */
export function retryDelayMs(attempt: number, maxDelayMs: number, random = Math.random): number {
  const delayMs = firstDelayMs * 2 ** Math.min(attempt - 1, 40);
  return delayMs > maxDelayMs ? random() * maxDelayMs : delayMs;
}

/** Throws when `errors.tolerance` is none; the text is Java's. */
export function tolerate(error: unknown, policy: TolerancePolicy): void {
  if (policy.toleratesAll) return;
  throw new ConnectError('Tolerance exceeded in error handler', {
    cause: error,
    code: 'TRB_TOLERANCE_EXCEEDED',
  });
}

function deadlineFrom(clock: Clock, { retryTimeoutMs }: TolerancePolicy): number {
  return retryTimeoutMs < 0 ? Number.POSITIVE_INFINITY : clock.now() + retryTimeoutMs;
}
