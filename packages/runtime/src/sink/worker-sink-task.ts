/**
 * SPINE of a sink task: consume, convert, transform, put, commit; pause and stop.
 *
 * Only what was put becomes current, and only what is current is offered to `preCommit` and committed. While `put` is at work nothing is consumed;
 * membership of the group is the client's business. Rebalances happen inside the consumer's poll and nowhere else, so a batch never changes while it is put.
 * Source: Kafka Connect `WorkerSinkTask`.
 */
import type { ConsumedRecords, ConsumerRecord, TopicPartition } from '@tributary/kafka';
import type { SinkRecord } from '@tributary/sdk';
import { createBreather } from '../breather.ts';
import type { ConnectorState } from '../herder/herder.ts';
import { keyOf } from '../partition-key.ts';
import { retry, tolerate } from '../stages/tolerance.ts';
import type { Conversion, Report, TolerancePolicy } from '../stages/types.ts';
import type { Spine } from '../worker/run-task.ts';
import type { TaskControl } from '../worker/task-control.ts';
import { createSinkCommitter } from './commit-offsets.ts';
import { createErrantRecords, type ErrantRecords, ReportableRecord } from './errant-records.ts';
import { forgetPartitions, openPartitions, rewind } from './partitions.ts';
import { put } from './put.ts';
import { createSinkTaskContext } from './task-context.ts';
import type { SinkContext, SinkState } from './types.ts';

export interface SinkTaskOptions extends Omit<SinkContext, 'state'> {
  readonly configs: Readonly<Record<string, string>>;
  readonly subscription: readonly string[] | RegExp;
  readonly conversion: Conversion<ConsumerRecord, SinkRecord> & {
    begin(from: ConsumedRecords): void;
  };
  readonly policy: TolerancePolicy;
  readonly report: Report | null;
  /** For reports of records that the task made itself. */
  readonly serialize: Parameters<typeof createErrantRecords>[0]['serialize'];
  readonly control: TaskControl;
  readonly commitIntervalMs: number;
  readonly commitTimeoutMs: number;
  /** Before `start`: makes the dead letter topic. */
  prepare(): Promise<void>;
  setStatus(state: ConnectorState): void;
  topicUsed(topic: string): void;
  /** Names the plugin code at work to whoever watches the host. */
  enter<T>(label: string, call: () => T): T;
  /** Converters, transformations, clients other than the consumer. */
  closeStages(): Promise<void>;
}

/** Records converted at a time. */
const sliceSize = 500;
/** Longest wait before a batch is delivered again when the task has not said how long. */
const redeliveryDelayMs = 1000;
const consumerCloseTimeoutMs = 30_000;

