import { type Clock, turn } from './clock.ts';

/** Longest the event loop is kept busy, so that heartbeats, acknowledgements and the other tasks of the host live. */
const maxBusyMs = 5;
const maxIdleDelayMs = 16;

/** Gives the event loop its turns: awaiting what is already there runs neither timers nor sockets. */
export interface Breather {
  /** A turn of the event loop after an empty answer, and pauses when the task answers at once with nothing, again and again. */
  afterPoll(count: number, signal: AbortSignal): Promise<void> | undefined;
  isDue(): boolean;
  breathe(): Promise<void>;
}

export function createBreather(clock: Clock): Breather {
  let lastMs = clock.now();
  let idleDelayMs = 0;
  const breathe = async (): Promise<void> => {
    await turn();
    lastMs = clock.now();
  };
  const isDue = (): boolean => clock.now() - lastMs >= maxBusyMs;
  return {
    isDue,
    breathe,
    afterPoll(count, signal) {
      if (count > 0) {
        idleDelayMs = 0;
        return isDue() ? breathe() : undefined;
      }
      const hasWaited = clock.now() - lastMs >= maxIdleDelayMs;
      idleDelayMs = hasWaited ? 0 : Math.min(maxIdleDelayMs, Math.max(1, idleDelayMs * 2));
      if (idleDelayMs < 2) return breathe();
      return clock.sleep(idleDelayMs, { signal }).then(() => {
        lastMs = clock.now();
      });
    },
  };
}
