import { createServer, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { type DevBroker, startDevBroker } from '@tributary/dev-broker';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import {
  adminFor,
  consumerFor,
  outcome,
  producerFor,
  quiet,
  record,
  recordingLogger,
  sendAll,
} from './brokers.ts';
import { startTokenEndpoint, type TokenEndpoint } from './token-endpoint.ts';

const secret = 'hunter2-Marker';
const fixture = (name: string): string => new URL(`fixtures/tls/${name}`, import.meta.url).pathname;
const javaSecurity = 'org.apache.kafka.common.security';
const plain = (options: string): string =>
  `${javaSecurity}.plain.PlainLoginModule required ${options}`;
const scram = `${javaSecurity}.scram.ScramLoginModule required username="u" password="${secret}";`;
const bearer = (options = ''): string =>
  `${javaSecurity}.oauthbearer.OAuthBearerLoginModule required ${options};`;
const sasl = (mechanism: string, jaas: string): Record<string, string> => ({
  'security.protocol': 'SASL_PLAINTEXT',
  'sasl.mechanism': mechanism,
  'sasl.jaas.config': jaas,
});
const ssl = { 'security.protocol': 'SSL', 'ssl.truststore.type': 'PEM' };
const goodPlain = plain(`username="alice" password="${secret}";`);
const pem = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`;
const certificate = `-----BEGIN CERTIFICATE-----\n${secret}\n-----END CERTIFICATE-----`;

/** Every secret key, each in its own wrong way, and text that does not belong where it is. */
const wrongConfigs: Record<string, string>[] = [
  sasl('PLAIN', `${secret}`),
  sasl('PLAIN', plain(`username="alice" password="${secret}"`)),
  sasl('PLAIN', plain(`username="alice" password=${secret}/x;`)),
  sasl('PLAIN', plain(`username="alice" password="ab"${secret}";`)),
  sasl('PLAIN', plain(`username="alice" password=first ${secret};`)),
  sasl('PLAIN', plain(`username="alice" passwort="${secret}";`)),
  sasl('PLAIN', plain(`password="${secret}";`)),
  sasl('PLAIN', `${goodPlain} ${goodPlain}`),
  sasl('PLAIN', `${javaSecurity}.plain.PlainLoginModule ${secret} username="a";`),
  sasl('PLAIN', scram),
  sasl('SCRAM-SHA-256', goodPlain),
  sasl('GSSAPI', goodPlain),
  sasl('OAUTHBEARER', goodPlain),
  sasl('OAUTHBEARER', bearer(`unsecuredLoginNumberClaim_x="${secret}"`)),
  sasl('OAUTHBEARER', bearer(`unsecuredLoginStringClaim_exp="${secret}"`)),
  sasl('AWS_MSK_IAM', goodPlain),
  {
    ...sasl('OAUTHBEARER', bearer(`clientId="c" clientSecret="${secret}"`)),
    'sasl.oauthbearer.token.endpoint.url': `https://c:${secret}@elsewhere/token?key=${secret}`,
  },
  {
    ...sasl('OAUTHBEARER', bearer()),
    'sasl.oauthbearer.client.credentials.client.secret': secret,
    'sasl.oauthbearer.token.endpoint.url': `gopher://${secret}`,
  },
  { ...ssl, 'ssl.truststore.certificates': secret },
  { ...ssl, 'ssl.truststore.certificates': certificate },
  { ...ssl, 'ssl.truststore.type': 'JKS', 'ssl.truststore.certificates': certificate },
  {
    ...ssl,
    'ssl.truststore.type': 'JKS',
    'ssl.truststore.location': fixture('trust.jks'),
    'ssl.truststore.password': secret,
  },
  { ...ssl, 'ssl.keystore.type': 'PEM', 'ssl.keystore.key': pem },
  {
    ...ssl,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.key': pem,
    'ssl.keystore.certificate.chain': certificate,
  },
  {
    ...ssl,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': fixture('client-encrypted.key'),
    'ssl.key.password': secret,
  },
  {
    ...ssl,
    'ssl.keystore.location': fixture('client.p12'),
    'ssl.keystore.password': secret,
  },
  {
    ...ssl,
    'ssl.keystore.location': fixture('client.jks'),
    'ssl.keystore.password': secret,
  },
  { ...ssl, 'ssl.provider': secret },
  { ...ssl, 'ssl.engine.factory.class': secret },
  { 'sasl.login.class': secret },
  { 'config.providers': 'file', 'ssl.key.password': `\${file:/x:${secret}}` },
];

let broker: DevBroker;
let endpoint: TokenEndpoint;
const servers: Server[] = [];

beforeAll(async () => {
  broker = await startDevBroker({
    config: {
      listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
      'sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.sasl_plaintext.plain.sasl.jaas.config': plain('user_alice="another";'),
    },
  });
  endpoint = await startTokenEndpoint();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await broker?.[Symbol.asyncDispose]();
  await endpoint?.[Symbol.asyncDispose]();
  for (const server of servers) server.close();
});
beforeEach(() => {
  vi.stubEnv('TRIBUTARY_OAUTHBEARER_ALLOWED_URLS', endpoint.url);
});

