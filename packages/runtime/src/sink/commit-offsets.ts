import type { TopicPartition, TopicPartitionOffset } from '@tributary/kafka';
import { keyOf } from '../partition-key.ts';
import type { Assigned, SinkContext } from './types.ts';

/** Commits of one sink task: at most one counts as under way, answers to older ones are ignored. */
export interface SinkCommitter {
  readonly isCommitting: boolean;
  /** While running: asks the task what is safe, then commits without waiting for the answer. */
  commit(): Promise<void>;
  /** Partitions leave: asks the task, closes them, commits and waits for the answer. A failed commit is logged: the records come again. */
  commitAndClose(partitions: readonly TopicPartition[]): Promise<void>;
  /** The commit under way counts as failed from now on. */
  giveUp(timeoutMs: number): void;
  readonly startedMs: number;
}

/** Source: Kafka Connect `WorkerSinkTask.commitOffsets`. */
export function createSinkCommitter(
  context: SinkContext,
  options: {
    /** Resolves when reports of failed records of these partitions are written. */
    untilReported(partitions: readonly TopicPartition[]): Promise<void>;
    signal: AbortSignal;
  },
): SinkCommitter {
  const { task, consumer, state, clock, logger, taskName } = context;
  let sequence = 0;
  let isCommitting = false;
  let startedMs = 0;

  const preCommit = async (offsets: TopicPartitionOffset[]) => {
    if (task.preCommit !== undefined) return await task.preCommit(offsets.map(copy));
    await task.flush?.(offsets.map(copy));
    return offsets;
  };

  /** What the task returned, as far as it may be committed and is news. */
  const committable = (
    returned: readonly TopicPartitionOffset[],
    asked: readonly Assigned[],
  ): TopicPartitionOffset[] => {
    const allowed = new Set(asked);
    const offsets: TopicPartitionOffset[] = [];
    for (const { topic, partition, offset } of returned) {
      const assigned = state.assigned.get(keyOf({ topic, partition }));
      const what = `${topic}-${partition} at ${offset}`;
      if (assigned === undefined) {
        logger.warn(`${taskName} ignores the offset to commit of ${what}: not assigned`);
      } else if (!allowed.has(assigned)) {
        logger.warn(`${taskName} ignores the offset to commit of ${what}: not asked for`);
      } else if (offset > assigned.current) {
        logger.warn(
          `${taskName} ignores the offset to commit of ${what}: beyond the consumed ${assigned.current}`,
        );
      } else if (offset !== assigned.lastCommitted) {
        offsets.push({ topic, partition, offset });
      }
    }
    return offsets;
  };

  const settle = (offsets: readonly TopicPartitionOffset[]): void => {
    for (const offset of offsets) {
      const assigned = state.assigned.get(keyOf(offset));
      if (assigned !== undefined) assigned.lastCommitted = offset.offset;
    }
  };

  /** The task could not make durable what it was given: it is given everything since the last commit again. */
  const rewindAll = (): void => {
    for (const assigned of state.assigned.values()) {
      const { topic, partition, lastCommitted } = assigned;
      consumer.seek({ topic, partition }, lastCommitted);
      assigned.current = lastCommitted;
    }
    state.batch = [];
    state.batchOffsets.clear();
  };

  const sendCommit = (offsets: TopicPartitionOffset[], own: number): void => {
    consumer.commit(offsets, options.signal).then(
      () => {
        if (own !== sequence) return;
        settle(offsets);
        isCommitting = false;
      },
      (error: unknown) => {
        if (own !== sequence) {
          logger.debug('A commit failed that a newer one has replaced');
          return;
        }
        logger.error(
          `${taskName} failed to commit offsets; they are committed with the next`,
          error,
        );
        isCommitting = false;
      },
    );
  };

  return {
    get isCommitting() {
      return isCommitting;
    },
    get startedMs() {
      return startedMs;
    },
    giveUp(timeoutMs) {
      isCommitting = false;
      logger.warn(
        `${taskName}: the commit of offsets has not been answered within ${timeoutMs} ms`,
      );
    },
    async commit() {
      const asked = [...state.assigned.values()];
      await options.untilReported(asked);
      if (asked.length === 0) return;
      sequence += 1;
      startedMs = clock.now();
      let returned: readonly TopicPartitionOffset[];
      try {
        returned = await preCommit(asked.map(offsetOf));
      } catch (error) {
        logger.error(
          `${taskName}: preCommit() failed; records since the last commit are delivered again`,
          error,
        );
        rewindAll();
        return;
      }
      const offsets = committable(required(returned), asked);
      if (offsets.length === 0) return;
      isCommitting = true;
      sendCommit(offsets, sequence);
    },
    async commitAndClose(partitions) {
      const asked = partitions.flatMap((each) => state.assigned.get(keyOf(each)) ?? []);
      if (asked.length === 0) return;
      sequence += 1;
      isCommitting = false;
      let returned: readonly TopicPartitionOffset[] = [];
      try {
        await options.untilReported(asked);
        returned = required(await preCommit(asked.map(offsetOf)));
      } catch (error) {
        logger.error(`${taskName}: nothing is committed for partitions that are closed`, error);
      } finally {
        await task.close?.(asked.map(({ topic, partition }) => ({ topic, partition })));
      }
      const offsets = committable(returned, asked);
      if (offsets.length === 0) return;
      try {
        await consumer.commit(offsets, options.signal);
        settle(offsets);
      } catch (error) {
        logger.error(
          `${taskName} failed to commit offsets of partitions that it gives back`,
          error,
        );
      }
    },
  };
}

function required(
  returned: readonly TopicPartitionOffset[] | null | undefined,
): readonly TopicPartitionOffset[] {
  if (returned === null || returned === undefined) {
    throw new TypeError('preCommit() returned null; return an empty array to commit nothing');
  }
  return returned;
}

function offsetOf({ topic, partition, current }: Assigned): TopicPartitionOffset {
  return { topic, partition, offset: current };
}

function copy(offset: TopicPartitionOffset): TopicPartitionOffset {
  return { ...offset };
}
