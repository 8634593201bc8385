import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { makeCertificates } from '@tributary/testkit';
import {
  apiVersionsApi,
  errorCodes,
  metadataApi,
  saslAuthenticateApi,
  saslHandshakeApi,
} from '@tributary/wire';
import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import { beforeAll, expect, it } from 'vitest';
import { type BrokerLogger, type DevBroker, startDevBroker } from '../src/index.ts';
import { connectRaw } from './raw-client.ts';

let certificates: Awaited<ReturnType<typeof makeCertificates>>;
beforeAll(async () => {
  certificates = await makeCertificates();
});

const password = 'open sesame; "quoted"';
const plainKeys = (listener: string) => ({
  'sasl.enabled.mechanisms': 'PLAIN',
  [`listener.name.${listener}.plain.sasl.jaas.config`]: `org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="open sesame; \\"quoted\\"" user_bob='b';`,
});
const tlsKeys = () => ({
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.certificate.chain': certificates.server.certificate,
  'ssl.keystore.key': certificates.server.key,
});

function recordingLogger(): BrokerLogger & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string): void => void lines.push(message);
  return { lines, error: keep, warn: keep, info: keep, debug: keep };
}

function clientOf(broker: DevBroker, config: Partial<KafkaConfig>): Kafka {
  return new Kafka({
    clientId: 'judge',
    brokers: [broker.bootstrapServers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 1, initialRetryTime: 50 },
    ...config,
  });
}

/** One record out and in again, through a group: every kind of connection that a client makes. */
async function roundTrip(kafka: Kafka): Promise<string> {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: 't', messages: [{ value: 'secret cargo' }] });
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: 'g', maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: 't', fromBeginning: true });
  const value = await new Promise<string>((resolve, reject) => {
    consumer
      .run({ eachMessage: async ({ message }) => resolve(String(message.value)) })
      .catch(reject);
  });
  await consumer.disconnect();
  return value;
}

