import { once } from 'node:events';
import { createServer } from 'node:net';
import { asTyped } from './arguments.ts';
import { ExitError } from './exit-error.ts';

const host = '127.0.0.1';

/** Fails with the line for the user when something listens on the port already; asked before anything is started. */
export async function requireFreePort(what: string, port: number, option: string): Promise<void> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    throw portError(what, port, option, error);
  } finally {
    server.close();
  }
}

/** An error of `listen`, as the line for the user. */
export function portError(what: string, port: number, option: string, error: unknown): ExitError {
  const { code } = error as NodeJS.ErrnoException;
  const found = code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${code})`;
  return new ExitError(
    `port ${port} for ${what} on ${host} ${found}; end what listens there, or choose another port with ${asTyped(`${option} N`)}`,
    { cause: error },
  );
}
