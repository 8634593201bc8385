/** Time as the data path sees it, so that tests need not wait. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `delayMs`, or as soon as `signal` aborts; never rejects. */
  sleep(delayMs: number, options?: { signal?: AbortSignal }): Promise<void>;
  /** Calls `action` after each `intervalMs` until the returned function is called. */
  every(intervalMs: number, action: () => void): () => void;
}

/** Longest delay of a Node timer. */
const maxDelayMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep(delayMs, { signal } = {}) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(delayMs, maxDelayMs));
      signal?.addEventListener('abort', end);
    });
  },
  every(intervalMs, action) {
    const timer = setInterval(action, Math.min(intervalMs, maxDelayMs));
    return () => clearInterval(timer);
  },
};

/** A turn of the event loop: timers and sockets run, which they do not between promises that are already settled. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** `promise`, or `late` when it takes longer than `timeoutMs` or `signal` aborts. The promise itself goes on. */
export async function within<T, L>(
  clock: Clock,
  timeoutMs: number,
  promise: Promise<T>,
  late: () => L,
  signal?: AbortSignal,
): Promise<T | L> {
  const done = new AbortController();
  const limit = signal === undefined ? done.signal : AbortSignal.any([done.signal, signal]);
  const timer = clock.sleep(timeoutMs, { signal: limit }).then(late);
  // The loser of the race may reject after the race is over.
  timer.catch(() => {});
  promise.catch(() => {});
  try {
    return await Promise.race([promise, timer]);
  } finally {
    done.abort();
  }
}
