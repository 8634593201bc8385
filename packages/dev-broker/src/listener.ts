import { createServer, type Server, type Socket } from 'node:net';
import type { Broker } from './broker.ts';
import { type Answer, dispatch } from './dispatch.ts';
import { DevBrokerError } from './errors.ts';
import { createFrameReader, FrameError } from './frame-reader.ts';

export interface Listener {
  readonly port: number;
  /** Closes the port and every connection. */
  close(): Promise<void>;
}

/** Accepts connections and serves each one's requests in order, one at a time. */
export async function listen(broker: Broker, host: string, port: number): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveConnection(broker, socket);
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

/** A client that does not read its answers is not served further until it has. */
const maxUnreadAnswerBytes = 8 * 1024 * 1024;
const maxWaitingBytes = 1024 * 1024;

function serveConnection(broker: Broker, socket: Socket): void {
  const closed = new AbortController();
  const connection = { clientHost: `/${socket.remoteAddress ?? ''}`, signal: closed.signal };
  const frames = createFrameReader(broker.config['socket.request.max.bytes']);
  let isBusy = false;

  const serveNext = (): void => {
    while (!isBusy && !socket.destroyed) {
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