it.for(wrongConfigs)('a config that is refused tells no secret: %o', async (config) => {
  const { told, error } = await everythingToldBy('127.0.0.1:1', config, 300);
  expect(error).toMatchObject({ errorName: expect.stringMatching(/./) });
  expect(told).not.toContain(secret);
});

const connecting: { name: string; config: () => Record<string, string> }[] = [
  { name: 'PLAIN', config: () => sasl('PLAIN', goodPlain) },
  { name: 'SCRAM-SHA-256', config: () => sasl('SCRAM-SHA-256', scram) },
  {
    name: 'OAUTHBEARER with a token of a provider',
    config: () => ({
      ...sasl('OAUTHBEARER', bearer(`clientId="c" clientSecret="${secret}"`)),
      'sasl.oauthbearer.token.endpoint.url': endpoint.url,
    }),
  },
  {
    name: 'a key store',
    config: () => ({
      ...ssl,
      'ssl.truststore.location': fixture('ca.pem'),
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': fixture('client.p12'),
      'ssl.keystore.password': 'store-secret',
    }),
  },
];
const peers: { name: string; start: () => Promise<string> }[] = [
  { name: 'a broker that knows another password', start: async () => broker.bootstrapServers },
  { name: 'nobody', start: async () => '127.0.0.1:1' },
  { name: 'what says back all it hears', start: () => serve((socket) => socket.pipe(socket)) },
  {
    name: 'what speaks another language',
    start: () => serve((socket) => socket.on('data', () => socket.write('HTTP/1.1 400 Bad\r\n'))),
  },
  {
    name: 'what hangs up',
    start: () => serve((socket) => socket.on('data', () => socket.destroy())),
  },
];

it.for(
  connecting.flatMap((one) =>
    peers.map((peer) => ({ ...one, peer: peer.name, start: peer.start })),
  ),
)('a client with $name tells no secret to $peer, nor of it', async ({ config, start }) => {
  const { told } = await everythingToldBy(await start(), config(), 700);
  expect(told).not.toMatch(new RegExp(`${secret}|store-secret|eyJ`));
  expect(told).not.toContain(Buffer.from(`c:${secret}`).toString('base64'));
});

it.each([
  JSON.stringify({ error: 'invalid_client', error_description: `wrong secret ${secret}` }),
  `<html>${secret}</html>`,
  JSON.stringify({ access_token: `a.${secret}.c` }),
  JSON.stringify({ access_token: secret }),
])('a provider that answers %s is not quoted', async (body) => {
  for (const status of [200, 401, 503]) {
    endpoint.respond = (_request, response) => response.writeHead(status).end(body);
    const { told } = await everythingToldBy(
      broker.bootstrapServers,
      {
        ...sasl('OAUTHBEARER', bearer(`clientId="c" clientSecret="${secret}"`)),
        'sasl.oauthbearer.token.endpoint.url': endpoint.url,
        'sasl.login.retry.backoff.max.ms': '50',
      },
      300,
    );
    expect(told).not.toContain(secret);
  }
  endpoint.respond = (_request, _response, token) => token();
});

/** Logs, errors with their causes, and what an inspection of the clients shows, of one call of each client. */
async function everythingToldBy(
  bootstrapServers: string,
  config: Record<string, string>,
  timeoutMs: number,
): Promise<{ told: string; error: unknown }> {
  const logger = recordingLogger();
  const all = {
    'default.api.timeout.ms': String(timeoutMs),
    'request.timeout.ms': String(timeoutMs),
    'max.block.ms': String(timeoutMs),
    'socket.connection.setup.timeout.ms': String(timeoutMs),
    'delivery.timeout.ms': '60000',
    ...config,
  };
  const told: string[] = [];
  const tell = (thing: unknown): void => {
    told.push(inspect(thing, { depth: 12, showHidden: true, maxStringLength: null }));
    if (thing instanceof Error) told.push(`${thing.stack}`, JSON.stringify(thing));
    if (thing instanceof Error && thing.cause !== undefined) tell(thing.cause);
  };
  const attempts = [
    async () => {
      await using admin = adminFor({ bootstrapServers }, all, logger);
      tell(admin);
      await admin.listTopics();
    },
    async () => {
      await using producer = producerFor({ bootstrapServers }, all, logger);
      tell(producer);
      const sent = outcome();
      await sendAll(producer, [record('t', 'x')], sent);
      await producer.flush(AbortSignal.timeout(timeoutMs));
      sent.errors.forEach(tell);
    },
    async () => {
      await using consumer = consumerFor({ bootstrapServers }, all, logger);
      tell(consumer);
      consumer.subscribe(['t'], quiet);
      await consumer.poll(timeoutMs);
    },
  ];
  const errors = await Promise.all(
    attempts.map((attempt) =>
      attempt().then(
        () => null,
        (reason: unknown) => reason,
      ),
    ),
  );
  errors.forEach(tell);
  told.push(...logger.lines);
  return { told: told.join('\n'), error: errors[0] };
}

async function serve(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}
