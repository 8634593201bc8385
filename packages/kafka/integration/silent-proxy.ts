import { connect, createServer, type Socket } from 'node:net';

/** A way to a server on which bytes can get lost without a word. */
export interface SilentProxy extends AsyncDisposable {
  readonly port: number;
  /** What goes in these directions is dropped. A connection that lost bytes carries no more in that direction, also when others do again. */
  drop(directions: { readonly requests: boolean; readonly answers: boolean }): void;
}

export async function startSilentProxy(targetPort: () => number): Promise<SilentProxy> {
  let dropped = { requests: false, answers: false };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(targetPort(), '127.0.0.1');
    forward(client, upstream, () => dropped.requests);
    forward(upstream, client, () => dropped.answers);
    for (const socket of [client, upstream]) sockets.add(socket);
  });
  const forward = (from: Socket, to: Socket, isDropped: () => boolean): void => {
    let isDead = false;
    from.on('data', (chunk) => {
      isDead ||= isDropped();
      if (!isDead && !to.destroyed) to.write(chunk);
    });
    from.on('error', () => from.destroy());
    from.on('close', () => {
      sockets.delete(from);
      // Nobody hears of it while the way is cut.
      if (!isDropped()) to.destroy();
    });
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    drop(directions) {
      dropped = directions;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
