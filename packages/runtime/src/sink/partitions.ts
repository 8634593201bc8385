import type { TopicPartition } from '@tributary/kafka';
import { keyOf } from '../partition-key.ts';
import type { SinkContext } from './types.ts';

/** Takes in new partitions and opens them. Source: Kafka Connect `WorkerSinkTask.HandleRebalance`. */
export async function openPartitions(
  { task, consumer, state }: SinkContext,
  partitions: readonly TopicPartition[],
  signal: AbortSignal,
): Promise<void> {
  if (partitions.length > 0) {
    const positions = new Map(
      (await consumer.positions(signal)).map((each) => [keyOf(each), each.offset]),
    );
    for (const { topic, partition } of partitions) {
      const key = keyOf({ topic, partition });
      const position = positions.get(key) ?? 0n;
      state.assigned.set(key, {
        topic,
        partition,
        current: position,
        lastCommitted: position,
        isPausedByTask: state.assigned.get(key)?.isPausedByTask ?? false,
      });
    }
  }
  if (state.isPaused || (state.isRedelivering && state.batch.length > 0)) {
    consumer.pause([...state.assigned.values()]);
  } else {
    if (state.isRedelivering) {
      state.isRedelivering = false;
      consumer.resume([...state.assigned.values()].filter((each) => !each.isPausedByTask));
    }
    consumer.pause([...state.assigned.values()].filter(({ isPausedByTask }) => isPausedByTask));
  }
  if (partitions.length === 0) return;
  await task.open?.(partitions.map(({ topic, partition }) => ({ topic, partition })));
  rewind({ consumer, state });
}

/** Forgets partitions that are gone, with all that was read from them. */
export function forgetPartitions(
  { state }: Pick<SinkContext, 'state'>,
  partitions: readonly TopicPartition[],
): void {
  const gone = new Set(partitions.map(keyOf));
  for (const key of gone) {
    state.assigned.delete(key);
    state.batchOffsets.delete(key);
    state.rewinds.delete(key);
  }
  state.batch = state.batch.filter(
    ({ originalTopic, originalKafkaPartition }) =>
      !gone.has(keyOf({ topic: originalTopic, partition: originalKafkaPartition })),
  );
}

/** Applies the positions that the task asked for. What is still to be delivered from these partitions is read again, so it goes. */
export function rewind({ consumer, state }: Pick<SinkContext, 'consumer' | 'state'>): void {
  for (const [key, { topic, partition, offset }] of state.rewinds) {
    const assigned = state.assigned.get(key);
    if (assigned === undefined) continue;
    consumer.seek({ topic, partition }, offset);
    assigned.current = offset;
    assigned.lastCommitted = offset;
  }
  state.rewinds.clear();
}
