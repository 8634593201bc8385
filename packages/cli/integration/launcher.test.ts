import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild, startDevBrokerProcess, toProperties } from '@tributary/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const launcher = fileURLToPath(new URL('../../../bin/tributary', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function tributary(...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: status, output: stdout + stderr };
}

describe('the command', () => {
  test('tells its version and its commands', () => {
    expect(tributary('--version')).toEqual({ code: 0, output: '0.1.0\n' });
    const { code, output } = tributary('--help');
    expect(code).toBe(0);
    for (const name of ['dev', 'connect-standalone', 'broker']) expect(output).toContain(name);
  });

  test.each([
    { args: [], code: 1, says: 'usage: tributary COMMAND' },
    { args: ['fly'], code: 1, says: 'no command "fly"; `tributary --help`' },
    { args: ['dve'], code: 1, says: 'no command "dve", did you mean "dev"?' },
    { args: ['help'], code: 0, says: 'usage: tributary COMMAND' },
    { args: ['help', 'dev'], code: 0, says: 'usage: tributary dev' },
    { args: ['version'], code: 0, says: '0.1.0' },
    {
      args: ['dev', '--prot', '1'],
      code: 1,
      says: "tributary dev: Unknown option '--prot', did you mean '--port'?; `tributary dev --help` tells more\n",
    },
    { args: ['dev', '--port', '99999'], code: 1, says: '--port is "99999"' },
    { args: ['dev', '--data', '/dev/null/x'], code: 1, says: 'is a file, not a folder (ENOTDIR)' },
    {
      args: ['broker', '--data', '/proc/x'],
      code: 1,
      says: 'cannot be made (ENOENT); choose another with --data FOLDER',
    },
    { args: ['connect-standalone'], code: 1, says: 'usage: tributary connect-standalone' },
    { args: ['connect-standalone', 'w.properties', '--help'], code: 1, says: 'usage:' },
    { args: ['connect-standalone', '/no/such.properties'], code: 2, says: '/no/such.properties' },
  ])('ends $args with $code and a line that helps', ({ args, code, says }) => {
    const result = tributary(...args);
    expect(result.output).toContain(says);
    expect(result.code).toBe(code);
  });

  test.each([
    { option: '--port', fix: '--port N', command: ['dev', '--broker-port', '0'] },
    { option: '--broker-port', fix: '--broker-port N', command: ['dev', '--port', '0'] },
    { option: '--port', fix: '--port N', command: ['broker'] },
  ])('names $fix when the port of $command is in use', async ({ option, fix, command }) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const child = startChild(process.execPath, [
      launcher,
      ...command,
      option,
      String(port),
      '--data',
      folder,
    ]);
    expect(await child.exited).toBe(1);
    expect(child.output).toContain(`port ${port}`);
    expect(child.output).toContain(`is in use`);
    expect(child.output).toContain(fix);
    expect(child.output).not.toContain('    at ');
    server.close();
  });
});

describe('connect-standalone says in one line, without a trace,', () => {
  const worker = (more: Record<string, string>): string => {
    const file = join(folder, 'worker.properties');
    const text = 'org.apache.kafka.connect.storage.StringConverter';
    const config = {
      'bootstrap.servers': '127.0.0.1:1',
      listeners: 'http://127.0.0.1:0',
      'key.converter': text,
      'value.converter': text,
      'offset.storage.file.filename': join(folder, 'connect.offsets'),
      ...more,
    };
    writeFileSync(file, toProperties(config));
    return file;
  };
  const expectOneLine = (args: string[], code: number, problem: string): void => {
    const result = tributary('connect-standalone', ...args);
    expect(result.code).toBe(code);
    const errors = result.output.split('\n').filter((line) => line.includes(' ERROR '));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(problem);
    expect(result.output).not.toMatch(/^\s+at /m);
  };

  test('that a worker key is wrong', () => {
    const file = worker({ 'plugin.path': '' });
    expectOneLine([file], 2, `${file}: Configuration 'plugin.path' must not be empty`);
  });

  test('that a port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const file = worker({ listeners: `http://127.0.0.1:${port}` });
    expectOneLine([file], 2, `127.0.0.1:${port} for configuration listeners: the port is in use`);
    server.close();
  });

  test('what is wrong with a connector file', async () => {
    await using broker = await startDevBrokerProcess();
    const file = worker({ 'bootstrap.servers': broker.bootstrapServers });
    const connector = join(folder, 'connector.json');
    writeFileSync(connector, '{"name": "x", "connector.class": "com.acme.Missing"}');
    expectOneLine([file, connector], 3, 'which name matches com.acme.Missing');
    writeFileSync(connector, '{"name": "x", ');
    expectOneLine([file, connector], 3, `'${connector}' begins as JSON but is none`);
  });
});

describe('the launcher', () => {
  test('passes SIGTERM on; the broker ends cleanly and starts again with its data', async () => {
    for (let start = 0; start < 2; start += 1) {
      const child = startChild(process.execPath, [
        launcher,
        'broker',
        '--port',
        '0',
        '--data',
        folder,
      ]);
      await child.waitFor(/listens on 127\.0\.0\.1:\d+/, 30_000);
      expect(await child.stop()).toBe(0);
    }
  });

  test('started by an older Node, takes the command with it when it is killed', async () => {
    const file = JSON.stringify(launcher);
    // Stands for Node 20, which cannot replace its own process.
    const asOlderNode = `
      delete process.execve;
      Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } });
      process.argv.splice(1, 0, ${file});
      require(${file});`;
    const args = ['broker', '--port', '0', '--data', folder];
    const child = spawn(process.execPath, ['--eval', asOlderNode, '--', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(chunk.toString())?.[1]);
    const closed = once(child.stdout, 'close');
    child.kill('SIGKILL');
    await closed;
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
  });
});
