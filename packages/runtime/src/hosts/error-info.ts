import { ConnectError, NotFoundError, RetriableError } from '@tributary/sdk';
import { HerderError } from '../herder/errors.ts';
import { formatTrace, javaNameOf } from '../stages/trace.ts';
import type { ErrorInfo } from './messages.ts';

/** An error as it crosses to the other process. Anything may have been thrown. (no I/O) */
export function toErrorInfo(error: unknown): ErrorInfo {
  const message = error instanceof Error ? error.message : String(error);
  const { isRetriable, status } = (error ?? {}) as { isRetriable?: unknown; status?: unknown };
  return {
    javaName: javaNameOf(error),
    message,
    trace: formatTrace(error),
    isRetriable: isRetriable === true || RetriableError.is(error),
    ...(ConnectError.is(error) ? { code: error.code } : {}),
    ...(error instanceof HerderError && typeof status === 'number' ? { status } : {}),
  };
}

/** The error to throw on this side; `trace` on it is that of the other side. */
export function fromErrorInfo(info: ErrorInfo): Error {
  return Object.assign(errorOf(info), { trace: info.trace, javaName: info.javaName });
}

function errorOf({ javaName, message, status, code }: ErrorInfo): Error {
  if (status !== undefined) {
    return new HerderError(status as HerderError['status'], message, { javaName });
  }
  const options = code === undefined ? {} : { code };
  if (javaName === NotFoundError.javaName) return new NotFoundError(message, options);
  return new ConnectError(message, options);
}
