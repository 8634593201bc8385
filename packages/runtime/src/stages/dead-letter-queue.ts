import type { Admin, Producer, RecordHeader, TopicPartition } from '@tributary/kafka';
import { ConnectError } from '@tributary/sdk';
import type { Failure, Report } from './types.ts';

export interface DeadLetterQueueOptions {
  readonly topic: string;
  readonly hasContextHeaders: boolean;
  readonly connector: string;
  readonly task: number;
  readonly producer: Producer;
  /** Ends waiting for room in the producer. */
  readonly signal: AbortSignal;
  formatTrace(error: unknown): string;
  javaNameOf(error: unknown): string;
}

/** Before the task starts: makes the topic with one partition when it is missing. */
export async function createDeadLetterTopic(
  admin: Admin,
  topic: string,
  replicationFactor: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    const existing = await admin.describeTopics([topic], signal);
    if (existing.has(topic)) return;
    await admin.createTopic({ topic, partitions: 1, replicationFactor }, signal);
  } catch (error) {
    throw new ConnectError(`Could not initialize dead letter queue with topic=${topic}`, {
      cause: error,
      code: 'TRB_DEAD_LETTER_QUEUE',
    });
  }
}

/**
 * Writes the consumed bytes of a failed record, unchanged, with headers that say why. Resolves when Kafka has it; rejects when Kafka refuses it, which
 * Java only logs: the record would be nowhere.
 * Source: Kafka Connect `DeadLetterQueueReporter` (KIP-298).
 */
export function createDeadLetterQueue(options: DeadLetterQueueOptions): Report {
  const { topic, producer, signal } = options;
  return async (failure) => {
    if (failure.consumed === null) return;
    const { record } = failure.consumed;
    const headers = options.hasContextHeaders
      ? [...record.headers, ...contextHeaders(failure, options)]
      : record.headers;
    const produced = [
      {
        topic,
        partition: null,
        timestamp: record.timestamp < 0 ? null : record.timestamp,
        key: record.key,
        value: record.value,
        headers,
      },
    ];
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const listener = {
      delivered: () => resolve(),
      failed: (_first: number, _count: number, _target: TopicPartition, error: Error) =>
        reject(error),
    };
    try {
      while (producer.send(produced, 0, listener) === 0) await producer.whenWritable(signal);
      await promise;
    } catch (error) {
      throw new ConnectError(`Could not produce message to dead letter queue. topic=${topic}`, {
        cause: error,
        code: 'TRB_DEAD_LETTER_QUEUE',
      });
    }
  };
}

function contextHeaders(failure: Failure, options: DeadLetterQueueOptions): RecordHeader[] {
  const { error, consumed } = failure;
  const message = error instanceof Error ? error.message : String(error);
  const facts: readonly (readonly [string, string | number | null | undefined])[] = [
    ['topic', consumed?.from.topic],
    ['partition', consumed?.from.partition],
    ['offset', consumed?.record.offset],
    ['connector.name', options.connector],
    ['task.id', options.task],
    ['stage', failure.stage],
    ['class.name', failure.className],
    ['exception.class.name', options.javaNameOf(error)],
    ['exception.message', message],
    ['exception.stacktrace', options.formatTrace(error)],
  ];
  return facts.map(([name, value]) => ({
    key: `__connect.errors.${name}`,
    value: value === null || value === undefined ? null : Buffer.from(String(value)),
  }));
}
