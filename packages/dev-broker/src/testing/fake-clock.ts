import type { Clock } from '../clock.ts';

/** A clock that stands still until `advance`; timers run in the order of their time. For tests. */
export interface FakeClock extends Clock {
  advance(durationMs: number): void;
}

export function createFakeClock(startMs = 1_700_000_000_000): FakeClock {
  let nowMs = startMs;
  const timers = new Set<{ atMs: number; run: () => void }>();
  return {
    now: () => nowMs,
    after(delayMs, run) {
      const timer = { atMs: nowMs + Math.max(delayMs, 0), run };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    advance(durationMs) {
      const endMs = nowMs + durationMs;
      for (;;) {
        const due = [...timers]
          .filter(({ atMs }) => atMs <= endMs)
          .sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        timers.delete(due);
        nowMs = Math.max(nowMs, due.atMs);
        due.run();
      }
      nowMs = endMs;
    },
  };
}
