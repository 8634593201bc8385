import { clientError } from './errors.ts';
import { net, tls } from './node-modules.ts';
import type { TlsOptions } from './security/tls.ts';
import { longestDelayMs } from './timers.ts';
import type { ByteStream, ClientDeps } from './types.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A stream that is connected and, with TLS, trusted; every address of the host's name is tried. Rejects with NETWORK, SSL_AUTHENTICATION_FAILED, or the signal's reason. */
export function openSocket(
  { host, port }: Address,
  options: {
    timeoutMs: number;
    signal: AbortSignal;
    tls: TlsOptions | null;
    connect: ClientDeps['connect'];
  },
): Promise<ByteStream> {
  const { timeoutMs, signal, tls: tlsOptions } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const where = { host, port, noDelay: true, keepAlive: true };
    const carrier = options.connect?.({ host, port });
    const socket: ByteStream =
      tlsOptions === null
        ? (carrier ?? net().connect(where))
        : tls().connect({ ...where, ...tlsOptions(host), ...(carrier && { socket: carrier }) });
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
    const cannotConnect = (why: string, cause?: Error): Error => {
      const name = isTlsRefusal(cause) ? 'SSL_AUTHENTICATION_FAILED' : 'NETWORK';
      return clientError(name, `Cannot connect to broker ${host}:${port}: ${why}`, cause);
    };
    const onAbort = (): void => fail(signal.reason as Error);
    const timer = setTimeout(
      () => fail(cannotConnect(`no answer in ${timeoutMs} ms`)),
      Math.min(timeoutMs, longestDelayMs),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', (error) => fail(cannotConnect(messageOf(error), error)));
    socket.once(tlsOptions === null ? 'connect' : 'secureConnect', () => {
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

/** The other side was reached, but one of the two does not accept the other: to try again is of no use. */
export function isTlsRefusal(error: Error | undefined): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && tlsRefusal.test(code);
}

/** Codes of OpenSSL's verification, of Node's own checks and of alerts. */
const tlsRefusal =
  /^(ERR_SSL_|ERR_TLS_CERT|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(VERIFY|GET)_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED)/;
