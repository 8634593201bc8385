import { readFile } from 'node:fs/promises';
import { createServer, type TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { adminFor } from './brokers.ts';

const fixture = (name: string): string => new URL(`fixtures/tls/${name}`, import.meta.url).pathname;

interface Handshake {
  /** SNI; false when there was none. */
  readonly name: string | false;
  readonly cipher: string;
  readonly version: string | null;
}

/** What a client shows of itself in the handshake, to a server that says nothing. */
async function handshakeOf(
  host: string,
  config: Record<string, string> = {},
  server: { maxVersion?: 'TLSv1.2' } = {},
): Promise<Handshake> {
  const { promise, resolve } = Promise.withResolvers<Handshake>();
  const listener = createServer(
    {
      key: await readFile(fixture('server.key')),
      cert: await readFile(fixture('server.pem')),
      ...server,
    },
    (socket: TLSSocket) => {
      resolve({
        name: socket.servername || false,
        cipher: socket.getCipher().standardName,
        version: socket.getProtocol(),
      });
      socket.destroy();
    },
  );
  listener.on('tlsClientError', () => {});
  await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening));
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await using admin = adminFor(
    { bootstrapServers: `${host}:${port}` },
    {
      'security.protocol': 'SSL',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': fixture('ca.pem'),
      ...config,
    },
  );
  const called = admin.listTopics(AbortSignal.timeout(10_000)).then(
    () => Promise.reject(new Error('a server that says nothing was understood')),
    (reason: Error) => reason,
  );
  try {
    const reason = called.then((error) => Promise.reject(error));
    return await Promise.race([promise, reason]);
  } finally {
    listener.close();
  }
}

it('names the host that it wants to the server, where it has a name', async () => {
  expect(await handshakeOf('localhost')).toMatchObject({ name: 'localhost' });
  expect(await handshakeOf('127.0.0.1')).toMatchObject({ name: false });
});

it('speaks the newest version that ssl.protocol and ssl.enabled.protocols allow', async () => {
  expect(await handshakeOf('localhost')).toMatchObject({ version: 'TLSv1.3' });
  const older = await handshakeOf('localhost', { 'ssl.protocol': 'TLSv1.2' });
  expect(older).toMatchObject({ version: 'TLSv1.2' });
  const enabled = await handshakeOf('localhost', { 'ssl.enabled.protocols': 'TLSv1.2' });
  expect(enabled).toMatchObject({ version: 'TLSv1.2' });
});

it.each([
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
])('uses ssl.cipher.suites=%s alone', async (suite) => {
  const { cipher } = await handshakeOf('localhost', { 'ssl.cipher.suites': suite });
  expect(cipher).toBe(suite);
});

it('fails at once where the server knows none of ssl.cipher.suites', async () => {
  const config = { 'ssl.cipher.suites': 'TLS_AES_128_GCM_SHA256' };
  await expect(handshakeOf('localhost', config, { maxVersion: 'TLSv1.2' })).rejects.toMatchObject({
    errorName: 'SSL_AUTHENTICATION_FAILED',
    isRetriable: false,
  });
});
