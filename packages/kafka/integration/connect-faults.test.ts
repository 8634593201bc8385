import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type DevBroker, startDevBroker } from '@tributary/dev-broker';
import { createProducer } from '@tributary/kafka';
import { expect, it, vi } from 'vitest';
import {
  adminFor,
  createTopic,
  recordingLogger,
  silent,
  transactionalProducerFor,
} from './brokers.ts';

const keys = {
  metadata: 3,
  joinGroup: 11,
  createTopics: 19,
  deleteTopics: 20,
  describeCluster: 60,
};
const impatient = { 'retry.backoff.ms': '5', 'retry.backoff.max.ms': '20' };

it('finds the cluster behind dead, unknown and silent bootstrap entries', async () => {
  await using broker = await startDevBroker();
  await using silentServer = await listen(() => {});
  const dead = await unusedPort();
  const logger = recordingLogger();
  const servers = [
    `127.0.0.1:${dead}`,
    'no-such-host.invalid:9092',
    `127.0.0.1:${silentServer.port}`,
    broker.bootstrapServers,
  ].join(',');
  await using admin = adminFor(
    { bootstrapServers: servers },
    { 'socket.connection.setup.timeout.ms': '200' },
    logger,
  );
  expect((await admin.describeCluster()).clusterId).toBe(broker.clusterId);
  const warnings = logger.lines.filter((line) => line.includes('cannot be reached'));
  expect(warnings).toHaveLength(3);
  expect(warnings.join('\n')).toMatch(/no-such-host\.invalid:9092 .*ENOTFOUND/);
});

it('gives up after default.api.timeout.ms with the address that does not answer', async () => {
  await using admin = adminFor(
    { bootstrapServers: 'no-such-host.invalid:9092' },
    { ...impatient, 'default.api.timeout.ms': '300' },
  );
  const startedAt = Date.now();
  await expect(admin.listTopics()).rejects.toMatchObject({
    errorName: 'NETWORK',
    isRetriable: true,
    message: expect.stringContaining('no-such-host.invalid:9092'),
  });
  expect(Date.now() - startedAt).toBeLessThan(3000);
});

it('ends every call at its own bound, though a silent broker is given longer to answer', async () => {
  await using silentServer = await listen(() => {});
  const server = { bootstrapServers: `127.0.0.1:${silentServer.port}` };
  await using admin = adminFor(server, { 'default.api.timeout.ms': '200' });
  await using producer = transactionalProducerFor(server, 'tx', { 'max.block.ms': '200' });
  const startedAt = Date.now();
  const late = { errorName: 'TIMEOUT', message: expect.stringContaining('200 ms') };
  await expect(admin.listTopics()).rejects.toMatchObject(late);
  await expect(producer.initTransactions()).rejects.toMatchObject(late);
  expect(Date.now() - startedAt).toBeLessThan(5000);
});

it.for(['nowhere', 'host:notaport', 'host:70000', ''])(
  'refuses bootstrap.servers "%s"',
  (servers) => {
    expect(() => createProducer({ 'bootstrap.servers': servers }, { logger: silent })).toThrow(
      /bootstrap.servers/,
    );
  },
);

it('ends a call with its signal, though the broker is silent', async () => {
  await using silentServer = await listen(() => {});
  await using admin = adminFor({ bootstrapServers: `127.0.0.1:${silentServer.port}` });
  const startedAt = Date.now();
  await expect(admin.listTopics(AbortSignal.timeout(50))).rejects.toThrow('timeout');
  expect(Date.now() - startedAt).toBeLessThan(1000);
});

it('closes at once while it connects to a host that does not answer', async () => {
  await using silentServer = await listen(() => {});
  const admin = adminFor({ bootstrapServers: `127.0.0.1:${silentServer.port}` });
  const call = admin.listTopics();
  await silentServer.untilConnected();
  await admin.close();
  await expect(call).rejects.toMatchObject({ errorName: 'CLOSED' });
  await silentServer.untilDisconnected();
});

it('closes at once while it waits for a token of a provider', async () => {
  await using broker = await startDevBroker();
  await using provider = await listen(() => {});
  const url = `http://127.0.0.1:${provider.port}/token`;
  vi.stubEnv('TRIBUTARY_OAUTHBEARER_ALLOWED_URLS', url);
  const admin = adminFor(broker, {
    'security.protocol': 'SASL_PLAINTEXT',
    'sasl.mechanism': 'OAUTHBEARER',
    'sasl.jaas.config':
      'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="c" clientSecret="s";',
    'sasl.oauthbearer.token.endpoint.url': url,
  });
  vi.unstubAllEnvs();
  const call = admin.listTopics();
  await provider.untilConnected();
  await admin.close();
  await expect(call).rejects.toMatchObject({ errorName: 'CLOSED' });
  await provider.untilDisconnected();
});

