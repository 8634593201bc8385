import { ConnectError, NotFoundError, RetriableError } from '@tributary/sdk';
import { HerderError } from '../herder/errors.ts';
import type { ErrorInfo } from './messages.ts';

/** An error as it crosses to the other process. Anything may have been thrown. (no I/O) */
export function toErrorInfo(error: unknown): ErrorInfo {
  const message = error instanceof Error ? error.message : String(error);
  const { isRetriable, status } = (error ?? {}) as { isRetriable?: unknown; status?: unknown };
  return {
    javaName: javaNameOf(error),
    message,
    trace: traceOf(error),
    isRetriable: isRetriable === true || RetriableError.is(error),
    ...(ConnectError.is(error) ? { code: error.code } : {}),
    ...(error instanceof HerderError && typeof status === 'number' ? { status } : {}),
  };
}

/** The error to throw on this side; `trace` on it is that of the other side. */
export function fromErrorInfo(info: ErrorInfo): Error {
  return Object.assign(errorOf(info), { trace: info.trace, javaName: info.javaName });
}

/** For status traces: `<java name>: <message>`, frames, causes. */
export function traceOf(error: unknown): string {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let current = error; current !== undefined && current !== null && !seen.has(current); ) {
    seen.add(current);
    const { trace } = current as { trace?: unknown };
    const prefix = lines.length === 0 ? '' : 'Caused by: ';
    if (typeof trace === 'string') return [...lines, `${prefix}${trace}`].join('\n');
    lines.push(`${prefix}${headlineOf(current)}`, ...framesOf(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines.join('\n');
}

function errorOf({ javaName, message, status, code }: ErrorInfo): Error {
  if (status !== undefined) {
    return new HerderError(status as HerderError['status'], message, { javaName });
  }
  const options = code === undefined ? {} : { code };
  if (javaName === NotFoundError.javaName) return new NotFoundError(message, options);
  return new ConnectError(message, options);
}

function headlineOf(error: unknown): string {
  return `${javaNameOf(error)}: ${error instanceof Error ? error.message : String(error)}`;
}

function javaNameOf(error: unknown): string {
  const { javaName } = (error ?? {}) as { javaName?: unknown };
  if (typeof javaName === 'string') return javaName;
  return error instanceof Error ? error.name : 'java.lang.RuntimeException';
}

function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => `\t${line.trim()}`);
}
