import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ApacheKafka,
  freePorts,
  missingForApacheKafka,
  requireOrSkip,
  startApacheKafka,
} from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adminFor,
  consumerFor,
  outcome,
  pollUntil,
  producerFor,
  quiet,
  record,
  recordingLogger,
  sendAll,
  valuesOf,
} from './brokers.ts';

const missing = await missingForApacheKafka();
const isAvailable = requireOrSkip('Apache Kafka', missing === null, missing ?? '');
const fixture = (name: string): string => new URL(`fixtures/tls/${name}`, import.meta.url).pathname;
const pem = (name: string): Promise<string> => readFile(fixture(name), 'utf8');
const names = ['SSL', 'MTLS', 'MISNAMED', 'SASL_SSL', 'SASL_PLAINTEXT'] as const;
const plainModule = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const scramModule = 'org.apache.kafka.common.security.scram.ScramLoginModule';
/** Everything that JAAS must quote. */
const password = 'al"ice\\ = se,cret;';
const jaas = (module: string, user = 'alice', secret = password): string =>
  `${module} required username="${user}" password="${secret.replace(/["\\]/g, '\\$&')}";`;

describe.runIf(isAvailable)('on the listeners of Apache Kafka', () => {
  let folder: string;
  let broker: ApacheKafka;
  const address = new Map<string, string>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-security-'));
    const keyStore = async (name: string): Promise<string> => {
      const path = join(folder, `${name}-store.pem`);
      await writeFile(path, (await pem(`${name}.key`)) + (await pem(`${name}.pem`)));
      return path;
    };
    const ports = await freePorts(names.length);
    for (const [index, name] of names.entries()) address.set(name, `127.0.0.1:${ports[index]}`);
    broker = await startApacheKafka({
      listeners: names.map((name) => `${name}://${address.get(name)}`).join(','),
      'listener.security.protocol.map':
        'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,MTLS:SSL,MISNAMED:SSL,SASL_SSL:SASL_SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': await keyStore('server'),
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': fixture('ca.pem'),
      'listener.name.mtls.ssl.client.auth': 'required',
      'listener.name.misnamed.ssl.keystore.type': 'PEM',
      'listener.name.misnamed.ssl.keystore.location': await keyStore('misnamed'),
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      ...Object.fromEntries(
        ['sasl_ssl', 'sasl_plaintext'].flatMap((name) => [
          [
            `listener.name.${name}.plain.sasl.jaas.config`,
            // A properties file takes a backslash for itself.
            `${plainModule} required user_alice="${password.replace(/["\\]/g, '\\$&')}";`.replaceAll(
              '\\',
              '\\\\',
            ),
          ],
          [`listener.name.${name}.scram-sha-256.sasl.jaas.config`, `${scramModule} required;`],
          [`listener.name.${name}.scram-sha-512.sasl.jaas.config`, `${scramModule} required;`],
        ]),
      ),
      'listener.name.sasl_plaintext.scram-sha-512.connections.max.reauth.ms': '2000',
    });
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) {
      await broker.tool('kafka.admin.ConfigCommand', [
        '--bootstrap-server',
        broker.bootstrapServers,
        '--alter',
        '--entity-type',
        'users',
        '--entity-name',
        'carol',
        '--add-config',
        `${mechanism}=[password=carol-secret]`,
      ]);
    }
  });
  afterAll(async () => {
    await broker?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const listener = (name: (typeof names)[number]): { bootstrapServers: string } => ({
    bootstrapServers: address.get(name) ?? '',
  });
  const ssl = (): Record<string, string> => ({
    'security.protocol': 'SSL',
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': fixture('ca.pem'),
  });

  async function roundTrip(
    where: { bootstrapServers: string },
    topic: string,
    config: Record<string, string>,
  ): Promise<void> {
    await using producer = producerFor(where, config);
    const sent = outcome();
    await sendAll(producer, [record(topic, 'hello')], sent);
    await producer.flush();
    expect(sent.errors).toEqual([]);
    await using consumer = consumerFor(where, { ...config, 'group.id': topic });
    consumer.subscribe([topic], quiet);
    expect(await pollUntil(consumer, ({ length }) => length === 1)).toEqual(['hello']);
  }

  it('speaks TLS with a trust store in PEM, as a file and inline', async () => {
    await roundTrip(listener('SSL'), 'tls-file', ssl());
    const { 'ssl.truststore.location': _, ...inline } = ssl();
    await roundTrip(listener('SSL'), 'tls-inline', {
      ...inline,
      'ssl.truststore.certificates': await pem('ca.pem'),
    });
  });

  it.for(['trust.jks', 'trust.p12'])('speaks TLS with the trust store %s', async (store) => {
    await roundTrip(listener('SSL'), `tls-${store}`, {
      'security.protocol': 'SSL',
      'ssl.truststore.location': fixture(store),
      'ssl.truststore.password': 'store-secret',
    });
  });

  it('shows its own certificate: PEM file, PEM inline with a key that is encrypted, PKCS12, JKS', async () => {
    const store = join(folder, 'client-store.pem');
    await writeFile(store, (await pem('client.pem')) + (await pem('client.key')));
    await roundTrip(listener('MTLS'), 'mtls-file', {
      ...ssl(),
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': store,
    });
    await roundTrip(listener('MTLS'), 'mtls-inline', {
      ...ssl(),
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.certificate.chain': await pem('client.pem'),
      'ssl.keystore.key': await pem('client-encrypted.key'),
      'ssl.key.password': 'key-secret',
    });
    await roundTrip(listener('MTLS'), 'mtls-jks', {
      ...ssl(),
      'ssl.keystore.location': fixture('client-key-password.jks'),
      'ssl.keystore.password': 'store-secret',
      'ssl.key.password': 'key-secret',
    });
    await roundTrip(listener('MTLS'), 'mtls-pkcs12', {
      ...ssl(),
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': fixture('client.p12'),
      'ssl.keystore.password': 'store-secret',
    });
  });

  it.for([
    {
      name: 'a broker that it does not trust',
      listenerName: 'SSL',
      config: () => ({ ...ssl(), 'ssl.truststore.location': fixture('other-ca.pem') }),
      says: /certificate/,
    },
    {
      name: 'a broker whose certificate has another name',
      listenerName: 'MISNAMED',
      config: () => ssl(),
      says: /127\.0\.0\.1.*cert/s,
    },
    {
      name: 'a broker that wants a certificate where it has none',
      listenerName: 'MTLS',
      config: () => ssl(),
      says: /127\.0\.0\.1/,
    },
  ] as const)('fails at once at $name', async ({ listenerName, config, says }) => {
    await using admin = adminFor(listener(listenerName), {
      ...config(),
      'default.api.timeout.ms': '20000',
    });
    const startedAt = Date.now();
    await expect(admin.listTopics()).rejects.toMatchObject({
      errorName: 'SSL_AUTHENTICATION_FAILED',
      isRetriable: false,
      message: expect.stringMatching(says),
    });
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });

  it('takes another name of the broker when ssl.endpoint.identification.algorithm is empty', async () => {
    await roundTrip(listener('MISNAMED'), 'tls-any-name', {
      ...ssl(),
      'ssl.endpoint.identification.algorithm': '',
    });
  });

  it.for([
    { mechanism: 'PLAIN', config: jaas(plainModule) },
    { mechanism: 'SCRAM-SHA-256', config: jaas(scramModule, 'carol', 'carol-secret') },
    { mechanism: 'SCRAM-SHA-512', config: jaas(scramModule, 'carol', 'carol-secret') },
  ])('authenticates by $mechanism, with TLS and without', async ({ mechanism, config }) => {
    const sasl = { 'sasl.mechanism': mechanism, 'sasl.jaas.config': config };
    const topic = `sasl-${mechanism}`;
    await roundTrip(listener('SASL_SSL'), `${topic}-tls`, {
      ...ssl(),
      ...sasl,
      'security.protocol': 'SASL_SSL',
    });
    await roundTrip(listener('SASL_PLAINTEXT'), topic, {
      ...sasl,
      'security.protocol': 'SASL_PLAINTEXT',
    });
  });

  it.for([
    { mechanism: 'PLAIN', config: jaas(plainModule, 'alice', 'wrong-secret') },
    { mechanism: 'SCRAM-SHA-256', config: jaas(scramModule, 'carol', 'wrong-secret') },
    { mechanism: 'SCRAM-SHA-512', config: jaas(scramModule, 'nobody', 'wrong-secret') },
  ])(
    'fails at once for a wrong password by $mechanism, and shows it nowhere',
    async ({ mechanism, config }) => {
      const logger = recordingLogger();
      const sasl = {
        'sasl.mechanism': mechanism,
        'sasl.jaas.config': config,
        'security.protocol': 'SASL_PLAINTEXT',
      };
      await using admin = adminFor(listener('SASL_PLAINTEXT'), sasl, logger);
      const error = await admin.listTopics().then(
        () => null,
        (reason: Error) => reason,
      );
      expect(error).toMatchObject({ errorName: 'SASL_AUTHENTICATION_FAILED', isRetriable: false });
      await using producer = producerFor(listener('SASL_PLAINTEXT'), sasl, logger);
      await expect(sendAll(producer, [record('t', 'a')], outcome())).rejects.toMatchObject({
        errorName: 'SASL_AUTHENTICATION_FAILED',
      });
      await using consumer = consumerFor(listener('SASL_PLAINTEXT'), sasl, logger);
      consumer.subscribe(['t'], quiet);
      await expect(pollUntil(consumer, () => false)).rejects.toMatchObject({
        errorName: 'SASL_AUTHENTICATION_FAILED',
      });
      expect(`${error?.stack} ${JSON.stringify(error)} ${logger.lines}`).not.toContain(
        'wrong-secret',
      );
    },
  );

  it('says who it is anew, over new connections, and nobody notices', async () => {
    const config = {
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config': jaas(scramModule, 'carol', 'carol-secret'),
    };
    const complaints: string[] = [];
    const complain = (message: string): void => void complaints.push(message);
    const logger = { error: complain, warn: complain, info: complain, debug() {} };
    await using producer = producerFor(listener('SASL_PLAINTEXT'), config, logger);
    await using consumer = consumerFor(
      listener('SASL_PLAINTEXT'),
      { ...config, 'group.id': 'reauth' },
      logger,
    );
    consumer.subscribe(['reauth'], quiet);
    const sent: string[] = [];
    const read: string[] = [];
    const startedAt = Date.now();
    // Five lifetimes of a connection.
    while (Date.now() < startedAt + 10_000) {
      const value = String(sent.length);
      const one = outcome();
      await sendAll(producer, [record('reauth', value)], one);
      await producer.flush();
      expect(one.errors).toEqual([]);
      sent.push(value);
      read.push(...valuesOf(await consumer.poll(20)));
    }
    read.push(...(await pollUntil(consumer, ({ length }) => read.length + length >= sent.length)));
    expect(read).toEqual(sent);
    expect(complaints).toEqual([]);
  });
});