it('tries again when the connection is cut in the middle of an answer', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  let cuts = 0;
  // Passes bytes on; cuts the first answers behind the handshake after ten bytes.
  await using proxy = await listen((client) => {
    const upstream = connect(broker.port, '127.0.0.1');
    client.on('data', (chunk) => upstream.write(chunk));
    let answers = 0;
    upstream.on('data', (chunk) => {
      answers += 1;
      if (answers > 1 && cuts < 3) {
        cuts += 1;
        client.write(chunk.subarray(0, 10), () => client.destroy());
      } else client.write(chunk);
    });
    for (const socket of [client, upstream]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
  });
  await using admin = adminFor({ bootstrapServers: `127.0.0.1:${proxy.port}` }, impatient);
  expect(await admin.listTopics()).toEqual(['t']);
  expect(cuts).toBe(3);
});

it('tries again when bytes come that are no answer', async () => {
  let connections = 0;
  await using garbage = await listen((client) => {
    connections += 1;
    client.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await using admin = adminFor(
    { bootstrapServers: `127.0.0.1:${garbage.port}` },
    { ...impatient, 'reconnect.backoff.ms': '5', 'default.api.timeout.ms': '200' },
  );
  await expect(admin.listTopics()).rejects.toMatchObject({ errorName: 'NETWORK' });
  expect(connections).toBeGreaterThan(1);
});

it('times a request out after request.timeout.ms and names it', async () => {
  await using broker = await startDevBroker();
  await using admin = adminFor(broker, {
    ...impatient,
    'request.timeout.ms': '100',
    'default.api.timeout.ms': '250',
  });
  await admin.listTopics();
  broker.control(keys.metadata, { kind: 'delay', delayMs: 3000 });
  await expect(admin.listTopics()).rejects.toMatchObject({
    errorName: 'TIMEOUT',
    message: `Broker ${broker.bootstrapServers} did not answer a Metadata request in 100 ms`,
  });
});

it('closes an idle connection by itself, quietly, and opens it again when it is needed', async () => {
  await using broker = await startDevBroker();
  const logger = recordingLogger();
  await using admin = adminFor(broker, { 'connections.max.idle.ms': '50' }, logger);
  await admin.describeCluster();
  await new Promise((resolve) => setTimeout(resolve, 150));
  await admin.describeCluster();
  expect(logger.lines).toEqual([]);
});

it('creates a topic once, and says what is wrong with one that cannot be', async () => {
  await using broker = await startDevBroker();
  await using admin = adminFor(broker, impatient);
  const topic = { topic: 't', partitions: 3, replicationFactor: 1 };
  broker.control(keys.createTopics, { kind: 'error', errorCode: 41 }, { times: 2 });
  expect(await admin.createTopic(topic)).toBe(true);
  expect(await admin.createTopic(topic)).toBe(false);
  const described = await admin.describeTopics(['t', 'missing']);
  expect([...described].map(([name, { partitions }]) => [name, partitions.length])).toEqual([
    ['t', 3],
  ]);
  await expect(
    admin.createTopic({ ...topic, topic: 'u', configs: { 'cleanup.policy': 'shred' } }),
  ).rejects.toMatchObject({ errorName: 'INVALID_CONFIG', isRetriable: false });
  await expect(admin.createTopic({ ...topic, topic: 'no spaces' })).rejects.toMatchObject({
    errorName: 'INVALID_TOPIC_EXCEPTION',
  });
});

it('creates and deletes though answers are lost', async () => {
  await using broker = await startDevBroker();
  await using admin = adminFor(broker, impatient);
  broker.control(keys.createTopics, { kind: 'lose-answer' }, { times: 1 });
  await admin.createTopic({ topic: 't', partitions: 1, replicationFactor: 1 });
  expect(await admin.listTopics()).toEqual(['t']);
  broker.control(keys.deleteTopics, { kind: 'lose-answer' }, { times: 1 });
  await admin.deleteTopics(['t']);
  expect(await admin.listTopics()).toEqual([]);
  const startedAt = Date.now();
  await expect(admin.deleteTopics(['t'])).rejects.toMatchObject({
    errorName: 'UNKNOWN_TOPIC_OR_PARTITION',
  });
  expect(Date.now() - startedAt).toBeLessThan(1000);
});

interface TestServer extends AsyncDisposable {
  readonly port: number;
  untilConnected(): Promise<void>;
  untilDisconnected(): Promise<void>;
}

async function listen(onConnection: (socket: Socket) => void): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    untilConnected: () => expect.poll(() => sockets.size).toBe(1),
    untilDisconnected: () => expect.poll(() => sockets.size).toBe(0),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function unusedPort(): Promise<number> {
  const broker: DevBroker = await startDevBroker();
  await broker.close();
  return broker.port;
}
