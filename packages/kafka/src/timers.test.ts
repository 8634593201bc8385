import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoffMs, orAbort, sleep } from './timers.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('orAbort', () => {
  it('rejects with the reason of the signal and takes the failure that comes later for itself', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    for (const isAbortedBefore of [true, false]) {
      const abort = new AbortController();
      if (isAbortedBefore) abort.abort(new Error('stop'));
      const late = Promise.withResolvers<void>();
      const result = orAbort(late.promise, abort.signal);
      abort.abort(new Error('stop'));
      await expect(result).rejects.toThrow('stop');
      late.reject(new Error('too late'));
    }
    vi.useRealTimers();
    await new Promise(setImmediate);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

describe('sleep', () => {
  it('ends with the signal', async () => {
    const abort = new AbortController();
    const sleeping = sleep(1000, abort.signal);
    abort.abort(new Error('stop'));
    await expect(sleeping).rejects.toThrow('stop');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes longer times than a timer can', async () => {
    let isOver = false;
    void sleep(Number.MAX_SAFE_INTEGER).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(isOver).toBe(false);
  });
});

it('backs off by doubling up to the largest delay, within a fifth', () => {
  for (const [attempt, exact] of [
    [0, 100],
    [1, 200],
    [3, 800],
    [4, 1000],
    [400, 1000],
  ] as const) {
    expect(backoffMs(attempt, 100, 1000)).toBeGreaterThanOrEqual(exact * 0.8);
    expect(backoffMs(attempt, 100, 1000)).toBeLessThanOrEqual(exact * 1.2);
  }
});
