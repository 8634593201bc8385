import { connect, type Socket } from 'node:net';
import { clientError } from './errors.ts';
import { longestDelayMs } from './timers.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A socket that is connected; every address of the host's name is tried. Rejects with NETWORK, or with the signal's reason. */
export function openSocket(
  { host, port }: Address,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<Socket> {
  const { timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    const settle = (): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      signal.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error): void => {
      settle();
      // An error that comes later has nobody to tell.
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const cannotConnect = (why: string, cause?: unknown): Error =>
      clientError('NETWORK', `Cannot connect to broker ${host}:${port}: ${why}`, cause);
    const onAbort = (): void => fail(signal.reason as Error);
    const timer = setTimeout(
      () => fail(cannotConnect(`no answer in ${timeoutMs} ms`)),
      Math.min(timeoutMs, longestDelayMs),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', (error) => fail(cannotConnect(messageOf(error), error)));
    socket.once('connect', () => {
      settle();
      resolve(socket);
    });
  });
}

/** When several addresses failed, Node keeps their errors in a list and says nothing itself. */
function messageOf(error: Error): string {
  const { errors } = error as Partial<AggregateError>;
  if (error.message !== '' || errors === undefined) return error.message;
  return errors.map((each: Error) => each.message).join('; ');
}
