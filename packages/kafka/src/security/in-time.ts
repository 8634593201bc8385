import { clientError } from '../errors.ts';
import { orAbort } from '../timers.ts';

/** The promise's result, TIMEOUT with `what` when it takes longer, or the signal's reason: what is under way is left alone. */
export async function inTime<T>(
  promise: Promise<T>,
  timeoutMs: number,
  what: string,
  signal?: AbortSignal,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(clientError('TIMEOUT', `${what} in ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await orAbort(Promise.race([promise, timeout]), signal);
  } finally {
    clearTimeout(timer);
  }
}
