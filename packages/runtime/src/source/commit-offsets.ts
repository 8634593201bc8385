import { ConnectError, type SourceTask } from '@tributary/sdk';
import { type Clock, within } from '../clock.ts';
import type { OffsetEntry } from '../hosts/messages.ts';
import type { Logger } from '../logger.ts';
import type { CommittableOffset, SubmittedRecords } from './submitted-records.ts';
import type { OffsetWriter } from './types.ts';

/** Stores what the ledger gives; one call at a time, later ones wait for it. */
export interface OffsetCommitter {
  /** True when everything acknowledged before the call is stored. Never rejects: what could not be stored is kept for the next call. */
  commit(timeoutMs: number): Promise<boolean>;
}

/** Source: Kafka Connect `SourceTaskOffsetCommitter`, `OffsetStorageWriter`. */
export function createOffsetCommitter(options: {
  ledger: SubmittedRecords;
  offsets: OffsetWriter;
  task: SourceTask;
  clock: Clock;
  logger: Logger;
  /** Ends every wait, and nothing is written any more. */
  cancelled: AbortSignal;
}): OffsetCommitter {
  const { ledger, offsets, task, clock, logger, cancelled } = options;
  let unstored: readonly CommittableOffset[] = [];
  let running: Promise<boolean> | null = null;

  const store = async (timeoutMs: number): Promise<boolean> => {
    if (cancelled.aborted) return false;
    const entries = merge(unstored, ledger.takeCommittable());
    unstored = entries;
    if (entries.length > 0) {
      try {
        await write(entries, timeoutMs);
      } catch (error) {
        logger.error(`Failed to commit offsets of ${entries.length} partition(s)`, error);
        return false;
      }
      unstored = [];
      logger.debug(`Committed offsets of ${entries.length} source partition(s)`);
    }
    await tell(timeoutMs);
    return true;
  };

  const write = async (entries: readonly OffsetEntry[], timeoutMs: number): Promise<void> => {
    const abandoned = new AbortController();
    const signal = AbortSignal.any([abandoned.signal, cancelled]);
    try {
      await within(
        clock,
        timeoutMs,
        offsets.write(entries, signal),
        () => {
          throw new ConnectError(`The offset store did not answer within ${timeoutMs} ms`, {
            code: 'TRB_OFFSET_COMMIT_TIMEOUT',
          });
        },
        cancelled,
      );
    } finally {
      abandoned.abort();
    }
  };

  /** A commit hook that hangs must not keep later commits away. */
  const tell = async (timeoutMs: number): Promise<void> => {
    if (task.commit === undefined) return;
    try {
      const answer = task.commit();
      if (answer === undefined) return;
      await within(
        clock,
        timeoutMs,
        answer,
        () => logger.warn(`task.commit() has not returned within ${timeoutMs} ms`),
        cancelled,
      );
    } catch (error) {
      logger.error('Exception thrown while calling task.commit()', error);
    }
  };

  return {
    async commit(timeoutMs) {
      while (running !== null) await running;
      running = store(timeoutMs);
      try {
        return await running;
      } finally {
        running = null;
      }
    },
  };
}

/** What could not be stored before stays, unless there is something newer. */
function merge(
  older: readonly CommittableOffset[],
  newer: readonly CommittableOffset[],
): readonly CommittableOffset[] {
  if (older.length === 0) return newer;
  if (newer.length === 0) return older;
  const byPartition = new Map(older.map((entry) => [keyOf(entry), entry]));
  for (const entry of newer) byPartition.set(keyOf(entry), entry);
  return [...byPartition.values()];
}

function keyOf({ partition }: CommittableOffset): string {
  const sorted = Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}
