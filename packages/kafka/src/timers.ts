/** Waiting that ends early when told to. */

/** Longest delay that a timer takes; Java's "for ever" is longer. */
export const longestDelayMs = 2_147_483_647;

export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
      Math.min(delayMs, longestDelayMs),
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Doubles from `firstMs` up to `maxMs`, with a fifth of jitter so that clients do not come in step. */
export function backoffMs(attempt: number, firstMs: number, maxMs: number): number {
  const exact = Math.min(firstMs * 2 ** Math.min(attempt, 30), maxMs);
  return Math.round(exact * (0.8 + Math.random() * 0.4));
}

/** A promise with its ends in hand. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function deferred<T>(): Deferred<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  return { promise, resolve, reject };
}

/** Resolves with the promise, or rejects with the signal's reason if that comes first. */
export function orAbort<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    // Even when nobody waits for it any more its failure must not go unhandled.
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
