import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDevBrokerProcess, startTestWorker } from '@tributary/testkit';
import { expect, it } from 'vitest';
import { temporaryFolder } from './pipelines.ts';

it('a level that is set over REST holds in task hosts that run already, and in those that start later', async () => {
  await using folder = await temporaryFolder();
  await using broker = await startDevBrokerProcess();
  const input = join(folder.path, 'input.txt');
  await writeFile(input, 'one line\n');
  const source = {
    'connector.class': 'FileStreamSource',
    'tasks.max': '1',
    file: input,
    topic: 'lines',
    // Named by the producer in its log, at DEBUG.
    'producer.override.no.such.key': 'x',
  };
  await using worker = await startTestWorker({
    folder: folder.path,
    bootstrapServers: broker.bootstrapServers,
    connectors: [{ name: 'first', config: source }],
  });
  await worker.waitForTask('first', 0, 'RUNNING');
  const unknownKey = /DEBUG \[(\w+)\|task-0\] The configuration 'no\.such\.key'/;
  expect(worker.process.output).not.toMatch(unknownKey);

  expect((await worker.request('PUT', '/admin/loggers/root', { level: 'DEBUG' })).status).toBe(200);
  await worker.request('POST', '/connectors/first/tasks/0/restart');
  expect((await worker.process.waitFor(unknownKey, 60_000))[1]).toBe('first');

  const own = { ...source, 'tributary.own.host': 'true' };
  await worker.create({ name: 'second', config: own });
  const fromSecond = /DEBUG \[second\|task-0\] The configuration 'no\.such\.key'/;
  await worker.process.waitFor(fromSecond, 60_000);
});
