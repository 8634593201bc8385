import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, startServer } from '../testing/test-server.ts';
import { authenticateAgainst } from './basic-auth.ts';

const extension =
  'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension';
const module = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule';
const config = { 'rest.extension.classes': extension };
const refusal = { status: 401, text: 'User cannot access the resource.' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-auth-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The environment of a worker whose operator has set up these users. */
async function environmentWith(users: string, login?: string): Promise<NodeJS.ProcessEnv> {
  const passwords = join(folder, 'passwords.properties');
  await writeFile(passwords, users);
  const file = join(folder, 'login.conf');
  await writeFile(
    file,
    login ?? `KafkaConnect {\n ${module} required\n file="${passwords}";\n};\n`,
  );
  return { KAFKA_OPTS: `-Xms1g -Djava.security.auth.login.config=${file} -Da=b` };
}

function basic(credentials: string, scheme = 'Basic'): object {
  return { Authorization: `${scheme} ${Buffer.from(credentials).toString('base64')}` };
}

// As Kafka Connect 4.3.1 with this extension was seen to answer.
describe('a worker with basic authentication', () => {
  it('lets in whoever has a user and its password', async () => {
    const environment = await environmentWith('alice=secret\nbob=pa:ss=w\\u00e4\n');
    await using server = await startServer({ config, environment });
    for (const header of [
      basic('alice:secret'),
      basic('alice:secret', 'basic'),
      basic('bob:pa:ss=wä'),
    ]) {
      const answer = await server.ask('GET', '/connectors', undefined, header);
      expect(answer).toMatchObject({ status: 200, json: [] });
    }
  });

  it.each([
    {},
    basic('alice:wrong'),
    basic('alice:'),
    basic('nobody:secret'),
    basic(':secret'),
    basic('alice'),
    { Authorization: 'Bearer secret' },
    { Authorization: 'secret' },
  ])('lets in nobody with %j', async (headers) => {
    await using server = await startServer({
      config,
      environment: await environmentWith('alice=secret\n'),
    });
    const answer = await server.ask('GET', '/connectors', undefined, headers);
    expect(answer).toMatchObject({ ...refusal, headers: { 'content-type': 'application/json' } });
    expect(answer.headers['www-authenticate']).toBeUndefined();
    for (const path of ['/', '/health', '/connector-plugins', '/admin/loggers']) {
      expect(await server.ask('GET', path, undefined, headers)).toMatchObject(refusal);
    }
    const body = '{"name":"a","config":{}}';
    expect(await server.ask('POST', '/connectors', body, headers)).toMatchObject(refusal);
    expect(server.herder.calls).toEqual([]);
  });

  it('refuses paths, methods and media types before, and lets through what workers sign', async () => {
    const environment = await environmentWith('alice=secret\n');
    await using server = await startServer({ config, environment });
    expect(await server.ask('GET', '/nope')).toMatchObject({ status: 404 });
    expect(await server.ask('DELETE', '/connectors')).toMatchObject({ status: 405 });
    const plain = { 'Content-Type': 'text/plain' };
    expect(await server.ask('POST', '/connectors', '[]', plain)).toMatchObject({ status: 415 });
    const options = await server.ask('OPTIONS', '/connectors');
    expect(options).toMatchObject({ ...refusal, headers: { 'content-type': 'text/plain' } });
    expect(options.headers.allow).toBeUndefined();
    expect((await server.ask('POST', '/connectors/x/tasks', '[]')).status).toBe(500);
    expect((await server.ask('PUT', '/connectors/x/fence')).status).toBe(500);
  });

  it('answers broken base64 as Java does and keeps it out of the log', async () => {
    const environment = await environmentWith('alice=secret\n');
    await using server = await startServer({ config, environment });
    const headers = { Authorization: 'Basic !!hunter2' };
    expect(await server.ask('GET', '/', undefined, headers)).toMatchObject({
      status: 500,
      json: { error_code: 500, message: 'Illegal base64 character 21' },
    });
    expect(server.lines.join('\n')).not.toContain('hunter2');
  });

  it('asks nobody on admin listeners of their own', async () => {
    const environment = await environmentWith('alice=secret\n');
    const admin = { ...config, 'admin.listeners': 'http://127.0.0.1:0' };
    await using server = await startServer({ config: admin, environment });
    const answer = await ask(server.adminUrl, 'GET', '/admin/loggers', undefined, {});
    expect(answer.status).toBe(200);
  });

  it('lets everybody in while the password file is empty, and warns', async () => {
    const environment = await environmentWith('# nobody yet\n');
    await using server = await startServer({ config, environment });
    expect((await server.ask('GET', '/connectors')).status).toBe(200);
    expect(server.lines.join('\n')).toContain('everybody is let in');
  });
});

describe('a login configuration that cannot be used stops the start and is named', () => {
  it.each([
    ['no entry', 'KafkaClient { a.B required; };', `must have one module, ${module}; found: none`],
    ['another module', 'KafkaConnect { a.B required file="x"; };', 'found: a.B'],
    ['no file', `KafkaConnect { ${module} required; };`, 'needs the option file="PATH"'],
    [
      'a variable',
      `KafkaConnect { ${module} required file="\${home}/x"; };`,
      'a path that is written out',
    ],
    ['a missing file', `KafkaConnect { ${module} required file="/no/such"; };`, 'ENOENT'],
    ['nonsense', 'KafkaConnect { password="hunter2"', 'has a mistake'],
  ])('%s', async (_case, login, problem) => {
    const environment = await environmentWith('alice=secret\n', login);
    const starting = startServer({ config, environment });
    await expect(starting).rejects.toThrow(problem);
    await expect(starting).rejects.not.toThrow('hunter2');
  });

  it('none at all, or another extension', async () => {
    await expect(startServer({ config })).rejects.toThrow('set KAFKA_OPTS=');
    const environment = await environmentWith('alice=secret\n');
    const both = { 'rest.extension.classes': `${extension},a.Other` };
    await expect(startServer({ config: both, environment })).rejects.toThrow(
      'Invalid value a.Other for configuration rest.extension.classes: extensions are Java code and cannot be loaded',
    );
  });
});

it('takes a user of the password file only with the whole password', () => {
  const authenticate = authenticateAgainst(
    new Map([
      ['a', 'x'.repeat(300)],
      ['b', ''],
    ]),
  );
  const header = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  expect(authenticate(header(`a:${'x'.repeat(300)}`))).toBe(true);
  expect(authenticate(header(`a:${'x'.repeat(299)}`))).toBe(false);
  expect(authenticate(header('b:'))).toBe(true);
  expect(authenticate(header('c:'))).toBe(false);
});
