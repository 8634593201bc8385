/**
 * SPINE of a source task: poll, transform, convert, dispatch, commit; pause and stop.
 *
 * Records go in slices of a batch, in order, so that nothing waits for the end of a long batch. No poll while records of the last one are unsent.
 * At a record that fails, the slice is cut: what is older is handed to the producer first, then the record is tried again, dropped, or fails the task; and
 * when it fails the task, what is older is acknowledged and its offsets are stored before the task ends. Offsets move only behind acknowledgements.
 * Source: Kafka Connect `AbstractWorkerSourceTask`, `WorkerSourceTask`.
 */
import type { KafkaError } from '@tributary/kafka';
import { ConnectError, type SourceRecord, type SourceTaskContext } from '@tributary/sdk';
import { createBreather } from '../breather.ts';
import { within } from '../clock.ts';
import type { ConnectorState } from '../herder/herder.ts';
import { checkTimestamp } from '../stages/convert.ts';
import { retry, tolerate } from '../stages/tolerance.ts';
import type { Spine } from '../worker/run-task.ts';
import type { TaskControl } from '../worker/task-control.ts';
import { createOffsetCommitter } from './commit-offsets.ts';
import { createTopics, newTopics } from './create-topic.ts';
import { type Delivery, deliverAtLeastOnce } from './delivery.ts';
import { dispatch } from './dispatch.ts';
import { poll } from './poll.ts';
import { SubmittedRecords } from './submitted-records.ts';
import type { Converted, OffsetWriter, SourceContext } from './types.ts';

export interface SourceTaskOptions extends Omit<SourceContext, 'ledger' | 'onRefused'> {
  readonly taskContext: SourceTaskContext;
  readonly control: TaskControl;
  readonly offsets: OffsetWriter;
  readonly commitIntervalMs: number;
  readonly commitTimeoutMs: number;
  setStatus(state: ConnectorState): void;
  /** Names the plugin code at work to whoever watches the host. */
  enter<T>(label: string, call: () => T): T;
  /** Converters, transformations, clients other than the producer. */
  closeStages(): Promise<void>;
}

/** Records converted and sent at a time. */
const sliceSize = 500;
const producerCloseTimeoutMs = 30_000;

