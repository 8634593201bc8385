import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withTimeout } from './request-timeout.ts';
import { fakeHerder } from './testing/fake-herder.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => {});
const stage = 'The worker is currently starting, which began at 2026-01-01T00:00:00.000Z';

it('tells after the timeout what the worker is doing', async () => {
  const herder = { ...fakeHerder(), health: async () => ({ isReady: true, stage }) };
  const refused = expect(withTimeout(herder, never, 90_000)).rejects.toMatchObject({
    status: 500,
    message: `Request timed out. ${stage}.`,
  });
  await vi.advanceTimersByTimeAsync(90_000);
  await refused;
});

it('tells no more than the timeout when the herder does not answer at all', async () => {
  const herder = { ...fakeHerder(), health: () => never };
  const refused = expect(withTimeout(herder, never, 90_000)).rejects.toThrow(/^Request timed out$/);
  await vi.advanceTimersByTimeAsync(90_100);
  await refused;
});

it('leaves no timer behind an answer', async () => {
  expect(await withTimeout(fakeHerder(), Promise.resolve(1), 90_000)).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});
