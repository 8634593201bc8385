import type { Clock } from '../clock.ts';

/** When to look again whether values of config providers have changed: one schedule per connector, and one look at a time. */
export class ConfigReloads {
  readonly #clock: Clock;
  readonly #cancels = new Map<string, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In place of an earlier schedule; `ttlMs` null: no more. What `look` throws is its own business. */
  schedule(connector: string, ttlMs: number | null, look: () => Promise<void>): void {
    this.cancel(connector);
    if (ttlMs === null) return;
    let isLooking = false;
    const cancel = this.#clock.every(ttlMs, () => {
      if (isLooking) return;
      isLooking = true;
      const done = (): void => {
        isLooking = false;
      };
      look().then(done, done);
    });
    this.#cancels.set(connector, cancel);
  }

  cancel(connector: string): void {
    this.#cancels.get(connector)?.();
    this.#cancels.delete(connector);
  }

  close(): void {
    for (const connector of this.#cancels.keys()) this.cancel(connector);
  }
}