async function connects(broker: DevBroker, config: Partial<KafkaConfig>): Promise<void> {
  const admin = clientOf(broker, config).admin();
  try {
    await admin.connect();
    await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
}

it('serves TLS and SASL PLAIN on a listener of any name, to kafkajs', async () => {
  const logger = recordingLogger();
  await using broker = await startDevBroker({
    logger,
    config: {
      listeners: 'CLIENTS://localhost:0',
      'listener.security.protocol.map': 'CLIENTS:SASL_SSL,OTHER:PLAINTEXT',
      ...plainKeys('clients'),
      ...tlsKeys(),
      'ssl.truststore.password': 'password-of-the-store',
    },
  });
  expect(broker.bootstrapServers).toBe(`localhost:${broker.port}`);
  const ssl = { ca: [certificates.authority] };
  const as = (mechanism: 'plain' | 'scram-sha-256', given = password) => {
    return { mechanism, username: 'alice', password: given } as SASLOptions;
  };
  const sasl = as('plain');
  expect(await roundTrip(clientOf(broker, { ssl, sasl }))).toBe('secret cargo');
  await expect(connects(broker, { ssl, sasl: as('plain', 'guessed-password') })).rejects.toThrow(
    'Authentication failed: Invalid username or password',
  );
  await expect(connects(broker, { ssl, sasl: as('scram-sha-256') })).rejects.toThrow(
    /does not support the requested SASL mechanism/,
  );
  // A client that trusts others, and one without TLS.
  await expect(
    connects(broker, { ssl: { ca: [certificates.stranger.certificate] }, sasl }),
  ).rejects.toThrow(/certificate/);
  using plain = await connectRaw(broker.port);
  await expect(plain.send(apiVersionsApi, 0, {})).rejects.toThrow(/closed/);
  const log = logger.lines.join('\n');
  expect(log).toMatch(
    /^Closing the connection from \/(127\.0\.0\.1|::1|::ffff:127\.0\.0\.1): authentication failed$/m,
  );
  expect(log).toMatch(/TLS handshake failed/);
  expect(log).toMatch(/The broker key "ssl.truststore.password" has no effect/);
  expect(log).not.toMatch(/sesame|guessed-password|PRIVATE KEY|password-of-the-store/);
});

it('answers a wrong password and a wrong mechanism with their errors, then closes the connection; before authentication it serves nothing', async () => {
  await using broker = await startDevBroker({
    config: { listeners: 'SASL_PLAINTEXT://:0', ...plainKeys('sasl_plaintext') },
  });
  const token = (text: string) => ({ authBytes: Buffer.from(text) });
  {
    using client = await connectRaw(broker.port);
    const offered = await client.send(apiVersionsApi, 3, {
      clientSoftwareName: 'x',
      clientSoftwareVersion: '1',
    });
    expect(offered.apiKeys.map(({ apiKey }) => apiKey)).toEqual(expect.arrayContaining([17, 36]));
    const chosen = await client.send(saslHandshakeApi, 1, { mechanism: 'PLAIN' });
    expect(chosen).toEqual({ errorCode: errorCodes.NONE, mechanisms: ['PLAIN'] });
    const closed = new Promise((resolve) => client.socket.once('close', resolve));
    expect(await client.send(saslAuthenticateApi, 2, token('\0alice\0wrong'))).toMatchObject({
      errorCode: errorCodes.SASL_AUTHENTICATION_FAILED,
      errorMessage: 'Authentication failed: Invalid username or password',
    });
    await closed;
  }
  {
    using client = await connectRaw(broker.port);
    const closed = new Promise((resolve) => client.socket.once('close', resolve));
    expect(await client.send(saslHandshakeApi, 1, { mechanism: 'SCRAM-SHA-512' })).toEqual({
      errorCode: errorCodes.UNSUPPORTED_SASL_MECHANISM,
      mechanisms: ['PLAIN'],
    });
    await closed;
  }
  {
    using client = await connectRaw(broker.port);
    await expect(client.send(metadataApi, 9, { topics: null })).rejects.toThrow(/closed/);
  }
  {
    // A token without a mechanism, and requests behind a wrong token.
    using client = await connectRaw(broker.port);
    await expect(client.send(saslAuthenticateApi, 2, token('\0bob\0b'))).rejects.toThrow(/closed/);
    using pipelining = await connectRaw(broker.port);
    const answers = await Promise.allSettled([
      pipelining.send(saslHandshakeApi, 1, { mechanism: 'PLAIN' }),
      pipelining.send(saslAuthenticateApi, 2, token('\0bob\0no')),
      pipelining.send(metadataApi, 9, { topics: null }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  }
  using client = await connectRaw(broker.port);
  await client.send(saslHandshakeApi, 1, { mechanism: 'PLAIN' });
  expect((await client.send(saslAuthenticateApi, 0, token('bob\0bob\0b'))).errorCode).toBe(0);
  expect((await client.send(metadataApi, 9, { topics: null })).brokers).toHaveLength(1);
  // Kafka refuses to authenticate twice where sessions do not end.
  expect((await client.send(saslHandshakeApi, 1, { mechanism: 'PLAIN' })).errorCode).toBe(
    errorCodes.ILLEGAL_SASL_STATE,
  );
});

it('answers SASL on a listener without it with ILLEGAL_SASL_STATE', async () => {
  await using broker = await startDevBroker();
  using client = await connectRaw(broker.port);
  expect(await client.send(saslHandshakeApi, 1, { mechanism: 'PLAIN' })).toEqual({
    errorCode: errorCodes.ILLEGAL_SASL_STATE,
    mechanisms: [],
  });
});

it('asks for the certificate of the client as ssl.client.auth says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-stores-'));
  try {
    const { server, client, stranger, authority } = certificates;
    await writeFile(join(folder, 'keystore.pem'), server.key + server.certificate);
    const startWith = (clientAuth: string) =>
      startDevBroker({
        config: {
          listeners: 'SSL://localhost:0',
          'ssl.client.auth': clientAuth,
          'ssl.keystore.type': 'PEM',
          'listener.name.ssl.ssl.keystore.location': join(folder, 'keystore.pem'),
          'ssl.truststore.type': 'PEM',
          // As a properties file without line breaks has it.
          'ssl.truststore.certificates': authority.replaceAll('\n', ' '),
        },
      });
    const own = { ca: [authority] };
    const as = (pair: typeof client): ConnectionOptions => {
      return { ...own, key: pair.key, cert: pair.certificate };
    };
    await using required = await startWith('required');
    expect(await roundTrip(clientOf(required, { ssl: as(client) }))).toBe('secret cargo');
    await expect(connects(required, { ssl: own })).rejects.toThrow();
    await expect(connects(required, { ssl: as(stranger) })).rejects.toThrow();
    await using requested = await startWith('requested');
    await connects(requested, { ssl: own });
    await connects(requested, { ssl: as(client) });
    await expect(connects(requested, { ssl: as(stranger) })).rejects.toThrow();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('names the key that is wrong, and no secret', async () => {
  const start = async (config: Record<string, string>): Promise<string> => {
    try {
      await using _ = await startDevBroker({ config });
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const sasl = { listeners: 'SASL_PLAINTEXT://:0', ...plainKeys('sasl_plaintext') };
  const jaas = 'listener.name.sasl_plaintext.plain.sasl.jaas.config';
  const messages = [
    await start({ listeners: 'A://:0,B://:0' }),
    await start({ listeners: '127.0.0.1:9092' }),
    await start({ listeners: 'A://:0' }),
    await start({ ...sasl, 'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256' }),
    await start({ ...sasl, [jaas]: 'PlainLoginModule user_alice="hidden"' }),
    await start({ listeners: 'SSL://:0', ...tlsKeys(), 'ssl.keystore.type': 'JKS' }),
    await start({
      listeners: 'SSL://:0',
      ...tlsKeys(),
      'ssl.keystore.key': certificates.client.key,
    }),
  ];
  expect(messages).toEqual([
    expect.stringMatching(/key "listeners" has several listeners/),
    expect.stringMatching(/key "listeners" is "127.0.0.1:9092"; it must be NAME:\/\/HOST:PORT/),
    expect.stringMatching(/key "listener.security.protocol.map" gives listener "A" no known/),
    expect.stringMatching(/key "sasl.enabled.mechanisms" is "PLAIN,SCRAM-SHA-256"; .* PLAIN only/),
    expect.stringMatching(/key "listener\.name.*jaas\.config" must be/),
    expect.stringMatching(/"ssl.keystore.type" is "JKS".*openssl pkcs12/),
    expect.stringMatching(/key store or trust store cannot be read/),
  ]);
  expect(messages.join('\n')).not.toMatch(/hidden|sesame|BEGIN/);
});
