import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isAlive, startTestPool } from './test-pool.ts';

test('a host killed by kill -9 is reported soon and blames nobody', async () => {
  await using test = startTestPool({ maxHosts: 1 });
  const runs = [await test.startTask('good'), await test.startTask('other')];
  await test.waitFor('polls', () => test.polls('good') > 3);
  const [pid] = test.hostPids();
  const killedAt = performance.now();
  process.kill(pid ?? 0, 'SIGKILL');
  const loss = await test.waitFor('the loss', () => test.losses[0]);
  expect(loss.atMs - killedAt).toBeLessThan(20_000);
  expect(loss).toMatchObject({ culprit: null, runs });
  expect(loss.trace).toContain(
    'it was ended by SIGKILL; it is not known which of "good-0", "other-0" caused it',
  );
  expect(isAlive(pid ?? 0)).toBe(false);
  const before = test.polls('good');
  await test.startTask('good');
  await test.waitFor('the task to run again', () => test.polls('good') > before + 3);
});

test('a signal to the whole service does not end a host before its tasks are stopped', async () => {
  await using test = startTestPool();
  const runId = await test.startTask('good');
  const [pid] = test.hostPids();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.kill(pid ?? 0, signal);
  const before = test.polls('good');
  await test.waitFor('polls', () => test.polls('good') > before + 10);
  const stop = test.pool.callRun('stopTask', { runId, timeoutMs: 5000 }, { timeoutMs: 10_000 });
  expect(await stop).toEqual({ isClean: true });
  expect(test.losses).toEqual([]);
});

test('a task that cannot be stopped ends with its host, once its neighbours have stopped', async () => {
  await using test = startTestPool({ maxHosts: 1 });
  const good = await test.startTask('good');
  const runId = await test.startTask('bad', { 'bad.place': 'poll', 'bad.how': 'hang' });
  const [pid] = test.hostPids();
  const stop = (id: number) =>
    test.pool.callRun('stopTask', { runId: id, timeoutMs: 300 }, { timeoutMs: 10_000 });
  expect(await stop(runId)).toEqual({ isClean: false });
  expect(isAlive(pid ?? 0)).toBe(true);
  expect(await stop(good)).toEqual({ isClean: true });
  await test.waitFor('the host to end', () => !isAlive(pid ?? 0));
  expect(test.losses).toEqual([]);
});

test('a stopped host is found by its silence', async () => {
  await using test = startTestPool({ limits: { maxStallMs: 1000 } });
  await test.startTask('good');
  await test.waitFor('polls', () => test.polls('good') > 3);
  process.kill(test.hostPids()[0] ?? 0, 'SIGSTOP');
  const loss = await test.waitFor('the loss', () => test.losses[0]);
  expect(loss.trace).toMatch(/it gave no sign of life for \d+ s/);
});

test('the death of the control process ends its hosts, also one that spins', async () => {
  const control = spawn(
    process.execPath,
    [
      '--conditions=@tributary/source',
      new URL('./fixtures/control.ts', import.meta.url).pathname,
      'good',
      'bad:poll:spin',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const [line] = (await once(createInterface(control.stdout), 'line')) as [string];
    const pids = line.split(' ').slice(1).map(Number);
    expect(pids.length).toBe(2);
    expect(pids.every(isAlive)).toBe(true);
    control.kill('SIGKILL');
    const killedAt = performance.now();
    while (pids.some(isAlive) && performance.now() - killedAt < 10_000) await sleep(20);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(performance.now() - killedAt).toBeLessThan(20_000);
  } finally {
    control.kill('SIGKILL');
  }
});

test('what a plugin started ends with its host', async () => {
  await using test = startTestPool({ limits: { maxStallMs: 1500 } });
  await test.startTask('bad', { 'bad.place': 'poll', 'bad.how': 'runChild' });
  const [host] = test.hostPids();
  const child = await test.waitFor('the child of the plugin', () => test.childrenOf(host ?? 0)[0]);
  await test.waitFor('the loss', () => test.losses[0]);
  await test.waitFor('the end of the child', () => !isAlive(child));
});

test('of two suspects the guilty one is found by the next loss', async () => {
  await using test = startTestPool({ maxHosts: 1 });
  const how = { 'bad.place': 'poll', 'bad.how': 'growBuffersSlowly' };
  await test.startTask('good');
  await test.startTask('bad', how);
  const first = await test.waitFor('the first loss', () => test.losses[0]);
  expect(first).toMatchObject({ culprit: null, runs: [1, 2] });
  await test.startTask('good');
  const bad = await test.startTask('bad', how);
  const second = await test.waitFor('the second loss', () => test.losses[1]);
  expect(second).toMatchObject({ culprit: bad, runs: [bad] });
  expect(second.trace).toContain('"bad-0" ran there alone after it had been in a lost host before');
});

test('a run that starts while another loses its host is started again elsewhere', async () => {
  await using test = startTestPool({ maxHosts: 1, limits: { maxStallMs: 1000 } });
  await test.startTask('bad', { 'bad.place': 'poll', 'bad.how': 'spin', 'bad.after.ms': '300' });
  await sleep(500);
  const runId = await test.startTask('good');
  await test.waitFor('polls', () => test.polls('good') > 3);
  expect(test.losses[0]).toMatchObject({ culprit: 1, runs: [1] });
  expect(runId).toBe(2);
});

test('a connector that spins in start is refused with the cause', async () => {
  await using test = startTestPool();
  await test.startTask('good');
  const config = { 'bad.place': 'connectorStart', 'bad.how': 'spin' };
  await expect(test.startConnector('bad', config)).rejects.toThrow(
    /stood still for .* while "bad" was in start\(\)/,
  );
});

test('a connector whose taskConfigs spins loses its host by name', async () => {
  await using test = startTestPool();
  const runId = await test.startConnector('bad', { 'bad.place': 'taskConfigs', 'bad.how': 'spin' });
  const call = test.pool.callRun('taskConfigs', { runId, maxTasks: 1 }, { timeoutMs: 60_000 });
  await expect(call).rejects.toThrow();
  expect(test.losses[0]).toMatchObject({ culprit: runId, runs: [runId] });
  expect(test.losses[0]?.trace).toMatch(/while "bad" was in taskConfigs\(\)/);
});

test('an empty host ends, and the next run gets a fresh one', async () => {
  await using test = startTestPool({ idleMs: 200 });
  const runId = await test.startTask('good');
  const [pid] = test.hostPids();
  await test.pool.callRun('stopTask', { runId, timeoutMs: 5000 }, { timeoutMs: 10_000 });
  await test.waitFor('the host to end', () => !isAlive(pid ?? 0));
  expect(test.losses).toEqual([]);
  await test.startTask('good');
});

test('close ends every host', async () => {
  const test = startTestPool();
  await test.startTask('good');
  await test.startTask('bad', { 'bad.place': 'poll', 'bad.how': 'spin' });
  const pids = test.hostPids();
  expect(pids.length).toBe(2);
  await test[Symbol.asyncDispose]();
  expect(pids.filter(isAlive)).toEqual([]);
  expect(test.losses).toEqual([]);
});

test('a host does not know the secrets of the worker', async () => {
  process.env['TRIBUTARY_TEST_SECRET'] = 'hush';
  try {
    await using test = startTestPool();
    await test.startTask('good');
    const environment = readFileSync(`/proc/${test.hostPids()[0]}/environ`, 'utf8');
    expect(environment).toContain('PATH=');
    expect(environment).not.toContain('hush');
  } finally {
    delete process.env['TRIBUTARY_TEST_SECRET'];
  }
});
