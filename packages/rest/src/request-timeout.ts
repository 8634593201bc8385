import type { Herder } from '@tributary/runtime';
import { HttpError } from './error-mapping.ts';

/** Waits for the herder, at most `timeoutMs`; then a 500 that says what the worker is doing. The call itself goes on. */
export async function withTimeout<T>(
  herder: Herder,
  call: Promise<T>,
  timeoutMs: number,
  options: { end: '.' | '' } = { end: '.' },
): Promise<T> {
  const answer = await waitAtMost(call, timeoutMs);
  if (answer !== timedOut) return answer;
  const stage = await currentStage(herder);
  throw new HttpError(
    500,
    stage === null ? 'Request timed out' : `Request timed out. ${stage}${options.end}`,
  );
}

export const timedOut = Symbol('timed out');

export async function waitAtMost<T>(
  call: Promise<T>,
  timeoutMs: number,
): Promise<T | typeof timedOut> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<typeof timedOut>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, timedOut);
    // The caller's connection keeps the process alive, and when that is cut nobody waits.
    timer.unref();
  });
  try {
    return await Promise.race([call, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** The sentence without its period; null when the herder does not say at once. */
async function currentStage(herder: Herder): Promise<string | null> {
  const health = await waitAtMost(
    herder.health().catch(() => null),
    stageTimeoutMs,
  );
  return health === timedOut ? null : (health?.stage ?? null);
}

const stageTimeoutMs = 100;
