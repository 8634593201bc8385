import { lookup } from 'node:dns/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { TLSSocket } from 'node:tls';
import { ConfigError } from '@tributary/sdk';
import type { ListenerTls } from './listener-tls.ts';

export interface Listener {
  readonly scheme: 'http' | 'https';
  /** Empty: all interfaces. IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface BoundListener {
  readonly server: Server;
  /** Without a slash at its end, with the port that the system chose. */
  readonly url: string;
  /** For the log: what it listens on, where `url` says how it is reached. */
  readonly listensOn: string;
}

export function parseListener(text: string): Listener {
  if (text.trim() === '') throw new ConfigError('Empty URL found when parsing listeners list.');
  const match = /^(\w+):\/\/(\[[^\]]*\]|[^:/]*):(\d+)$/.exec(text.trim());
  const [, protocol = '', host = '', port = ''] = match ?? [];
  if (match === null || Number(port) > 65_535) {
    throw new ConfigError(
      'listeners',
      text,
      "Listener doesn't have the right format (protocol://hostname:port).",
    );
  }
  const scheme = protocol.toLowerCase();
  if (scheme !== 'http' && scheme !== 'https') {
    throw new ConfigError('listeners', text, 'Listener protocol must be either "http" or "https".');
  }
  return { scheme, host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** Bounds of slow and greedy clients: ms until the headers and the whole request are there, bytes of all headers, ms that an idle connection is kept. */
const limits = {
  headersTimeout: 30_000,
  requestTimeout: 120_000,
  maxHeaderSize: 16 * 1024,
  keepAliveTimeout: 30_000,
};

/** Per listener; what comes on top is closed at once. Each may hold one request body in memory. */
const maxConnections = 1024;

/** `tls`: what an https listener speaks; not asked for others. */
export async function bindListener(
  listener: Listener,
  serve: RequestListener,
  tls: () => ListenerTls,
): Promise<BoundListener> {
  const { scheme } = listener;
  const server = scheme === 'http' ? createServer(limits, serve) : createSecureServer(tls(), serve);
  server.maxConnections = maxConnections;
  const { host, port } = listener;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(bindError(listener, cause)));
    server.listen(host === '' ? { port } : { host, port }, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  const name = host === '' ? await findOwnAddress() : host;
  const url = `${scheme}://${showHost(name)}:${bound}`;
  const listensOn = host === '' ? `${scheme}://*:${bound}/ (all interfaces)` : `${url}/`;
  return { server, url, listensOn };
}

function createSecureServer({ context, clientAuth }: ListenerTls, serve: RequestListener): Server {
  const server = createTlsServer(
    {
      ...limits,
      ...context,
      handshakeTimeout: limits.headersTimeout,
      requestCert: clientAuth !== 'none',
      rejectUnauthorized: clientAuth === 'required',
    },
    serve,
  );
  server.on('secureConnection', (socket: TLSSocket) => {
    const hasCertificate = Object.keys(socket.getPeerCertificate()).length > 0;
    if (clientAuth === 'requested' && hasCertificate && !socket.authorized) socket.destroy();
  });
  return server;
}

/** Idle connections end at once, those with a request when it is answered, all of them after `timeoutMs`. */
export async function closeListener(server: Server, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearTimeout(timer);
}

/** How other workers and the worker id name this one: `rest.advertised.*`, else the first listener of that scheme; HTTP is preferred. */
export function advertise(
  config: Readonly<Record<string, string>>,
  urls: readonly string[],
): string {
  const isHttp = (url: string): boolean => url.startsWith('http:');
  const wanted = config['rest.advertised.listener']?.trim().toLowerCase();
  const scheme = wanted || (urls.some(isHttp) ? 'http' : 'https');
  if (scheme !== 'http' && scheme !== 'https') {
    throw new ConfigError('rest.advertised.listener', scheme, 'must be either "http" or "https"');
  }
  const fitting = urls.find((each) => isHttp(each) === (scheme === 'http'));
  const url = new URL(fitting ?? (urls[0] as string));
  const host = config['rest.advertised.host.name']?.trim() || url.hostname;
  const port =
    config['rest.advertised.port']?.trim() || url.port || (scheme === 'http' ? '80' : '443');
  return `${scheme}://${showHost(host)}:${port}`;
}

/** What other machines are told where a listener names no host. Source: Java's `InetAddress.getLocalHost`. */
async function findOwnAddress(): Promise<string> {
  try {
    return (await lookup(hostname())).address;
  } catch {
    return hostname();
  }
}

function showHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function bindError({ host, port }: Listener, cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  const where = `${showHost(host)}:${port}`;
  return code === 'EADDRINUSE'
    ? new ConfigError(
        'listeners',
        where,
        'the port is in use; choose another or end what uses it',
        { cause },
      )
    : new ConfigError('listeners', where, `cannot listen there: ${message}`, { cause });
}
