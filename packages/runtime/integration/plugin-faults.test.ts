import { expect, test } from 'vitest';
import { startTestPool } from './test-pool.ts';

const maxTurnMs = 700;

for (const how of ['rejectUnhandled', 'throwUncaught']) {
  test(`an error that nobody handles (${how}) fails its own task, its host goes on`, async () => {
    await using test = startTestPool({ maxHosts: 1 });
    await test.startTask('good');
    const runId = await test.startTask('bad', { 'bad.place': 'poll', 'bad.how': how });
    const failure = await test.waitFor('the failure', () =>
      test.events.find((event) => event.kind === 'taskStatus' && event.state === 'FAILED'),
    );
    expect(failure).toMatchObject({
      runId,
      trace: expect.stringMatching(/Caused by: java.lang.RuntimeException: nobody/),
    });
    const before = test.polls('good');
    await test.waitFor('the neighbour to go on', () => test.polls('good') > before + 3);
    expect(test.losses).toEqual([]);
  });
}

for (const how of ['floodConsole', 'floodStdout', 'floodStderr']) {
  test(`"${how}" is cut, with the control process responsive`, async () => {
    await using test = startTestPool();
    await test.startTask('good');
    await test.startTask('bad', { 'bad.place': 'poll', 'bad.how': how });
    await test.waitFor('the flood', () => test.log.some((line) => /(line|[yz]{50})/.test(line)));
    test.takeLongestTurnMs();
    const cpuBefore = process.cpuUsage();
    const before = { polls: test.polls('good'), lines: test.log.length, at: performance.now() };
    await test.waitFor('three seconds', () => performance.now() - before.at > 3000);
    const cpu = process.cpuUsage(cpuBefore);
    expect(test.takeLongestTurnMs()).toBeLessThan(maxTurnMs);
    expect(test.log.length - before.lines).toBeLessThan(2000);
    expect(test.log.some((line) => /dropped/.test(line))).toBe(true);
    expect(test.polls('good')).toBeGreaterThan(before.polls + 10);
    expect((cpu.user + cpu.system) / 3e6).toBeLessThan(0.7);
  });
}

test('a full thread pool delays its own host only', async () => {
  await using test = startTestPool();
  await test.startTask('good');
  await test.startTask('bad', { 'bad.place': 'poll', 'bad.how': 'fillThreadPool' });
  await test.waitFor('polls', () => test.polls('good') > 20);
  expect(test.losses).toEqual([]);
});

test('lines that a plugin prints carry its context', async () => {
  await using test = startTestPool();
  await test.startTask('bad', { 'bad.place': 'poll', 'bad.how': 'floodConsole' });
  const line = await test.waitFor('a line', () => test.log.find((text) => text.includes('line 0')));
  expect(line).toMatch(/^\[.*\] INFO \[bad\|task-0\] line 0 x+ \(stdout\)\n$/);
});

test('a slow turn of the event loop is named in the log', async () => {
  await using test = startTestPool({ limits: { slowTurnMs: 300 } });
  await test.startTask('bad', { 'bad.place': 'poll', 'bad.how': 'spin' });
  const line = await test.waitFor('the line', () => test.log.find((text) => /one turn/.test(text)));
  expect(line).toMatch(
    /WARN Task host 1 .*one turn of its event loop has taken .* while "bad-0" was in poll\(\)/,
  );
});

test('a plugin that blocks gets a host of its own, where it may block', async () => {
  await using test = startTestPool({ maxHosts: 1, limits: { maxStallMs: 1000 } });
  await test.startTask('good');
  await test.startTask('bad', {
    'connector.class': 'test.BlockingSource',
    'bad.place': 'poll',
    'bad.how': 'waitInNativeCode',
  });
  expect(test.hostPids().length).toBe(2);
  const before = performance.now();
  await test.waitFor('more than the usual limit', () => performance.now() - before > 4000);
  expect(test.losses).toEqual([]);
});

test('a hung validation is ended at its deadline and delays no other', async () => {
  await using test = startTestPool();
  const base = { 'connector.class': 'test.BadSource', 'bad.place': 'validate' };
  const options = { timeoutMs: 2500 };
  const validate = (name: string, how: string, to = options) =>
    test.pool.callAside('validate', { config: { ...base, name, 'bad.how': how } }, to);
  const hung = validate('hung', 'hang');
  const spinning = validate('spinning', 'spin');
  const exiting = validate('exiting', 'exit', { timeoutMs: 20_000 });
  const checked = validate('checked', 'nothing', { timeoutMs: 20_000 });
  await Promise.all([
    expect(hung).rejects.toThrow(
      'Validation of connector "hung" (test.BadSource) had no answer within 3 s; the plugin\'s code hangs, its process was ended',
    ),
    expect(spinning).rejects.toThrow(/Validation of connector "spinning" .* had no answer within/),
    expect(exiting).rejects.toThrow(/ended its process: process\.exit\(3\) was called/),
    expect(checked).rejects.toThrow(),
  ]);
  const good = await validate('good', 'valid', { timeoutMs: 20_000 });
  expect(good.error_count).toBe(0);
});
