import type { DeliveryListener, KafkaError, TopicPartition } from '@tributary/kafka';
import { ConnectError, type SourceRecord } from '@tributary/sdk';
import type { SubmittedBatch } from './submitted-records.ts';
import type { Converted, SourceContext } from './types.ts';

const retryDelayMs = 100;

/**
 * Hands records to the producer, in order, and enters them into the ledger. Waits, if it must, until all are taken; synchronous when they are at once.
 * When `signal` aborts first, what was not taken leaves the ledger: its offsets stay where they are.
 */
export function dispatch(
  converted: Converted,
  context: SourceContext,
  signal: AbortSignal,
): void | Promise<void> {
  const { produced, sources } = converted;
  const batch = context.ledger.submit(sources);
  const listener = new Delivery(batch, context);
  let taken: number;
  try {
    taken = context.producer.send(produced, 0, listener);
  } catch (error) {
    context.ledger.withdraw(batch, 0);
    throw unrecoverable(error);
  }
  if (taken < produced.length) {
    return dispatchRest(converted, taken, batch, listener, context, signal);
  }
}

async function dispatchRest(
  { produced }: Converted,
  first: number,
  batch: SubmittedBatch,
  listener: DeliveryListener,
  context: SourceContext,
  signal: AbortSignal,
): Promise<void> {
  const { producer, clock, logger } = context;
  let next = first;
  try {
    while (next < produced.length && !signal.aborted) {
      try {
        await producer.whenWritable(signal);
        if (!signal.aborted) next += producer.send(produced, next, listener);
      } catch (error) {
        if (signal.aborted) break;
        if ((error as Partial<KafkaError>).isRetriable !== true) throw unrecoverable(error);
        logger.warn(`Cannot send records yet; trying again in ${retryDelayMs} ms`, error);
        await clock.sleep(retryDelayMs, { signal });
      }
    }
  } finally {
    if (next < produced.length) context.ledger.withdraw(batch, next);
  }
}

function unrecoverable(cause: unknown): ConnectError {
  return new ConnectError('Unrecoverable exception trying to send', {
    cause,
    code: 'TRB_SEND_FAILED',
  });
}

/** What became of the records of one batch. */
class Delivery implements DeliveryListener {
  readonly #batch: SubmittedBatch;
  readonly #context: SourceContext;

  constructor(batch: SubmittedBatch, context: SourceContext) {
    this.#batch = batch;
    this.#context = context;
  }

  delivered(
    first: number,
    count: number,
    target: TopicPartition,
    baseOffset: bigint,
    timestampMs: number,
  ): void {
    const context = this.#context;
    const { task } = context;
    if (task.commitRecord !== undefined) {
      for (let i = 0; i < count; i += 1) {
        const record = this.#batch.records[first + i] as SourceRecord;
        const { topic, partition } = target;
        commitRecord(context, record, {
          topic,
          partition,
          offset: baseOffset + BigInt(i),
          timestampMs: timestampMs === -1 ? (record.timestamp ?? -1) : timestampMs,
        });
      }
    }
    context.ledger.settle(this.#batch, first, count);
    context.topicUsed(target.topic);
  }

  failed(first: number, count: number, target: TopicPartition, error: KafkaError): void {
    const context = this.#context;
    if (!context.policy.toleratesAll) {
      context.onRefused(error);
      return;
    }
    context.logger.error(
      `${context.taskName} failed to send ${count} record(s) to topic "${target.topic}"; dropped as errors.tolerance allows`,
      error,
    );
    for (let i = 0; i < count; i += 1) {
      const record = this.#batch.records[first + i] as SourceRecord;
      void context.report?.({
        stage: 'KAFKA_PRODUCE',
        className: 'org.apache.kafka.connect.runtime.AbstractWorkerSourceTask',
        error,
        source: record,
        consumed: null,
      });
      commitRecord(context, record, null);
    }
    context.ledger.settle(this.#batch, first, count);
  }
}

/** Its errors are the plugin's own affair, as in Java. */
function commitRecord(
  { task, logger }: SourceContext,
  record: SourceRecord,
  metadata: Parameters<NonNullable<SourceContext['task']['commitRecord']>>[1],
): void {
  try {
    task.commitRecord?.(record, metadata);
  } catch (error) {
    logger.error('Exception thrown while calling task.commitRecord()', error);
  }
}
