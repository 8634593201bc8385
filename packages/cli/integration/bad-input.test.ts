import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  startDevBrokerProcess,
  startTestWorker,
  type TestBroker,
  type TestWorker,
  waitForSize,
} from '@tributary/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fileSink, fileSource, temporaryFolder } from './pipelines.ts';

describe('is answered with what is wrong, and the worker lives on:', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let broker: TestBroker;
  let worker: TestWorker;

  beforeAll(async () => {
    folder = await temporaryFolder();
    broker = await startDevBrokerProcess();
    worker = await startTestWorker({
      folder: folder.path,
      bootstrapServers: broker.bootstrapServers,
      config: { 'ofset.flush.interval.ms': '5', 'producer.linger.ms': '1' },
    });
  }, 60_000);
  afterEach(async () => {
    expect((await worker.request('GET', '/')).status).toBe(200);
  });
  afterAll(async () => {
    await worker[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it('a misspelt key of the worker file, not one of a family', () => {
    expect(worker.process.output).toMatch(
      /WARN The configuration 'ofset\.flush\.interval\.ms' was supplied but isn't a known config\./,
    );
    expect(worker.process.output).not.toMatch(/WARN.*'producer\.linger\.ms'/);
  });

  it('a misspelt key of a connector, which Java accepts, too', async () => {
    const { name, config } = fileSource(join(folder.path, 'misspelt.txt'), 'misspelt');
    const { status } = await worker.request('POST', '/connectors', {
      name,
      config: { ...config, fiel: 'a secret', 'producer.override.linger.ms': '1' },
    });
    expect(status).toBe(201);
    await worker.process.waitFor(
      /WARN \[misspelt-source\|worker\] The configuration 'fiel' was supplied but isn't a known config\./,
      10_000,
    );
    expect(worker.process.output).not.toContain('a secret');
    expect(worker.process.output).not.toMatch(/WARN.*'(?:file|topic|producer\.override.*)'/);
  });

  it('malformed JSON', async () => {
    const malformed = await fetch(`${worker.url}/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name": "x", ',
    });
    expect(malformed.status).toBe(500);
    expect(await malformed.json()).toEqual({
      error_code: 500,
      message: 'The request body is not valid JSON at position 14 (line 1 column 15)',
    });
  });

  it('an unknown class', async () => {
    const unknown = await worker.request('POST', '/connectors', {
      name: 'x',
      config: { 'connector.class': 'com.acme.Missing' },
    });
    expect(unknown.status).toBe(400);
    expect(unknown.body.message).toContain(
      'Failed to find any class that implements Connector and which name matches com.acme.Missing',
    );
  });

  it('a topic name that Kafka refuses, said once in the log', async () => {
    const input = join(folder.path, 'in.txt');
    await writeFile(input, 'one\n');
    const { name, config } = fileSource(input, 'bad');
    await worker.create({ name, config: { ...config, topic: 'no spaces allowed' } });
    await worker.waitForTask(name, 0, 'FAILED');
    expect(await traceOf(worker, name)).toContain('no spaces allowed');
    await worker.process.waitFor(/ERROR \[bad-source\|task-0\] [^[]*no spaces allowed/, 10_000);
    expect(worker.process.output.match(/no spaces allowed/g)).toHaveLength(1);
  });

  // Rights cannot be the reason here, as root may read everything; these fail on the same path for everyone.
  it.each([
    { what: 'a folder', make: async () => '', reason: 'directory' },
    { what: 'a link to itself', make: linkToItself, reason: 'ELOOP' },
    { what: 'a name too long', make: async () => 'x'.repeat(300), reason: 'ENAMETOOLONG' },
  ])('a file that cannot be read: $what', async ({ what, make, reason }) => {
    const file = join(folder.path, await make());
    const connector = fileSource(file, what.replaceAll(' ', '-'));
    await worker.create(connector);
    await worker.waitForTask(connector.name, 0, 'FAILED');
    const trace = await traceOf(worker, connector.name);
    expect(trace).toContain(file);
    expect(trace).toContain(reason);
  });

  it('a file that is not there yet, which is waited for', async () => {
    const late = join(folder.path, 'late.txt');
    const output = join(folder.path, 'out.txt');
    await worker.create(fileSource(late, 'late'));
    await worker.waitForState('late-source', 'RUNNING');
    await worker.create(fileSink(output, 'late'));
    await writeFile(late, 'at last\n');
    await waitForSize(output, 'at last\n'.length, { timeoutMs: 30_000 });
  });

  async function linkToItself(): Promise<string> {
    await symlink('loop', join(folder.path, 'loop'));
    return 'loop';
  }
});

async function traceOf(worker: TestWorker, connector: string): Promise<string> {
  return (await worker.request('GET', `/connectors/${connector}/tasks/0/status`)).body.trace;
}
