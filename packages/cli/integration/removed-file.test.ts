import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDevBrokerProcess, startTestWorker, waitForSize } from '@tributary/testkit';
import { expect, it } from 'vitest';
import { fileSink, fileSource, temporaryFolder } from './pipelines.ts';

it('loses no record that is delivered to a file after it was removed', async () => {
  await using folder = await temporaryFolder();
  await using broker = await startDevBrokerProcess();
  const input = join(folder.path, 'in.txt');
  const output = join(folder.path, 'out.txt');
  await writeFile(input, 'before\n');
  await using worker = await startTestWorker({
    folder: folder.path,
    bootstrapServers: broker.bootstrapServers,
    connectors: [fileSource(input, 'lines'), fileSink(output, 'lines')],
    config: { 'offset.flush.interval.ms': '200' },
  });
  await waitForSize(output, 7, { timeoutMs: 30_000 });
  await rm(output);
  await writeFile(input, 'after\n', { flag: 'a' });
  await worker.waitForTask('lines-sink', 0, 'FAILED');
  const { body } = await worker.request('GET', '/connectors/lines-sink/tasks/0/status');
  expect(body.trace).toContain(`File '${output}' was removed or replaced`);

  await worker.request('POST', '/connectors/lines-sink/tasks/0/restart');
  await waitForSize(output, 6, { timeoutMs: 30_000 });
  await expect.poll(() => readFile(output, 'utf8'), { timeout: 10_000 }).toMatch(/after\n$/);
});
