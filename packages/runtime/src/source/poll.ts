import { RetriableError, type SourceRecord, type SourceTask } from '@tributary/sdk';
import type { Logger } from '../logger.ts';

const none: readonly SourceRecord[] = [];

/**
 * One call of poll. Synchronous where the task is. A retriable error, and any error of a poll that was asked to give up, count as no records;
 * records that a poll still returns after that are records.
 */
export function poll(
  task: SourceTask,
  signal: AbortSignal,
  logger: Logger,
): readonly SourceRecord[] | Promise<readonly SourceRecord[]> {
  try {
    const polled = task.poll(signal);
    if (polled === null || polled === undefined) return none;
    if (Array.isArray(polled)) return polled;
    return (polled as Promise<readonly SourceRecord[] | null>).then(
      (records) => records ?? none,
      (error: unknown) => absorb(error, signal, logger),
    );
  } catch (error) {
    return absorb(error, signal, logger);
  }
}

function absorb(error: unknown, signal: AbortSignal, logger: Logger): readonly SourceRecord[] {
  if (isRetriable(error)) {
    logger.warn('poll() failed and is tried again', error);
    return none;
  }
  if (signal.aborted && (error === signal.reason || isAbort(error))) return none;
  throw error;
}

/** Connect's retriable error, or Kafka's. */
function isRetriable(error: unknown): boolean {
  if (RetriableError.is(error)) return true;
  const { name, isRetriable } = (error ?? {}) as { name?: unknown; isRetriable?: unknown };
  return name === 'KafkaError' && isRetriable === true;
}

function isAbort(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return name === 'AbortError' || code === 'ABORT_ERR';
}
