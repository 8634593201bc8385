/**
 * The guarantee that a source spine is given: when records count as delivered, and when their offsets are stored.
 * At-least-once stores offsets beside the records, by time and behind acknowledgements. Exactly-once stores them with the records, in one transaction.
 */
import type { Clock } from '../clock.ts';
import type { OffsetCommitter } from './commit-offsets.ts';

export interface Delivery {
  /** The loop begins. */
  begin(): void;
  /** Behind each answer of `poll`, once its records were handed to the producer. */
  batchDispatched(): void | Promise<void>;
  /** The loop has ended, by a stop or an error: waits for outstanding acknowledgements, then stores what is to be stored. Never rejects. */
  end(): Promise<void>;
}

/** Source: Kafka Connect `WorkerSourceTask`. */
export function deliverAtLeastOnce(options: {
  committer: OffsetCommitter;
  clock: Clock;
  commitIntervalMs: number;
  commitTimeoutMs: number;
  /** Resolves when no record waits for its acknowledgement, or at the latest after `timeoutMs`. */
  settle(timeoutMs: number): Promise<void>;
}): Delivery {
  const { committer, clock, commitIntervalMs, commitTimeoutMs } = options;
  let isCommitting = false;
  let endInterval = (): void => {};

  const commitInBackground = (): void => {
    if (isCommitting) return;
    isCommitting = true;
    void committer.commit(commitTimeoutMs).finally(() => {
      isCommitting = false;
    });
  };

  return {
    begin() {
      endInterval = clock.every(commitIntervalMs, commitInBackground);
    },
    batchDispatched() {},
    async end() {
      endInterval();
      await options.settle(commitTimeoutMs);
      await committer.commit(commitTimeoutMs);
    },
  };
}
