import { ConnectError, NotFoundError } from '@tributary/sdk';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HerderError } from '../herder/errors.ts';
import { type CallChannel, createCallChannel } from './call-channel.ts';

interface Requests {
  double: { body: bigint; reply: bigint };
  fail: { body: null; reply: null };
  hang: { body: null; reply: null };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function connect(
  options: { failure?: Error; maxOutstanding?: number; maxMessageBytes?: number } = {},
) {
  const events: string[] = [];
  const { failure = new Error('x'), ...bounds } = options;
  const caller: CallChannel<Requests, string> = createCallChannel<
    Requests,
    string,
    Record<string, never>,
    never
  >({
    peer: 'the other side',
    send: (bytes) => queueMicrotask(() => other.receive(bytes)),
    answer: async () => undefined as never,
    onEvent: () => {},
    ...bounds,
  });
  const other = createCallChannel<Record<string, never>, never, Requests, string>({
    peer: 'the caller',
    send: (bytes) => queueMicrotask(() => caller.receive(bytes)),
    answer: async (kind, body) => {
      if (kind === 'double') return (body as bigint) * 2n;
      if (kind === 'fail') throw failure;
      return new Promise<never>(() => {});
    },
    onEvent: (event) => void events.push(event),
  });
  return { caller, other, events };
}

const options = { timeoutMs: 1000 };

test('answers calls with the types of their values kept, and delivers events', async () => {
  const { caller, events } = connect();
  caller.emit('first');
  expect(await caller.call('double', 21n, options)).toBe(42n);
  expect(events).toEqual(['first']);
});

test('an error arrives with its kind, status and trace', async () => {
  const gone = connect({ failure: new NotFoundError('Run 3 is over') }).caller;
  const notFound: unknown = await gone.call('fail', null, options).catch((error) => error);
  expect(NotFoundError.is(notFound)).toBe(true);
  const refused = connect({ failure: new HerderError(400, 'no class') }).caller;
  await expect(refused.call('fail', null, options)).rejects.toMatchObject({
    status: 400,
    message: 'no class',
  });
  const failure = new ConnectError('outer', { cause: new Error('inner'), code: 'TRB_DATA' });
  const failed = connect({ failure }).caller;
  await expect(failed.call('fail', null, options)).rejects.toMatchObject({
    code: 'TRB_DATA',
    trace: expect.stringMatching(
      /^org\.apache\.kafka\.connect\.errors\.ConnectException: outer\n\tat [^]*\nCaused by: java.lang.RuntimeException: inner\n\tat /,
    ),
  });
});

test('a call without an answer is rejected at its deadline', async () => {
  const { caller } = connect();
  const call = expect(caller.call('hang', null, options)).rejects.toThrow(
    '"hang" had no answer from the other side within 1000 ms',
  );
  await vi.advanceTimersByTimeAsync(1000);
  await call;
});

test('calls beyond the bound are refused at once', async () => {
  const { caller } = connect({ maxOutstanding: 1 });
  caller.call('hang', null, options).catch(() => {});
  await expect(caller.call('double', 1n, options)).rejects.toThrow(/1 calls without an answer/);
});

test('a message beyond the bound is refused, by name and size', async () => {
  const { caller } = connect({ maxMessageBytes: 100 });
  await expect(caller.call('double', 2n ** 1000n, options)).rejects.toThrow(
    /"double" to the other side has \d+ bytes; at most 100 are allowed/,
  );
});

test('closing rejects what waits and what follows', async () => {
  const { caller } = connect();
  const waiting = expect(caller.call('hang', null, options)).rejects.toThrow('lost');
  caller.close(new Error('lost'));
  await waiting;
  await expect(caller.call('double', 1n, options)).rejects.toThrow('lost');
});
