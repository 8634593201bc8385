/** Time as the broker sees it; tests pass their own. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  after(delayMs: number, run: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    // A larger delay would overflow and fire at once.
    const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), 2 ** 31 - 1));
    return { cancel: () => clearTimeout(timer) };
  },
};
