import { constants } from 'node:os';

/** A terminal and npm both deliver one Ctrl-C; what comes this soon after the first is the same one. */
const sameKeyMs = 500;

/** Aborted by the first SIGINT, SIGTERM or SIGHUP, with its name as reason. A second one ends the process at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstMs = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      firstMs = performance.now();
      controller.abort(signal);
    } else if (performance.now() - firstMs >= sameKeyMs) {
      process.exit(128 + (constants.signals[signal] ?? 0));
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return controller.signal;
}

/** The result of `work`, or null when `signal` is aborted first; `work` is then left to itself. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return Promise.race([work, aborted(signal).then(() => null)]);
}

/** Resolves when `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
