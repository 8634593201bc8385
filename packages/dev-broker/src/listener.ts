import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { Broker } from './broker.ts';
import { type Answer, dispatch } from './dispatch.ts';
import { DevBrokerError } from './errors.ts';
import { createFrameReader, FrameError } from './frame-reader.ts';
import type { ListenerConfig } from './security/listener-config.ts';
import { createPlainSession } from './security/plain-session.ts';
import type { TlsOptions } from './security/tls-options.ts';

/** A connection of a client; a socket, or what stands in for one. */
export interface ClientStream extends Duplex {
  readonly remoteAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

/** Hands every connection to `serve` until the listener is closed. */
export type Listen = (
  where: { readonly host: string; readonly port: number },
  serve: (stream: ClientStream) => void,
) => Promise<Listener>;

export interface Listener {
  readonly port: number;
  /** Closes the port and every connection. */
  close(): Promise<void>;
}

/** Accepts connections and serves each one's requests in order, one at a time. */
export async function listen(
  broker: Broker,
  host: string,
  port: number,
  { tls, plainUsers }: Pick<ListenerConfig, 'tls' | 'plainUsers'>,
): Promise<Listener> {
  const sockets = new Set<Socket>();
  const serve = (socket: Socket) => serveConnection(broker, socket, plainUsers);
  const server =
    tls === undefined
      ? createServer({ noDelay: true }, serve)
      : createServerWithTls(broker, tls, serve);
  // With TLS too this is the socket below, also of a handshake that does not end.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await startListening(server, host, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const handshakeTimeoutMs = 30_000;

function createServerWithTls(
  broker: Broker,
  { clientAuth, ...options }: TlsOptions,
  serve: (socket: Socket) => void,
): Server {
  const server = createTlsServer({
    ...options,
    noDelay: true,
    handshakeTimeout: handshakeTimeoutMs,
    requestCert: clientAuth !== 'none',
    rejectUnauthorized: clientAuth === 'required',
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    const hasCertificate = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
    if (hasCertificate && !socket.authorized) {
      const reason = String(socket.authorizationError);
      refused(socket, `the certificate of the client is not trusted (${reason})`);
    } else {
      serve(socket);
    }
  });
  server.on('tlsClientError', (error, socket) => refused(socket, error.message));
  const refused = (socket: Socket, reason: string): void => {
    const from = socket.remoteAddress ?? 'a client that has gone';
    broker.logger.warn(`Closing the connection from /${from}: TLS handshake failed: ${reason}`);
    socket.destroy();
  };
  return server;
}

/** A client that does not read its answers is not served further until it has. */
const maxUnreadAnswerBytes = 8 * 1024 * 1024;
const maxWaitingBytes = 1024 * 1024;

export function serveConnection(
  broker: Broker,
  socket: ClientStream,
  plainUsers: ReadonlyMap<string, string> | undefined,
): void {
  const closed = new AbortController();
  const sasl = plainUsers && createPlainSession(plainUsers);
  const connection = {
    clientHost: `/${socket.remoteAddress ?? ''}`,
    localPort: socket.localPort ?? 0,
    signal: closed.signal,
    sasl,
  };
  const frames = createFrameReader(broker.config['socket.request.max.bytes']);
  let isBusy = false;

  const serveNext = (): void => {
    while (!isBusy && !socket.destroyed && sasl?.status !== 'failed') {
      if (socket.writableLength > maxUnreadAnswerBytes) {
        isBusy = true;
        socket.once('drain', () => {
          isBusy = false;
          serveNext();
        });
        break;
      }
      const frame = frames.next();
      if (frame === undefined) break;
      const answer = dispatch(broker, frame, connection);
      if (answer instanceof Promise) {
        isBusy = true;
        answer.then(
          (late) => {
            isBusy = false;
            send(late);
            guarded(serveNext);
          },
          (error: unknown) => give(error),
        );
      } else {
        send(answer);
      }
    }
    // Reading on while a request waits tells of a client that has gone.
    if (isBusy && frames.available > maxWaitingBytes) socket.pause();
    else socket.resume();
  };
  const send = (answer: Answer): void => {
    if (answer === 'close') socket.destroy();
    else if (answer !== null && !socket.destroyed) socket.write(answer);
    if (sasl?.status === 'failed') {
      broker.logger.warn(
        `Closing the connection from ${connection.clientHost}: authentication failed`,
      );
      socket.end(() => socket.destroy());
    }
  };
  const give = (error: unknown): void => {
    const reason = error instanceof FrameError ? error.message : (error as Error).stack;
    broker.logger.warn(`Closing the connection from ${connection.clientHost}: ${reason}`);
    socket.destroy();
  };
  const guarded = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      give(error);
    }
  };

  socket.on('data', (chunk: Buffer) => {
    guarded(() => {
      frames.push(chunk);
      serveNext();
    });
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => closed.abort());
}

async function startListening(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isInUse = error.code === 'EADDRINUSE';
      reject(
        new DevBrokerError(
          isInUse ? 'TRB_BROKER_PORT_IN_USE' : 'TRB_BROKER_LISTEN',
          isInUse
            ? `Cannot listen on ${host}:${port}: the port is in use; stop what uses it or choose another port`
            : `Cannot listen on ${host}:${port}: ${error.message}; choose another host or port`,
          { cause: error },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}