export function createSourceSpine(options: SourceTaskOptions): Spine {
  const { task, conversion, producer, control, clock, logger, policy, report } = options;
  const ledger = new SubmittedRecords();
  let refused: KafkaError | null = null;
  const context: SourceContext = {
    ...options,
    ledger,
    onRefused(error) {
      refused ??= error;
      // A poll that waits for data would keep the failure from showing.
      control.interrupt();
    },
  };
  const committer = createOffsetCommitter({
    ledger,
    offsets: options.offsets,
    task,
    clock,
    logger,
    cancelled: control.cancelled,
  });
  const delivery = deliverAtLeastOnce({
    committer,
    clock,
    commitIntervalMs: options.commitIntervalMs,
    commitTimeoutMs: options.commitTimeoutMs,
    settle: (timeoutMs) => settle(context, control, timeoutMs),
  });
  const breather = createBreather(clock);
  let isStarted = false;

  const run = async (): Promise<void> => {
    while (!control.isStopping) {
      if (control.isPaused) {
        options.setStatus('PAUSED');
        await control.untilResumed();
        if (control.isStopping) break;
        options.setStatus('RUNNING');
      }
      checkRefused();
      const polled = poll(task, control.phase, logger);
      const isWaiting = polled instanceof Promise;
      const records = isWaiting ? await polled : polled;
      if (records.length > 0) await sendAll(records);
      const dispatched = delivery.batchDispatched();
      if (dispatched !== undefined) await dispatched;
      await breather.afterPoll(records.length, control.phase);
    }
  };

  const sendAll = async (records: readonly SourceRecord[]): Promise<void> => {
    let next = 0;
    while (next < records.length && !control.isStopping) {
      checkRefused();
      const converted: Converted = { produced: [], sources: [] };
      const { end, failure } = options.enter('convert', () =>
        convertSlice(records, next, converted),
      );
      next = end;
      const sent = send(converted);
      if (sent !== undefined) await sent;
      if (control.isStopping) return;
      if (failure !== null) {
        checkRefused();
        await recover(records[next] as SourceRecord, failure.error);
        next += 1;
      }
      if (breather.isDue()) await breather.breathe();
    }
  };

  /** Stops in front of a record that fails. */
  const convertSlice = (
    records: readonly SourceRecord[],
    first: number,
    { produced, sources }: Converted,
  ): { end: number; failure: { error: unknown } | null } => {
    const end = Math.min(first + sliceSize, records.length);
    for (let i = first; i < end; i += 1) {
      const record = records[i] as SourceRecord;
      try {
        const result = conversion.convert(record);
        if (result === null) {
          commitDropped(record);
          continue;
        }
        produced.push(result);
        sources.push(record);
      } catch (error) {
        return { end: i, failure: { error } };
      }
    }
    return { end, failure: null };
  };

  const send = (converted: Converted): void | Promise<void> => {
    const { produced } = converted;
    if (produced.length === 0) return;
    const badTime = produced.findIndex(({ timestamp }) => timestamp !== null && timestamp < 0);
    if (badTime >= 0) return sendCheckingTimes(converted, badTime);
    const { topics } = options;
    const missing = topics === null ? null : newTopics(produced, topics.known);
    if (topics === null || missing === null) return dispatch(converted, context, control.stopped);
    return sendToNewTopics(converted, missing, topics);
  };

  const sendToNewTopics = async (
    converted: Converted,
    missing: Set<string>,
    topics: NonNullable<SourceContext['topics']>,
  ): Promise<void> => {
    const signal = control.stopped;
    await createTopics(missing, topics, { clock, logger, signal });
    if (!signal.aborted) await dispatch(converted, context, signal);
  };

  /** A negative time is none when it is -1, else an error; what is older is sent before it shows. */
  const sendCheckingTimes = async (
    { produced, sources }: Converted,
    from: number,
  ): Promise<void> => {
    for (let i = from; i < produced.length; i += 1) {
      const record = produced[i] as Converted['produced'][number];
      try {
        produced[i] = { ...record, timestamp: checkTimestamp(record.timestamp) };
      } catch (error) {
        await send({ produced: produced.slice(0, i), sources: sources.slice(0, i) });
        throw error;
      }
    }
    await send({ produced, sources });
  };

  /** Everything older is with the producer. Sends the record after all, drops it, or throws. */
  const recover = async (record: SourceRecord, firstError: unknown): Promise<void> => {
    const attempted = await retry(() => conversion.resume(), firstError, {
      policy,
      clock,
      signal: control.stopped,
      stageKey: stageKeyOf,
    });
    if (attempted.outcome === 'stopped') return;
    if (attempted.outcome === 'failed') {
      const { error } = attempted;
      await report?.({ ...conversion.failedStage(), error, source: record, consumed: null });
      tolerate(error, policy);
      commitDropped(record);
    } else if (attempted.value === null) {
      commitDropped(record);
    } else {
      await send({ produced: [attempted.value], sources: [record] });
    }
  };

  const stageKeyOf = (): string => {
    const { stage, className } = conversion.failedStage();
    return `${stage} ${className}`;
  };

  const commitDropped = (record: SourceRecord): void => {
    if (task.commitRecord === undefined) return;
    try {
      task.commitRecord(record, null);
    } catch (error) {
      logger.error('Exception thrown while calling task.commitRecord()', error);
    }
  };

  const checkRefused = (): void => {
    if (refused === null) return;
    throw new ConnectError('Unrecoverable exception from producer send callback', {
      cause: refused,
      code: 'TRB_RECORD_REFUSED',
    });
  };

  return {
    async start() {
      isStarted = true;
      task.initialize?.(options.taskContext);
      await task.start(options.taskContext.configs);
    },
    run: () => runWithin(delivery, run),
    async close() {
      if (isStarted) await logFailure(() => task.stop());
      const timeoutMs = control.isCancelled ? 0 : producerCloseTimeoutMs;
      await logFailure(() => producer.close(timeoutMs));
      await logFailure(() => options.closeStages());
    },
    cancel() {
      void logFailure(() => producer.close(0));
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

/** The last commit comes after the loop, however it ended. */
async function runWithin(delivery: Delivery, run: () => Promise<void>): Promise<void> {
  delivery.begin();
  try {
    await run();
  } finally {
    await delivery.end();
  }
}

async function settle(
  { ledger, producer, clock, logger }: SourceContext,
  control: TaskControl,
  timeoutMs: number,
): Promise<void> {
  if (ledger.isSettled) return;
  const late = new AbortController();
  const signal = AbortSignal.any([late.signal, control.cancelled]);
  try {
    await within(clock, timeoutMs, producer.flush(signal), () => late.abort(), control.cancelled);
  } catch (error) {
    logger.warn('Waiting for outstanding acknowledgements failed', error);
  }
  if (!ledger.isSettled) logger.error('Records are left that Kafka has not acknowledged');
}
