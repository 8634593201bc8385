import { deleteRecordsApi, errorCodes, listOffsetsApi } from '@tributary/wire';
import { brokerError, clientError } from '../errors.ts';
import type { KafkaError, TopicPartition, TopicPartitionOffset } from '../types.ts';
import {
  type AdminContext,
  type Answers,
  askEach,
  brokerConnection,
  byPartition,
  byTopic,
  fetchMetadata,
  partitionKey,
  settleItems,
} from './context.ts';
import type { Admin, ListedOffset, OffsetSpec } from './types.ts';

/** First version of ListOffsets that knows the record with the largest timestamp. */
const maxTimestampVersion = 7;

/** What the leader of each partition is asked. */
export function offsetCalls(context: AdminContext): Pick<Admin, 'listOffsets' | 'deleteRecords'> {
  return {
    listOffsets: (partitions, at, signal, { isolation = 'read_uncommitted' } = {}) =>
      settleItems(
        context,
        byPartition(partitions),
        (left) =>
          askLeaders(context, [...left.values()], (leader, asked) =>
            listFromLeader(context, leader, asked, at, isolation === 'read_committed' ? 1 : 0),
          ),
        (found) => inOrder(partitions, found),
        signal,
      ),

    deleteRecords: (offsets, signal) =>
      settleItems(
        context,
        byPartition(offsets),
        (left) =>
          askLeaders(context, [...left.values()], (leader, asked) =>
            deleteOnLeader(context, leader, asked),
          ),
        (left) => inOrder(offsets, left),
        signal,
      ),
  };
}

function inOrder<T>(partitions: readonly TopicPartition[], found: ReadonlyMap<string, T>): T[] {
  return partitions.flatMap((partition) => {
    const answer = found.get(partitionKey(partition));
    return answer === undefined ? [] : [answer];
  });
}

async function askLeaders<P extends TopicPartition, T>(
  context: AdminContext,
  partitions: readonly P[],
  ask: (leader: number, partitions: readonly P[]) => Promise<Answers<T>>,
): Promise<Answers<T>> {
  const names = [...new Set(partitions.map(({ topic }) => topic))];
  const { topics } = await fetchMetadata(context, names);
  const byName = new Map(topics.map((topic) => [topic.name, topic]));
  const missing: Answers<T> = new Map();
  const byLeader = new Map<number, P[]>();
  for (const item of partitions) {
    const topic = byName.get(item.topic);
    const partition = topic?.partitions.find((each) => each.partitionIndex === item.partition);
    const leader = partition?.leaderId ?? -1;
    const code = topic?.errorCode || errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
    const what = `Cannot ask the leader of partition ${item.partition} of topic "${item.topic}"`;
    if (partition === undefined) missing.set(partitionKey(item), brokerError(code, what));
    else if (leader < 0) {
      missing.set(partitionKey(item), brokerError(errorCodes.LEADER_NOT_AVAILABLE, what));
    } else byLeader.set(leader, [...(byLeader.get(leader) ?? []), item]);
  }
  return new Map([...missing, ...(await askEach(byLeader, partitionKey, ask))]);
}

async function listFromLeader(
  context: AdminContext,
  leader: number,
  partitions: readonly TopicPartition[],
  at: OffsetSpec,
  isolationLevel: 0 | 1,
): Promise<Answers<ListedOffset>> {
  const connection = await brokerConnection(context, leader);
  const timestamp = timestampOf(at);
  const response = await connection.request(listOffsetsApi, (version) => {
    if (at === 'max-timestamp' && version < maxTimestampVersion) {
      const what = `Broker ${connection.address} cannot find the largest timestamp`;
      throw clientError('UNSUPPORTED_VERSION', `${what}: Kafka 3.0 or newer is needed`);
    }
    return {
      replicaId: -1,
      isolationLevel,
      topics: byTopic(partitions, ({ partition }) => ({ partitionIndex: partition, timestamp })),
      timeoutMs: context.requestTimeoutMs,
    };
  });
  const found: Answers<ListedOffset> = new Map();
  for (const { name: topic, partitions: answers } of response.topics) {
    for (const { partitionIndex: partition, errorCode, offset, timestamp: time } of answers) {
      const key = partitionKey({ topic, partition });
      if (errorCode === 0) {
        const timestampMs = time < 0n ? {} : { timestampMs: Number(time) };
        found.set(key, { topic, partition, offset, ...timestampMs });
      } else {
        const what = `Cannot list offsets of partition ${partition} of topic "${topic}"`;
        found.set(key, brokerError(errorCode, what));
      }
    }
  }
  return found;
}

function timestampOf(at: OffsetSpec): bigint {
  switch (at) {
    case 'latest':
      return -1n;
    case 'earliest':
      return -2n;
    case 'max-timestamp':
      return -3n;
    default:
      if (Number.isSafeInteger(at) && at >= 0) return BigInt(at);
      throw clientError('INVALID_CONFIG', `Cannot list offsets at ${at}: not epoch milliseconds`);
  }
}

async function deleteOnLeader(
  context: AdminContext,
  leader: number,
  offsets: readonly TopicPartitionOffset[],
): Promise<Answers<TopicPartitionOffset>> {
  const connection = await brokerConnection(context, leader);
  const response = await connection.request(deleteRecordsApi, {
    topics: byTopic(offsets, ({ partition, offset }) => ({ partitionIndex: partition, offset })),
    timeoutMs: context.requestTimeoutMs,
  });
  const left: Answers<TopicPartitionOffset> = new Map();
  for (const { name: topic, partitions } of response.topics) {
    for (const { partitionIndex: partition, errorCode, lowWatermark } of partitions) {
      const what = `Cannot delete records of partition ${partition} of topic "${topic}"`;
      const answer: TopicPartitionOffset | KafkaError =
        errorCode === 0 ? { topic, partition, offset: lowWatermark } : brokerError(errorCode, what);
      left.set(partitionKey({ topic, partition }), answer);
    }
  }
  return left;
}
