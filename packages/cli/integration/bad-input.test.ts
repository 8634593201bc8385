import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  startDevBrokerProcess,
  startTestWorker,
  type TestWorker,
  waitForSize,
} from '@tributary/testkit';
import { expect, it } from 'vitest';
import { fileSink, fileSource, temporaryFolder } from './pipelines.ts';

it('is answered with what is wrong, and the worker lives on', async () => {
  await using folder = await temporaryFolder();
  await using broker = await startDevBrokerProcess();
  const input = join(folder.path, 'in.txt');
  const output = join(folder.path, 'out.txt');
  await using worker = await startTestWorker({
    folder: folder.path,
    bootstrapServers: broker.bootstrapServers,
    config: { 'ofset.flush.interval.ms': '5', 'producer.linger.ms': '1' },
  });

  // A misspelt key of the worker file is named, one of a family is not.
  expect(worker.process.output).toMatch(/WARN.*'ofset\.flush\.interval\.ms'/);
  expect(worker.process.output).not.toMatch(/WARN.*'producer\.linger\.ms'/);

  // Malformed JSON.
  const malformed = await fetch(`${worker.url}/connectors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name": "x", ',
  });
  expect(malformed.status).toBe(500);
  expect(((await malformed.json()) as { message: string }).message).not.toBe('');

  // Unknown class.
  const unknown = await worker.request('POST', '/connectors', {
    name: 'x',
    config: { 'connector.class': 'com.acme.Missing' },
  });
  expect(unknown.status).toBe(400);
  expect(unknown.body.message).toContain(
    'Failed to find any class that implements Connector and which name matches com.acme.Missing',
  );

  // A topic name that Kafka refuses fails the task and says which.
  await writeFile(input, 'one\n');
  const badTopic = fileSource(input, 'bad');
  await worker.create({ ...badTopic, config: { ...badTopic.config, topic: 'no spaces allowed' } });
  await worker.waitForTask('bad-source', 0, 'FAILED');
  expect(await traceOf(worker, 'bad-source')).toContain('no spaces allowed');

  // A file that cannot be read fails the task and says which.
  await worker.create(fileSource(folder.path, 'folder'));
  await worker.waitForTask('folder-source', 0, 'FAILED');
  expect(await traceOf(worker, 'folder-source')).toContain(folder.path);

  // A file that is not there yet is waited for.
  const late = join(folder.path, 'late.txt');
  await worker.create(fileSource(late, 'late'));
  await worker.waitForState('late-source', 'RUNNING');
  await worker.create(fileSink(output, 'late'));
  await writeFile(late, 'at last\n');
  await waitForSize(output, 'at last\n'.length, { timeoutMs: 30_000 });

  expect((await worker.request('GET', '/')).status).toBe(200);
});

async function traceOf(worker: TestWorker, connector: string): Promise<string> {
  return (await worker.request('GET', `/connectors/${connector}/tasks/0/status`)).body.trace;
}
