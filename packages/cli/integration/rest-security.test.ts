import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import {
  type Child,
  makeCertificates,
  startChild,
  startDevBrokerProcess,
  toProperties,
} from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './pipelines.ts';

const launcher = new URL('../../../bin/tributary', import.meta.url).pathname;
const module = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule';

describe('a worker whose REST API speaks HTTPS', () => {
  it('wants a certificate and a password, each where it was told to', async () => {
    await using folder = await temporaryFolder();
    await using broker = await startDevBrokerProcess();
    const { authority, server, client, stranger } = await makeCertificates();
    const trusted = join(folder.path, 'trusted.pem');
    await writeFile(trusted, authority);
    const passwords = join(folder.path, 'passwords.properties');
    await writeFile(passwords, 'alice=secret\n');
    const login = join(folder.path, 'login.conf');
    await writeFile(login, `KafkaConnect { ${module} required file="${passwords}"; };\n`);
    await using worker = await startWorker(
      folder.path,
      {
        'bootstrap.servers': broker.bootstrapServers,
        listeners: 'https://127.0.0.1:0',
        'admin.listeners': 'https://127.0.0.1:0',
        'rest.extension.classes':
          'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension',
        'listeners.https.ssl.keystore.type': 'PKCS12',
        'listeners.https.ssl.keystore.location': await keyStore(folder.path, server, 'changeit'),
        'listeners.https.ssl.keystore.password': 'changeit',
        'listeners.https.ssl.truststore.type': 'PEM',
        'listeners.https.ssl.truststore.location': trusted,
        'listeners.https.ssl.client.auth': 'required',
        // Of Kafka's clients and, without a prefix of their own, of admin listeners.
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.certificate.chain': server.certificate,
        'ssl.keystore.key': server.key,
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': trusted,
        'ssl.client.auth': 'requested',
      },
      { KAFKA_OPTS: `-Djava.security.auth.login.config=${login}` },
    );
    const [, main = ''] = await worker.waitFor(/REST server listening at (\S+)\/,/, 60_000);
    const [, admin = ''] = await worker.waitFor(/REST admin endpoints at (\S+)\//, 60_000);
    await worker.waitFor(/Kafka Connect started/, 60_000);
    const ca = authority;
    const own = { ca, cert: client.certificate, key: client.key };

    expect(main).toMatch(/^https:/);
    const asAlice = { ...own, auth: 'alice:secret' };
    expect(await ask(`${main}/connectors`, asAlice)).toEqual({ status: 200, body: '[]' });
    expect(await ask(`${main}/connectors`, own)).toMatchObject({ status: 401 });
    await expect(ask(`${main}/connectors`, { ca, auth: 'alice:secret' })).rejects.toThrow();
    const foreign = { ca, cert: stranger.certificate, key: stranger.key, auth: 'alice:secret' };
    await expect(ask(`${main}/connectors`, foreign)).rejects.toThrow();
    await expect(ask(`${main}/connectors`, { ...asAlice, ca: undefined })).rejects.toThrow();

    for (const options of [{ ca }, own]) {
      const answer = await ask(`${admin}/admin/loggers/root`, options);
      expect(answer).toMatchObject({ status: 200 });
    }
    await expect(ask(`${admin}/admin/loggers/root`, foreign)).rejects.toThrow();
    expect(worker.output).not.toMatch(/changeit|secret\b|PRIVATE KEY/);
  });

  it.each([
    ['no key store', {}, /a listener needs a certificate; set ssl\.keystore\.location/],
    [
      'a wrong password',
      { 'ssl.keystore.password': 'hunter2' },
      /keys listeners\.https\.ssl\.\*: mac verify failure/,
    ],
    ['no such file', { 'ssl.keystore.location': '/no/such' }, /"\/no\/such" cannot be read/],
    ['nonsense of client auth', { 'ssl.client.auth': 'maybe' }, /ssl\.client\.auth is maybe/],
  ])('is refused with %s, in one line', async (what, changes, problem) => {
    await using folder = await temporaryFolder();
    const { server } = await makeCertificates();
    const keys = {
      'ssl.keystore.location': await keyStore(folder.path, server, 'changeit'),
      'ssl.keystore.password': 'changeit',
      ...changes,
    };
    const prefixed = Object.entries(keys).map(([key, value]) => [`listeners.https.${key}`, value]);
    await using worker = await startWorker(folder.path, {
      'bootstrap.servers': '127.0.0.1:1',
      listeners: 'https://127.0.0.1:0',
      ...(what === 'no key store' ? {} : Object.fromEntries(prefixed)),
    });
    expect(await worker.exited).toBe(2);
    expect(worker.output).toMatch(problem);
    expect(worker.output).not.toMatch(/changeit|hunter2|\n\s+at /);
  });
});

async function startWorker(
  folder: string,
  config: Record<string, string>,
  environment: NodeJS.ProcessEnv = {},
): Promise<Child> {
  const file = join(folder, 'worker.properties');
  const converter = 'org.apache.kafka.connect.storage.StringConverter';
  await writeFile(
    file,
    toProperties({
      'key.converter': converter,
      'value.converter': converter,
      'offset.storage.file.filename': join(folder, 'offsets'),
      ...config,
    }),
  );
  const env = { ...process.env, ...environment };
  return startChild(process.execPath, [launcher, 'connect-standalone', file], { env });
}

async function keyStore(
  folder: string,
  { key, certificate }: { key: string; certificate: string },
  password: string,
): Promise<string> {
  const [input, store] = [join(folder, 'server.pem'), join(folder, 'server.p12')];
  await writeFile(input, key + certificate);
  const out = ['-out', store, '-passout', `pass:${password}`];
  await promisify(execFile)('openssl', ['pkcs12', '-export', '-in', input, ...out]);
  return store;
}

async function ask(
  url: string,
  options: RequestOptions,
): Promise<{ status: number | undefined; body: string }> {
  const sent = request(url, { ...options, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}
