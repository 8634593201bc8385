import type { ConnectionOptions } from 'node:tls';
import { clientError, isKafkaError } from '../../errors.ts';
import { backoffMs, sleep } from '../../timers.ts';
import type { PostForm } from './post-form.ts';

export interface TokenEndpoint {
  readonly url: URL;
  readonly tls: ConnectionOptions;
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly retryBackoffMs: number;
  /** For how long it is tried again. */
  readonly retryBackoffMaxMs: number;
}

export interface TokenForm {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Statuses after which the same request would fail again. Source: Kafka `HttpJwtRetriever`. */
const lastingStatuses = [
  400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 501, 505,
];

/**
 * The token that the endpoint gives for a form. Rejects with NETWORK when it cannot be reached or is in trouble, for longer than `retryBackoffMaxMs`,
 * with SASL_AUTHENTICATION_FAILED when it refuses, and with the signal's reason. `secrets` are taken out of what it says.
 */
export async function requestToken(
  endpoint: TokenEndpoint,
  makeForm: () => TokenForm,
  secrets: readonly string[],
  { post, now }: { readonly post: PostForm; readonly now: () => number },
  signal?: AbortSignal,
): Promise<string> {
  const deadline = now() + endpoint.retryBackoffMaxMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await requestOnce(endpoint, makeForm(), secrets, post, signal);
    } catch (error) {
      if (!isKafkaError(error) || !error.isRetriable) throw error;
      const delayMs = backoffMs(attempt, endpoint.retryBackoffMs, endpoint.retryBackoffMaxMs);
      if (now() + delayMs >= deadline) throw error;
      await sleep(delayMs, signal);
    }
  }
}

async function requestOnce(
  endpoint: TokenEndpoint,
  form: TokenForm,
  secrets: readonly string[],
  post: PostForm,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { url, tls, connectTimeoutMs, readTimeoutMs } = endpoint;
  const { status, body } = await post({
    url,
    tls,
    connectTimeoutMs,
    readTimeoutMs,
    signal,
    ...form,
  });
  const where = `Token endpoint ${url.host}`;
  if (status === 200 || status === 201) return tokenIn(body, where);
  const isLasting = lastingStatuses.includes(status);
  throw clientError(
    isLasting ? 'SASL_AUTHENTICATION_FAILED' : 'NETWORK',
    `${where} answered with status ${status}${reasonIn(body, secrets)}`,
  );
}

function tokenIn(body: string, where: string): string {
  const answer = parse(body);
  for (const name of ['access_token', 'id_token']) {
    const token = answer?.[name];
    if (typeof token === 'string' && token.trim() !== '') return token.trim();
  }
  const what = answer === null ? 'no JSON object' : 'JSON without an access_token';
  throw clientError('SASL_AUTHENTICATION_FAILED', `${where} answered with ${what}`);
}

/** What RFC 6749 section 5.2 lets an endpoint say; anything else in the answer is nobody's business. */
function reasonIn(body: string, secrets: readonly string[]): string {
  const answer = parse(body);
  const said = [answer?.['error'], answer?.['error_description']]
    .concat([answer?.['errorCode'], answer?.['errorSummary']])
    .filter((each): each is string => typeof each === 'string');
  if (said.length === 0) return '';
  let text = said.join(' - ').slice(0, 500);
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '[hidden]');
  return `: ${text}`;
}

function parse(body: string): Record<string, unknown> | null {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' ? (answer as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
