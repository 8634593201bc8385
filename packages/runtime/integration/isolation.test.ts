import { expect, test } from 'vitest';
import { startTestPool } from './test-pool.ts';

/** Generous for a busy machine; a control process that takes part in a flood or a spin stands still for seconds. */
const maxTurnMs = 700;

const deeds = [
  {
    how: 'spin',
    cause: /event loop stood still for \d+\.\d s while "bad-0" was in poll\(\) at spin/,
  },
  {
    how: 'spinLater',
    cause: /event loop stood still for .* while "bad-0" was in poll\(\) at spinLater/,
  },
  { how: 'exit', cause: /process\.exit\(3\) was called while "bad-0" was in poll\(\)/ },
  { how: 'exitLater', cause: /process\.exit\(3\) was called while "bad-0" was in poll\(\)/ },
  { how: 'abort', cause: /process\.abort\(\) was called while "bad-0" was in poll\(\)/ },
  // On a busy machine the collector's last efforts may take longer than a host may stand still.
  { how: 'growMap', cause: /heap passed the limit of 96 MiB|stood still for .* at growMap/ },
  { how: 'growMapSlowly', cause: /heap passed the limit of 96 MiB/ },
  { how: 'growBuffers', cause: /resident memory \d+ MiB passed the limit of 400 MiB/ },
  { how: 'growBuffersSlowly', cause: /resident memory \d+ MiB passed the limit of 400 MiB/ },
  { how: 'waitInNativeCode', cause: /event loop stood still for .* while "bad-0" was in poll\(\)/ },
  { how: 'runChild', cause: /event loop stood still for .* while "bad-0" was in poll\(\)/ },
];

for (const { how, cause } of deeds) {
  test(`a task that does "${how}" costs its host only, and is named`, async () => {
    await using test = startTestPool();
    await test.startTask('good');
    let bad = await test.startTask('bad', { 'bad.place': 'poll', 'bad.how': how });
    await test.waitFor('the neighbour to poll', () => test.polls('good') > 3);
    test.takeLongestTurnMs();
    // Without proof the first loss names nobody: the run starts alone and is named by the second.
    let loss = await test.waitFor('the loss', () => test.losses[0]);
    if (loss.culprit === null) {
      expect(loss.runs).toEqual([bad]);
      bad = await test.startTask('bad', { 'bad.place': 'poll', 'bad.how': how });
      loss = await test.waitFor('the second loss', () => test.losses[1]);
    }
    expect(loss).toMatchObject({ culprit: bad, runs: [bad] });
    expect(loss.trace).toMatch(
      /^org.apache.kafka.connect.errors.ConnectException: Task host \d+ \(pid \d+\) was lost: /,
    );
    expect(loss.trace).toMatch(cause);
    const before = test.polls('good');
    await test.waitFor('the neighbour to go on', () => test.polls('good') > before + 3);
    expect(test.takeLongestTurnMs()).toBeLessThan(maxTurnMs);
  });
}
