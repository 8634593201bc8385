import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { clientError } from '../../errors.ts';
import type { PostForm } from './post-form.ts';
import { requestToken } from './token-request.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const endpoint = {
  url: new URL('http://provider/token'),
  tls: {},
  connectTimeoutMs: 10_000,
  readTimeoutMs: 10_000,
  retryBackoffMs: 100,
  retryBackoffMaxMs: 10_000,
};
const makeForm = () => ({ headers: {}, body: '' });
const inTrouble = vi.fn<PostForm>(async () => ({ status: 500, body: '' }));
const deps = { post: inTrouble, now: Date.now };

it('tries again while the provider is in trouble, until the client is closed', async () => {
  const closing = new AbortController();
  const call = expect(
    requestToken(endpoint, makeForm, [], deps, closing.signal),
  ).rejects.toMatchObject({ errorName: 'CLOSED' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(inTrouble.mock.calls.length).toBeGreaterThan(2);
  expect(inTrouble.mock.lastCall?.[0].signal).toBe(closing.signal);
  closing.abort(clientError('CLOSED', 'The client was closed'));
  await call;
  expect(vi.getTimerCount()).toBe(0);
});
