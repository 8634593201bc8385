/**
 * The metadata and assignment of protocol type `consumer`. (no I/O)
 * Subscription: int16 version, array of topics, nullable bytes user data, from version 1 array of owned partitions (topic, array of int32), from 2 int32 generation, from 3 nullable rack.
 * Assignment: int16 version, array of (topic, array of int32 partitions), nullable bytes user data.
 * User data of `sticky`: array of (topic, array of int32), int32 generation; of `cooperative-sticky`: int32 generation.
 * Source: Kafka `ConsumerProtocolSubscription.json`, `ConsumerProtocolAssignment.json`, `StickyAssignor`, `CooperativeStickyAssignor`.
 */
import { Reader, WireError, Writer } from '@tributary/wire';
import type { TopicPartition } from '../types.ts';

export interface Subscription {
  readonly topics: readonly string[];
  /** What the member holds, or held in its generation. */
  readonly owned: readonly TopicPartition[];
  /** -1: never a member. */
  readonly generation: number;
  /** Of `client.rack`. */
  readonly rackId: string | null;
}

const subscriptionVersion = 3;

export function encodeSubscription(protocol: string, subscription: Subscription): Buffer {
  const { generation, rackId } = subscription;
  const topics = subscription.topics.toSorted();
  const owned = subscription.owned.toSorted(byTopicAndNumber);
  const writer = new Writer();
  writer.int16(subscriptionVersion);
  writer.int32(topics.length);
  for (const topic of topics) writer.string(topic);
  writer.nullableBytes(encodeUserData(protocol, { ...subscription, owned }));
  // Members of an eager protocol have given back everything when they join.
  writePartitions(writer, protocol === 'cooperative-sticky' ? owned : []);
  writer.int32(generation);
  writer.nullableString(rackId);
  return writer.finish();
}

export function decodeSubscription(protocol: string, metadata: Buffer): Subscription {
  const reader = new Reader(metadata);
  const version = reader.int16();
  const topics: string[] = [];
  for (let left = reader.int32(); left > 0; left--) topics.push(reader.string());
  const userData = reader.nullableBytes();
  const owned = version >= 1 ? readPartitions(reader) : [];
  let generation = version >= 2 ? reader.int32() : -1;
  const rackId = version >= 3 ? reader.nullableString() : null;
  // An eager member has let go of everything: what it held is in its user data alone.
  if (protocol === 'sticky') return { topics, rackId, ...decodeStickyUserData(userData) };
  if (version < 2 && protocol === 'cooperative-sticky' && userData !== null) {
    generation = userData.length >= 4 ? userData.readInt32BE() : -1;
  }
  return { topics, owned, generation, rackId };
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const writer = new Writer();
  writer.int16(0);
  writePartitions(writer, partitions);
  writer.int32(-1);
  return writer.finish();
}

export function decodeAssignment(assignment: Buffer): TopicPartition[] {
  if (assignment.length === 0) return [];
  const reader = new Reader(assignment);
  reader.int16();
  return readPartitions(reader);
}

function byTopicAndNumber(a: TopicPartition, b: TopicPartition): number {
  return a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition;
}

function encodeUserData(protocol: string, { owned, generation }: Subscription): Buffer | null {
  if (protocol !== 'sticky' && protocol !== 'cooperative-sticky') return null;
  const writer = new Writer();
  if (protocol === 'sticky') writePartitions(writer, owned);
  writer.int32(generation);
  return writer.finish();
}

/** Of other clients: what cannot be read counts as nothing held. Version 0, of very old members, has no generation. */
function decodeStickyUserData(userData: Buffer | null): Pick<Subscription, 'owned' | 'generation'> {
  if (userData === null || userData.length === 0) return { owned: [], generation: -1 };
  try {
    const reader = new Reader(userData);
    const owned = readPartitions(reader);
    return { owned, generation: reader.remaining >= 4 ? reader.int32() : -1 };
  } catch (error) {
    if (error instanceof WireError) return { owned: [], generation: -1 };
    throw error;
  }
}

function writePartitions(writer: Writer, partitions: readonly TopicPartition[]): void {
  const byTopic = Map.groupBy(partitions, ({ topic }) => topic);
  writer.int32(byTopic.size);
  for (const [topic, each] of byTopic) {
    writer.string(topic);
    writer.int32(each.length);
    for (const { partition } of each) writer.int32(partition);
  }
}

function readPartitions(reader: Reader): TopicPartition[] {
  const partitions: TopicPartition[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string();
    for (let left = reader.int32(); left > 0; left--) {
      partitions.push({ topic, partition: reader.int32() });
    }
  }
  return partitions;
}
