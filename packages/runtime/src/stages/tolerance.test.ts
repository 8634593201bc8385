import { DataError, RetriableError } from '@tributary/sdk';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { retry, retryDelayMs, tolerate } from './tolerance.ts';

const retriable = new RetriableError('registry is down');

function begin(failures: Error[], retryTimeoutMs: number) {
  const clock = new FakeClock();
  const stop = new AbortController();
  let tries = 0;
  const operation = (): string => {
    tries += 1;
    const error = failures.shift();
    if (error !== undefined) throw error;
    return 'done';
  };
  const result = retry(operation, retriable, {
    policy: { toleratesAll: false, retryTimeoutMs, retryMaxDelayMs: 60_000 },
    clock,
    signal: stop.signal,
    stageKey: () => 'VALUE_CONVERTER',
  });
  return { clock, stop, result, tries: () => tries };
}

describe('retry', () => {
  it('does not try again without a retry timeout', async () => {
    const run = begin([], 0);
    expect(await run.result).toEqual({ outcome: 'failed', error: retriable });
    expect(run.tries()).toBe(0);
  });

  it('tries again after 300 and 600 ms', async () => {
    const run = begin([retriable], -1);
    await run.clock.advance(299);
    expect(run.tries()).toBe(0);
    await run.clock.advance(1);
    expect(run.tries()).toBe(1);
    await run.clock.advance(600);
    expect(await run.result).toEqual({ outcome: 'done', value: 'done' });
  });

  it('gives up at the deadline, or at an error that is not retriable', async () => {
    const late = begin(Array(10).fill(retriable), 1000);
    await late.clock.advance(1000);
    expect((await late.result).outcome).toBe('failed');
    const bad = new DataError('bad');
    const run = begin([bad], -1);
    await run.clock.advance(300);
    expect(await run.result).toEqual({ outcome: 'failed', error: bad });
  });

  it('ends at once when the task stops', async () => {
    const run = begin([], -1);
    run.stop.abort();
    expect(await run.result).toEqual({ outcome: 'stopped' });
    expect(run.tries()).toBe(0);
  });

  it('spreads delays beyond the maximum below it', () => {
    expect(retryDelayMs(9, 60_000, () => 0.5)).toBe(30_000);
    expect(retryDelayMs(8, 60_000)).toBe(38_400);
  });
});

describe('tolerate', () => {
  it('throws what Java throws unless all is tolerated', () => {
    const policy = { toleratesAll: false, retryTimeoutMs: 0, retryMaxDelayMs: 0 };
    expect(() => tolerate(retriable, policy)).toThrow('Tolerance exceeded in error handler');
    expect(() => tolerate(retriable, { ...policy, toleratesAll: true })).not.toThrow();
  });
});