export function createSinkSpine(options: SinkTaskOptions): Spine {
  const { task, consumer, conversion, control, clock, logger, policy, report } = options;
  const state: SinkState = {
    assigned: new Map(),
    rewinds: new Map(),
    batch: [],
    batchOffsets: new Map(),
    isRedelivering: false,
    isPaused: false,
    timeoutMs: -1,
    isCommitRequested: false,
    isTaskStopped: false,
  };
  const context: SinkContext = { ...options, state };
  const errants: ErrantRecords | null =
    report === null
      ? null
      : createErrantRecords({ report, policy, serialize: options.serialize, tolerate });
  const committer = createSinkCommitter(context, {
    untilReported: async (partitions) => errants?.untilReported(partitions),
    signal: control.cancelled,
  });
  const breather = createBreather(clock);
  let nextCommitMs = 0;
  let isStarted = false;

  const rebalance = {
    async onAssigned(partitions: readonly TopicPartition[]) {
      if (!state.isTaskStopped) await openPartitions(context, partitions, control.cancelled);
    },
    async onRevoked(partitions: readonly TopicPartition[]) {
      if (state.isTaskStopped) return;
      await committer.commitAndClose(partitions);
      forgetPartitions(context, partitions);
    },
    async onLost(partitions: readonly TopicPartition[]) {
      if (state.isTaskStopped) return;
      const known = partitions.filter((each) => state.assigned.has(keyOf(each)));
      forgetPartitions(context, partitions);
      if (known.length > 0) await task.close?.(known);
    },
  };

  const run = async (): Promise<void> => {
    nextCommitMs = clock.now() + options.commitIntervalMs;
    while (!control.isStopping) {
      if (control.isPaused !== state.isPaused) followTargetState();
      await commitWhenDue();
      rewind(context);
      const polled = await consume();
      if (control.isStopping) return;
      const isComplete = await convertAll(polled);
      if (!isComplete) return;
      await put(context, checkReports);
      if (breather.isDue()) await breather.breathe();
    }
  };

  const followTargetState = (): void => {
    state.isPaused = control.isPaused;
    const all = [...state.assigned.values()];
    if (state.isPaused) {
      consumer.pause(all);
      state.isCommitRequested = true;
      options.setStatus('PAUSED');
      return;
    }
    if (!state.isRedelivering) {
      consumer.resume(all.filter(({ isPausedByTask }) => !isPausedByTask));
    }
    options.setStatus('RUNNING');
  };

  const commitWhenDue = async (): Promise<void> => {
    const { commitTimeoutMs } = options;
    if (committer.isCommitting && clock.now() >= committer.startedMs + commitTimeoutMs) {
      committer.giveUp(commitTimeoutMs);
    }
    if (committer.isCommitting) return;
    if (!state.isCommitRequested && clock.now() < nextCommitMs) return;
    state.isCommitRequested = false;
    await committer.commit();
    nextCommitMs = clock.now() + options.commitIntervalMs;
  };

  let watched: AbortSignal | null = null;
  const consume = async (): Promise<readonly ConsumedRecords[]> => {
    const { phase } = control;
    if (phase !== watched) {
      watched = phase;
      phase.addEventListener('abort', () => consumer.wakeup(), { once: true });
    }
    let timeoutMs = Math.max(nextCommitMs - clock.now(), 0);
    if (state.timeoutMs > 0) timeoutMs = Math.min(timeoutMs, state.timeoutMs);
    else if (state.isRedelivering) timeoutMs = Math.min(timeoutMs, redeliveryDelayMs);
    state.timeoutMs = -1;
    return consumer.poll(timeoutMs, control.cancelled);
  };

  /** False when the task is stopped at a record that is still being tried: nothing of the batch counts then. */
  const convertAll = async (polled: readonly ConsumedRecords[]): Promise<boolean> => {
    for (const from of polled) {
      const { records, topic } = from;
      conversion.begin(from);
      let next = 0;
      while (next < records.length) {
        const { end, failure } = options.enter('convert', () => convertSlice(from, next));
        next = end;
        if (failure !== null) {
          const isSettled = await recover(
            { from, record: records[next] as ConsumerRecord },
            failure.error,
          );
          if (!isSettled) return false;
          next += 1;
        }
        if (breather.isDue()) await breather.breathe();
      }
      const last = records.at(-1);
      if (last === undefined) continue;
      state.batchOffsets.set(keyOf(from), BigInt(last.offset) + 1n);
      options.topicUsed(topic);
    }
    return true;
  };

  /** Stops in front of a record that fails. */
  const convertSlice = (
    from: ConsumedRecords,
    first: number,
  ): { end: number; failure: { error: unknown } | null } => {
    const { records } = from;
    const end = Math.min(first + sliceSize, records.length);
    for (let i = first; i < end; i += 1) {
      const record = records[i] as ConsumerRecord;
      try {
        const converted = conversion.convert(record);
        if (converted !== null) accept(converted, from, record);
      } catch (error) {
        return { end: i, failure: { error } };
      }
    }
    return { end, failure: null };
  };

  const accept = (converted: SinkRecord, from: ConsumedRecords, record: ConsumerRecord): void => {
    state.batch.push(
      errants === null ? converted : new ReportableRecord(converted, { from, record }),
    );
  };

  const recover = async (
    consumed: { from: ConsumedRecords; record: ConsumerRecord },
    firstError: unknown,
  ): Promise<boolean> => {
    const attempted = await retry(() => conversion.resume(), firstError, {
      policy,
      clock,
      signal: control.stopped,
      stageKey: stageKeyOf,
    });
    if (attempted.outcome === 'stopped') return false;
    if (attempted.outcome === 'done') {
      if (attempted.value !== null) accept(attempted.value, consumed.from, consumed.record);
      return true;
    }
    const { error } = attempted;
    const written = report?.({ ...conversion.failedStage(), error, source: null, consumed });
    if (written !== undefined) {
      errants?.track(consumed.from, written);
      if (!policy.toleratesAll) await written;
    }
    tolerate(error, policy);
    return true;
  };

  const stageKeyOf = (): string => {
    const { stage, className } = conversion.failedStage();
    return `${stage} ${className}`;
  };

  const checkReports = (): void => {
    const failure = errants?.failure ?? null;
    if (failure !== null) throw failure.error;
  };

  const closePartitions = async (): Promise<void> => {
    if (control.isCancelled) return;
    await logFailure(() => committer.commitAndClose([...state.assigned.values()]));
  };

  return {
    async start() {
      await options.prepare();
      consumer.subscribe(options.subscription, rebalance);
      isStarted = true;
      task.initialize?.(createSinkTaskContext(context, options.configs, errants?.reporter ?? null));
      await task.start(options.configs);
    },
    async run() {
      try {
        await run();
      } finally {
        await closePartitions();
      }
    },
    async close() {
      if (isStarted) await logFailure(() => task.stop());
      state.isTaskStopped = true;
      await logFailure(() => consumer.close(control.isCancelled ? 0 : consumerCloseTimeoutMs));
      await logFailure(() => options.closeStages());
    },
    cancel() {
      state.isTaskStopped = true;
      void logFailure(() => consumer.close(0));
    },
  };

  async function logFailure(action: () => void | Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      logger.warn(`Closing task ${options.taskName}: an error is ignored`, error);
    }
  }
}
