import { HerderError } from '@tributary/runtime';
import { AlreadyExistsError, ConfigError, NotFoundError } from '@tributary/sdk';
import type { ErrorMessage } from './entities/error-message.ts';

/** A failure of HTTP itself: no such route, method or media type. Texts as JAX-RS prints them. */
export class HttpError extends Error {
  override readonly name: string = 'HttpError';
  readonly status: number;

  constructor(status: number, message: string = `HTTP ${status} ${reasons[status]}`) {
    super(message);
    this.status = status;
  }
}

const reasons: Record<number, string> = {
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  415: 'Unsupported Media Type',
};

/** Any error -> status and body. (no I/O) */
export function mapError(error: unknown): ErrorMessage {
  return { error_code: statusOf(error), message: messageOf(error) };
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
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? 413 : 500;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
