import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type BrokerConnection, Cluster, type OpenConnection } from './cluster.ts';
import { parseAdmin, parseProducer } from './config.ts';
import { clientError } from './errors.ts';

const logger = { error() {}, warn: vi.fn(), info() {}, debug() {} };
const settings = (config: Record<string, string> = {}) =>
  parseAdmin({ 'bootstrap.servers': 'boot:1', ...config }, logger);

beforeEach(() => {
  vi.useFakeTimers();
  logger.warn.mockClear();
});
afterEach(() => void vi.useRealTimers());

/** Connections that answer every request with the brokers 1 and 2; `down` addresses refuse. */
function fakeBrokers(down: ReadonlySet<string> = new Set()) {
  const opened: string[] = [];
  const open: OpenConnection = async ({ host, port }) => {
    const address = `${host}:${port}`;
    opened.push(address);
    if (down.has(address)) throw clientError('NETWORK', `Cannot connect to broker ${address}`);
    const request = async () => ({
      brokers: [
        { nodeId: 1, host: 'one', port: 1 },
        { nodeId: 2, host: 'two', port: 2 },
      ],
      topics: [],
      clusterId: 'c',
      controllerId: 1,
      errorCode: 0,
    });
    return { address, isOpen: true, request, close() {} } as unknown as BrokerConnection;
  };
  return { open, opened };
}

describe('a connection for anything', () => {
  it('is never one that a group or a fetch may be waiting on', async () => {
    const { open, opened } = fakeBrokers();
    const cluster = new Cluster(settings(), { logger }, open);
    cluster.noteBroker(1, { host: 'one', port: 1 });
    const group = await cluster.connection(1, 'coordinator');
    const fetch = await cluster.connection(1, 'fetch');
    const any = await cluster.anyConnection();
    expect([group, fetch]).not.toContain(any);
    expect(opened).toEqual(['one:1', 'one:1', 'one:1']);
    expect(await cluster.anyConnection()).toBe(any);
  });

  it('is looked for at known brokers first, then by bootstrap.servers', async () => {
    const { open, opened } = fakeBrokers(new Set(['one:1', 'two:2', 'boot:1']));
    const cluster = new Cluster(
      settings({ 'bootstrap.servers': 'boot:1,boot:2' }),
      { logger },
      open,
    );
    cluster.noteBroker(1, { host: 'one', port: 1 });
    cluster.noteBroker(2, { host: 'two', port: 2 });
    expect((await cluster.anyConnection()).address).toBe('boot:2');
    expect(opened).toEqual(['one:1', 'two:2', 'boot:1', 'boot:2']);
  });
});

describe('an address that does not answer', () => {
  it('is tried again with growing delays, and named once', async () => {
    const down = new Set(['boot:1']);
    const { open, opened } = fakeBrokers(down);
    const cluster = new Cluster(settings(), { logger }, open);
    const call = cluster.retry(async () => (await cluster.anyConnection()).address, {
      timeoutMs: 60_000,
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(opened.length).toBeGreaterThan(5);
    expect(opened.length).toBeLessThan(25);
    expect(logger.warn).toHaveBeenCalledTimes(1);
    down.clear();
    await vi.advanceTimersByTimeAsync(3000);
    expect(await call).toBe('boot:1');
  });

  it('ends a call at its deadline with the last error, and at once when the client closes', async () => {
    const { open } = fakeBrokers(new Set(['boot:1']));
    const cluster = new Cluster(settings(), { logger }, open);
    const late = expect(
      cluster.retry(() => cluster.anyConnection(), { timeoutMs: 5000 }),
    ).rejects.toMatchObject({ errorName: 'NETWORK', message: expect.stringContaining('boot:1') });
    await vi.advanceTimersByTimeAsync(6000);
    await late;
    const closed = expect(
      cluster.retry(() => cluster.anyConnection(), { timeoutMs: 5000 }),
    ).rejects.toMatchObject({ errorName: 'CLOSED' });
    cluster.close();
    await closed;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a try that takes longer than its call may', () => {
  it("ends the call with TIMEOUT and the address, and what comes of it later is nobody's", async () => {
    const connecting = Promise.withResolvers<BrokerConnection>();
    const cluster = new Cluster(settings(), { logger }, () => connecting.promise);
    const isGivenUp: boolean[] = [];
    const call = expect(
      cluster.retry(
        async (_, signal) => {
          await cluster.anyConnection().finally(() => isGivenUp.push(signal.aborted));
        },
        { timeoutMs: 1000 },
      ),
    ).rejects.toMatchObject({ errorName: 'TIMEOUT', message: expect.stringContaining('boot:1') });
    await vi.advanceTimersByTimeAsync(1000);
    await call;
    connecting.reject(clientError('NETWORK', 'Cannot connect'));
    await vi.advanceTimersByTimeAsync(0);
    expect(isGivenUp).toEqual([true]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends it with what was wrong before', async () => {
    const cluster = new Cluster(settings(), { logger });
    const call = expect(
      cluster.retry(
        (attempt) =>
          attempt === 0
            ? Promise.reject(clientError('NETWORK', 'Cut'))
            : new Promise<never>(() => {}),
        { timeoutMs: 1000 },
      ),
    ).rejects.toThrow('Cut');
    await vi.advanceTimersByTimeAsync(1000);
    await call;
  });
});

it('forgets a topic that a producer has not used for metadata.max.idle.ms', async () => {
  const asked: string[][] = [];
  const open: OpenConnection = async () => {
    const request = async (_: unknown, { topics }: { topics: { name: string }[] }) => {
      asked.push(topics.map(({ name }) => name));
      return {
        brokers: [],
        topics: topics.map(({ name }) => ({ name, topicId: 'id', errorCode: 0, partitions: [] })),
        errorCode: 0,
      };
    };
    return { isOpen: true, request, close() {} } as unknown as BrokerConnection;
  };
  const idle = { 'metadata.max.idle.ms': '10000', 'bootstrap.servers': 'boot:1' };
  const cluster = new Cluster(parseProducer(idle, logger), { logger }, open);
  const refresh = (topics: string[]) => cluster.refresh(topics, { allowCreation: false });
  await refresh(['used', 'idle']);
  for (let i = 0; i < 3; i++) {
    vi.advanceTimersByTime(5000);
    expect(cluster.topic('used')).toBeDefined();
    await refresh([]);
  }
  expect(asked).toEqual([['used', 'idle'], ['used', 'idle'], ['used'], ['used']]);
  expect(cluster.topic('idle')).toBeUndefined();
  cluster.close();
});

it('ends a call with its signal though the answer never comes', async () => {
  const cluster = new Cluster(settings(), { logger }, () => new Promise(() => {}));
  const abort = new AbortController();
  const call = expect(
    cluster.retry(() => cluster.anyConnection(), { timeoutMs: 60_000, signal: abort.signal }),
  ).rejects.toThrow('enough');
  abort.abort(new Error('enough'));
  await call;
});
