import { ConnectError, RetriableError } from '@tributary/sdk';
import type { SinkContext } from './types.ts';

/**
 * Delivers the batch, also an empty one. On a RetriableError the batch stays, to be delivered again, and no partition is consumed until it succeeds.
 * What was put counts as current: it may be committed. Source: Kafka Connect `WorkerSinkTask.deliverMessages`.
 */
export async function put(
  { task, consumer, state, logger }: SinkContext,
  /** Throws what the task was told during this call and must not swallow. */
  checkReports: () => void,
): Promise<void> {
  try {
    // The task may keep or change what it is given; the batch may have to be delivered again.
    await task.put(state.batch.slice());
    checkReports();
  } catch (error) {
    if (!RetriableError.is(error)) {
      throw new ConnectError('Exiting WorkerSinkTask due to unrecoverable exception.', {
        cause: error,
        code: 'TRB_PUT_FAILED',
      });
    }
    logger.warn('put() failed and is given the same records again', error);
    state.isRedelivering = true;
    consumer.pause([...state.assigned.values()]);
    return;
  }
  for (const [key, offset] of state.batchOffsets) {
    const assigned = state.assigned.get(key);
    if (assigned !== undefined) assigned.current = offset;
  }
  state.batch = [];
  state.batchOffsets.clear();
  if (!state.isRedelivering) return;
  state.isRedelivering = false;
  if (state.isPaused) return;
  consumer.resume([...state.assigned.values()].filter(({ isPausedByTask }) => !isPausedByTask));
}
