/**
 * The metadata and assignment of protocol type `consumer`. (no I/O)
 * Subscription: int16 version, array of topics, nullable bytes user data, from version 1 array of owned partitions, from 2 int32 generation, from 3 nullable rack.
 * Assignment: int16 version, array of (topic, array of int32 partitions), nullable bytes user data.
 * Source: Kafka `ConsumerProtocolSubscription.json`, `ConsumerProtocolAssignment.json`.
 */
import { Reader, Writer } from '@tributary/wire';
import type { TopicPartition } from '../types.ts';

export function encodeSubscription(topics: readonly string[]): Buffer {
  const writer = new Writer();
  writer.int16(0);
  writer.int32(topics.length);
  for (const topic of topics) writer.string(topic);
  writer.int32(-1);
  return writer.finish();
}

/** The topics; later versions put more behind them. */
export function decodeSubscription(metadata: Buffer): string[] {
  const reader = new Reader(metadata);
  reader.int16();
  const topics: string[] = [];
  for (let left = reader.int32(); left > 0; left--) topics.push(reader.string());
  return topics;
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const byTopic = Map.groupBy(partitions, ({ topic }) => topic);
  const writer = new Writer();
  writer.int16(0);
  writer.int32(byTopic.size);
  for (const [topic, owned] of byTopic) {
    writer.string(topic);
    writer.int32(owned.length);
    for (const { partition } of owned) writer.int32(partition);
  }
  writer.int32(-1);
  return writer.finish();
}

export function decodeAssignment(assignment: Buffer): TopicPartition[] {
  if (assignment.length === 0) return [];
  const reader = new Reader(assignment);
  reader.int16();
  const partitions: TopicPartition[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string();
    for (let left = reader.int32(); left > 0; left--) {
      partitions.push({ topic, partition: reader.int32() });
    }
  }
  return partitions;
}
