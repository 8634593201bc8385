import {
  ConnectError,
  type ErrantRecordReporter,
  IllegalWorkerStateError,
  type SinkTaskContext,
  type TopicPartition,
} from '@tributary/sdk';
import { keyOf } from '../partition-key.ts';
import type { Assigned, SinkContext } from './types.ts';

/** What a sink task may ask of its spine. Source: Kafka Connect `WorkerSinkTaskContext`. */
export function createSinkTaskContext(
  { consumer, state, logger }: Pick<SinkContext, 'consumer' | 'state' | 'logger'>,
  configs: Readonly<Record<string, string>>,
  errantRecordReporter: ErrantRecordReporter | null,
): SinkTaskContext {
  const assigned = (partitions: readonly TopicPartition[], verb: string): Assigned[] =>
    partitions.map((each) => {
      const found = state.assigned.get(keyOf(each));
      if (found !== undefined) return found;
      throw new IllegalWorkerStateError(
        `SinkTasks may not ${verb} partitions that are not currently assigned to them.`,
        {
          cause: new ConnectError(
            `No current assignment for partition ${each.topic}-${each.partition}`,
          ),
        },
      );
    });
  return {
    configs,
    errantRecordReporter,
    get assignment() {
      return [...state.assigned.values()].map(({ topic, partition }) => ({ topic, partition }));
    },
    offset(positions) {
      for (const { topic, partition, offset } of positions) {
        state.rewinds.set(keyOf({ topic, partition }), { topic, partition, offset });
      }
    },
    timeout(timeoutMs) {
      state.timeoutMs = timeoutMs;
    },
    pause(partitions) {
      const found = assigned(partitions, 'pause');
      for (const each of found) each.isPausedByTask = true;
      if (!state.isPaused) consumer.pause(found);
    },
    resume(partitions) {
      const found = assigned(partitions, 'resume');
      for (const each of found) each.isPausedByTask = false;
      if (!state.isPaused && !state.isRedelivering) consumer.resume(found);
    },
    requestCommit() {
      if (!state.isCommitRequested) logger.debug('The task requests a commit');
      state.isCommitRequested = true;
      consumer.wakeup();
    },
  };
}
