import { expect, test } from 'vitest';
import { createLogger } from '../src/logging.ts';
import { resolveConfig } from '../src/plugins/config-provider.ts';
import { MemoryOffsetStore } from '../src/storage/memory-offset-store.ts';
import { MemoryStatusStore } from '../src/storage/status-store.ts';
import { Worker } from '../src/worker/worker.ts';
import { isAlive, startTestPool, type TestPool } from './test-pool.ts';

/** A worker over real hosts with the fixture plugin; `test` is the pool below it. */
async function startWorker(maxHosts: number) {
  const statuses = new MemoryStatusStore();
  let test: TestPool | undefined;
  const worker = new Worker({
    workerId: 'test:0',
    gracefulShutdownTimeoutMs: 2000,
    isTopicTrackingEnabled: true,
    statuses,
    offsets: new MemoryOffsetStore(),
    logger: createLogger({ write: () => {} }),
    resolve: (config) => resolveConfig(config, new Map()),
    createPool(listener) {
      test = startTestPool({ maxHosts }, listener);
      return test.pool;
    },
    leaveGroup: async () => {},
    onTaskReconfiguration: () => {},
    versionOf: () => '1.0.0',
  });
  if (test === undefined) throw new Error('the worker made no pool');
  return { worker, statuses, test };
}

function configs(name: string, how?: string) {
  const config = { name, 'connector.class': 'test.BadSource', topic: 't' };
  const bad = how === undefined ? {} : { 'bad.place': 'poll', 'bad.how': how };
  return {
    connectorConfig: { ...config, ...bad },
    taskConfig: { ...config, ...bad },
    taskCount: 1,
  };
}

for (const how of ['spin', 'growMapSlowly', 'growBuffersSlowly']) {
  test(`a task that does "${how}" ends as FAILED, its neighbour in the same host runs again`, async () => {
    const { worker, statuses, test } = await startWorker(1);
    try {
      await worker.startTask({ connector: 'good', task: 0 }, configs('good'), 'STARTED');
      await test.waitFor('polls', () => test.polls('good') > 3);
      await worker.startTask({ connector: 'bad', task: 0 }, configs('bad', how), 'STARTED');
      await test.waitFor('the failure', () => statuses.task('bad', 0)?.state === 'FAILED', 60_000);
      expect(statuses.task('bad', 0)?.trace).toMatch(
        /Task host \d+ \(pid \d+\) was lost: .*"bad-0"/,
      );
      const before = test.polls('good');
      await test.waitFor('the neighbour', () => test.polls('good') > before + 3);
      expect(statuses.task('good', 0)).toMatchObject({ state: 'RUNNING', trace: null });
    } finally {
      await worker.close();
    }
  });
}

test('after kill -9 of a host its tasks run again within seconds, in a fresh host', async () => {
  const { worker, statuses, test } = await startWorker(2);
  try {
    await worker.startConnector('good', configs('good').connectorConfig, 'STARTED');
    await worker.startTask({ connector: 'good', task: 0 }, configs('good'), 'STARTED');
    await test.waitFor('polls', () => test.polls('good') > 3);
    const [pid] = test.hostPids();
    process.kill(pid ?? 0, 'SIGKILL');
    const killedAt = performance.now();
    await test.waitFor('the loss', () => test.losses.length > 0);
    expect(isAlive(pid ?? 0)).toBe(false);
    const before = test.polls('good');
    await test.waitFor('the task', () => test.polls('good') > before + 3);
    expect(performance.now() - killedAt).toBeLessThan(5000);
    await test.waitFor('the status', () => statuses.connector('good')?.state === 'RUNNING');
    expect(statuses.task('good', 0)?.state).toBe('RUNNING');
  } finally {
    await worker.close();
  }
});

test('a task that is stopped while its host dies does not come back', async () => {
  const { worker, test } = await startWorker(1);
  try {
    await worker.startTask({ connector: 'race', task: 0 }, configs('race'), 'STARTED');
    await test.waitFor('polls', () => test.polls('race') > 3);
    const [pid] = test.hostPids();
    process.kill(pid ?? 0, 'SIGSTOP');
    const stopped = worker.stopTasks('race', [0]);
    process.kill(pid ?? 0, 'SIGKILL');
    await stopped;
    const before = test.polls('race');
    await worker.startTask({ connector: 'other', task: 0 }, configs('other'), 'STARTED');
    await test.waitFor('the other to poll', () => test.polls('other') > 20);
    expect(test.polls('race')).toBe(before);
  } finally {
    await worker.close();
  }
});

test('a task that is stopped before it has started does not start', async () => {
  const { worker, statuses, test } = await startWorker(1);
  try {
    const started = worker.startTask({ connector: 'race', task: 0 }, configs('race'), 'STARTED');
    const outcome = expect(started).rejects.toThrow('was stopped before it had started');
    await worker.stopTasks('race', [0]);
    await outcome;
    await worker.startTask({ connector: 'other', task: 0 }, configs('other'), 'STARTED');
    await test.waitFor('the other to poll', () => test.polls('other') > 20);
    expect(test.polls('race')).toBe(0);
    expect(statuses.task('race', 0)?.state).not.toBe('FAILED');
  } finally {
    await worker.close();
  }
});

test('a state that is set while a task starts is taken when it has started', async () => {
  const { worker, statuses, test } = await startWorker(1);
  try {
    const started = worker.startTask({ connector: 'late', task: 0 }, configs('late'), 'STARTED');
    worker.setTargetState('late', 'PAUSED').catch(() => {});
    await started;
    await test.waitFor('the pause', () => statuses.task('late', 0)?.state === 'PAUSED');
  } finally {
    await worker.close();
  }
});
