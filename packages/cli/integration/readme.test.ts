import { execFile } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Child, freePorts, startChild } from '@tributary/testkit';
import { expect, test } from 'vitest';
import { pause, temporaryFolder } from './pipelines.ts';

const run = promisify(execFile);
const root = new URL('../../..', import.meta.url).pathname;

test('what README says works as printed', async () => {
  await using folder = await temporaryFolder();
  await using dev = await startDev(folder.path);
  const { port } = dev;
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const commands = /## A first connector[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const here = commands.replaceAll('8083', String(port)).replaceAll('/tmp/', `${folder.path}/`);
  const [write = '', createIn = '', createOut = '', look = '', remove = ''] = here.split('\n\n');

  await shell(write);
  expect(await shell(createIn)).toMatch(/^\{"name":"in",/);
  expect(await shell(createOut)).toMatch(/^\{"name":"out",/);
  await waitForText(join(folder.path, 'tributary-out.txt'), 'one\ntwo\n');
  const seen = await shell(look);
  expect(seen).toMatch(/^\[.*"in".*\]/);
  expect(seen).toMatch(/"name":"out","connector":\{"state":"RUNNING"/);
  expect(seen).toMatch(/one\ntwo\n$/);
  expect(await shell(remove)).toBe('');
  const left = await shell(`curl -s http://127.0.0.1:${port}/connectors`);
  expect(left).not.toMatch(/"(in|out)"/);
});

test('the quickstart continues after Ctrl-C without a lost or repeated line', async () => {
  await using folder = await temporaryFolder();
  const input = join(folder.path, 'quickstart/input.txt');
  const output = join(folder.path, 'quickstart/output.txt');
  for (let start = 0; start < 3; start++) {
    const dev = await startDev(folder.path);
    for (let line = 0; line < 20; line++) await appendFile(input, `start ${start} line ${line}\n`);
    // The last start is given the time to finish; the others are ended wherever they are.
    if (start === 2) await waitForText(output, await readFile(input, 'utf8'));
    else await pause(200);
    dev.process.kill('SIGINT');
    expect(await dev.process.exited).toBe(0);
  }
  expect(await readFile(output, 'utf8')).toBe(await readFile(input, 'utf8'));
});

async function shell(commands: string): Promise<string> {
  return (await run('sh', ['-ec', commands])).stdout;
}

interface Dev extends AsyncDisposable {
  readonly process: Child;
  readonly port: number;
}

async function startDev(data: string): Promise<Dev> {
  const [port, brokerPort] = await freePorts(2);
  const child = startChild(process.execPath, [
    join(root, 'bin/tributary'),
    'dev',
    '--port',
    String(port),
    '--broker-port',
    String(brokerPort),
    '--data',
    data,
  ]);
  await child.waitFor(/curl/, 60_000);
  return {
    process: child,
    port: Number(port),
    async [Symbol.asyncDispose]() {
      await child.stop();
    },
  };
}

async function waitForText(file: string, text: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    if (Date.now() > deadline) throw new Error(`"${file}" is not ${JSON.stringify(text)}`);
    await pause(50);
  }
}
