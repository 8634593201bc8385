import { HerderError } from '@tributary/runtime';
import { AlreadyExistsError, ConfigError, NotFoundError } from '@tributary/sdk';
import type { ErrorMessage } from './entities/error-message.ts';

/** A failure of HTTP itself: no such route, method or media type. Texts as JAX-RS prints them. */
export class HttpError extends Error {
  override readonly name: string = 'HttpError';
  readonly status: number;
  /** The message may hold values of the request: the caller knows them, the log must not. */
  readonly quotesRequest: boolean;

  constructor(status: number, message?: string, options: { quotesRequest?: boolean } = {}) {
    super(message ?? `HTTP ${status} ${reasons[status]}`);
    this.status = status;
    this.quotesRequest = options.quotesRequest ?? false;
  }
}

const reasons: Record<number, string> = {
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  415: 'Unsupported Media Type',
};

export const maxBodyBytes = 10 * 1024 ** 2;

/** Any error -> status and body. (no I/O) */
export function mapError(error: unknown): ErrorMessage {
  return { error_code: statusOf(error), message: messageOf(error) };
}

/** May the error be logged? A bad request and a failed validation are told with the config that was sent. */
export function isLoggable(error: unknown): boolean {
  return statusOf(error) !== 400 && !(error instanceof HttpError && error.quotesRequest);
}

/** `<Java class>: <message>`, as Java wraps what another thread threw. */
export function describeAsJava(error: unknown): string {
  const { javaName } = error as { javaName?: unknown };
  const name = typeof javaName === 'string' ? javaName : 'java.lang.RuntimeException';
  return `${name}: ${messageOf(error)}`;
}

function statusOf(error: unknown): number {
  if (error instanceof HttpError || error instanceof HerderError) return error.status;
  if (NotFoundError.is(error)) return 404;
  if (AlreadyExistsError.is(error)) return 409;
  if (ConfigError.is(error)) return 400;
  return isFastifyError(error) ? error.statusCode : 500;
}

/** Bodies that are too large or shorter than announced. */
function isFastifyError(error: unknown): error is { statusCode: number } {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  return String(code).startsWith('FST_ERR_CTP_') && typeof statusCode === 'number';
}

function messageOf(error: unknown): string {
  if ((error as { code?: unknown } | null)?.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return `The request body is larger than ${maxBodyBytes / 1024 ** 2} MiB, the most that is read`;
  }
  return error instanceof Error ? error.message : String(error);
}
