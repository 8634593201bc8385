import type { IncomingMessage } from 'node:http';
import type { ConnectionOptions } from 'node:tls';
import { clientError } from '../../errors.ts';
import { isTlsRefusal } from '../../socket.ts';

export interface FormRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connectTimeoutMs: number;
  /** From the connection on to the last byte of the answer. */
  readonly readTimeoutMs: number;
  readonly tls: ConnectionOptions;
  readonly signal: AbortSignal | undefined;
}

export type PostForm = (request: FormRequest) => Promise<{ status: number; body: string }>;

/** An answer of a token endpoint is a few KiB. */
const maxBodyBytes = 1024 * 1024;

/** One POST, without proxy and redirects. Rejects with NETWORK, SSL_AUTHENTICATION_FAILED, or the signal's reason; errors name the host and neither query nor body. */
export const postForm: PostForm = async (request) => {
  const { url, headers, body, connectTimeoutMs, readTimeoutMs, tls, signal } = request;
  // Loaded by those who use it only: it costs every other process a few milliseconds.
  const { request: send } =
    url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      settle();
      reject(signal?.reason as Error);
      outgoing.destroy();
    };
    const fail = (why: string, cause?: Error): void => {
      settle();
      outgoing.destroy();
      const name = isTlsRefusal(cause) ? 'SSL_AUTHENTICATION_FAILED' : 'NETWORK';
      reject(clientError(name, `Token endpoint ${url.host}: ${why}`, cause));
    };
    const outgoing = send(url, {
      ...tls,
      method: 'POST',
      agent: false,
      headers: {
        Accept: 'application/json',
        'Cache-Control': 'no-cache',
        'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Length': String(Buffer.byteLength(body)),
        ...headers,
      },
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    let timer = setTimeout(() => fail(`no connection in ${connectTimeoutMs} ms`), connectTimeoutMs);
    outgoing.on('socket', (socket) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer);
        timer = setTimeout(() => fail(`no answer in ${readTimeoutMs} ms`), readTimeoutMs);
      });
    });
    outgoing.on('error', (error) => fail(error.message, error));
    outgoing.on('response', (response) => {
      readBody(response).then(
        (text) => {
          settle();
          resolve({ status: response.statusCode ?? 0, body: text });
        },
        (error: Error) => fail(error.message, error),
      );
    });
    outgoing.end(body);
  });
};

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new Error(`the answer is longer than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
