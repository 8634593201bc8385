import { once } from 'node:events';
import {
  Admin,
  type CompressionAlgorithmValue,
  ConfigResourceTypes,
  Consumer,
  IncrementalAlterConfigOperationTypes,
  type Message,
  type MessageToProduce,
  Producer,
} from '@platformatic/kafka';
import type { FoundRecord, Judge, Member, MemberOptions, SentRecord } from './judge.ts';

const topicResource = ConfigResourceTypes.TOPIC;
const setOperation = IncrementalAlterConfigOperationTypes.SET;
const committedOnly = 1;

export async function platformaticJudge(bootstrapServers: string): Promise<Judge> {
  const base = { clientId: 'platformatic', bootstrapBrokers: [bootstrapServers], retryDelay: 30 };
  const admin = new Admin(base);
  const offset = async (topic: string, timestamp: bigint) => {
    const topics = [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }];
    return Number((await admin.listOffsets({ topics }))[0]?.partitions[0]?.offset);
  };
  return {
    codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    async createTopic(topic, partitions, configs = {}) {
      const entries = Object.entries(configs).map(([name, value]) => ({ name, value }));
      await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs: entries });
    },
    deleteTopic: (topic) => admin.deleteTopics({ topics: [topic] }),
    async addPartitions(topic, count) {
      // An empty list would be one assignment too few; the type has no null.
      const assignments = null as unknown as [];
      await admin.createPartitions({ topics: [{ name: topic, count, assignments }] });
    },
    topics: () => admin.listTopics(),
    async partitionCount(topic) {
      const metadata = await admin.metadata({ topics: [topic], forceUpdate: true });
      return metadata.topics.get(topic)?.partitionsCount ?? 0;
    },
    async produce(topic, records, { codec = 'none', isIdempotent = false } = {}) {
      const producer = new Producer({ ...base, idempotent: isIdempotent });
      const compression = codec as CompressionAlgorithmValue;
      const messages = records.map((record) => toMessage(topic, record));
      await producer.send({ messages, compression, acks: -1 });
      await producer.close();
    },
    async transactional(transactionalId) {
      const producer = new Producer({ ...base, transactionalId, idempotent: true });
      // Its id is asked for with the first transaction, and so is who else has it.
      let next = await producer.beginTransaction();
      return {
        async begin() {
          const transaction = next.completed ? await producer.beginTransaction() : next;
          next = transaction;
          return {
            async send(topic, values) {
              const messages = values.map((value) =>
                toMessage(topic, { partition: 0, key: null, value }),
              );
              await transaction.send({ messages });
            },
            commit: () => transaction.commit(),
            abort: () => transaction.abort(),
          };
        },
        close: () => producer.close(),
      };
    },
    member: (group, topic, how) => joinGroup(base, group, topic, how),
    async committed(group, topic, partition) {
      const [found] = await admin.listConsumerGroupOffsets({ groups: [group] });
      const one = found?.topics
        .find(({ name }) => name === topic)
        ?.partitions.find(({ partitionIndex }) => partitionIndex === partition);
      return { offset: Number(one?.committedOffset), metadata: one?.metadata ?? null };
    },
    async setOffset(group, topic, partition, offset) {
      const partitionOffsets = [{ partition, offset: BigInt(offset) }];
      await admin.alterConsumerGroupOffsets({
        groupId: group,
        topics: [{ name: topic, partitionOffsets }],
      });
    },
    async deleteOffset(group, topic, partition) {
      await admin.deleteConsumerGroupOffsets({
        groupId: group,
        topics: [{ name: topic, partitionIndexes: [partition] }],
      });
    },
    groups: async () => [...(await admin.listGroups()).keys()],
    async describeGroup(group) {
      const found = (await admin.describeGroups({ groups: [group] })).get(group);
      return { state: found?.state ?? '', members: found?.members.size ?? 0 };
    },
    deleteGroup: (group) => admin.deleteGroups({ groups: [group] }),
    async config(topic, key) {
      const resource = {
        resourceType: topicResource,
        resourceName: topic,
        configurationKeys: [key],
      };
      const [found] = await admin.describeConfigs({ resources: [resource] });
      return found?.configs[0]?.value ?? null;
    },
    async setConfig(topic, name, value) {
      const configs = [{ name, value, configOperation: setOperation }];
      const resource = { resourceType: topicResource, resourceName: topic, configs };
      await admin.incrementalAlterConfigs({ resources: [resource] });
    },
    startOffset: (topic) => offset(topic, -2n),
    endOffset: (topic) => offset(topic, -1n),
    offsetAt: (topic, timestampMs) => offset(topic, BigInt(timestampMs)),
    async deleteRecords(topic, beforeOffset) {
      const partitions = [{ partition: 0, offset: BigInt(beforeOffset) }];
      await admin.deleteRecords({ topics: [{ name: topic, partitions }] });
    },
    [Symbol.asyncDispose]: () => admin.close(),
  };
}

async function joinGroup(
  base: { clientId: string; bootstrapBrokers: string[] },
  group: string,
  topic: string,
  { instanceId, isCommittedOnly = false, fetchBytes }: MemberOptions = {},
): Promise<Member> {
  const records: FoundRecord[] = [];
  const consumer = new Consumer({
    ...base,
    groupId: group,
    ...(instanceId !== undefined && { groupInstanceId: instanceId }),
    heartbeatInterval: 100,
    maxWaitTime: 100,
    autocommit: false,
    isolationLevel: isCommittedOnly ? committedOnly : 0,
    metadataMaxAge: 300,
    ...(fetchBytes !== undefined && { maxBytes: fetchBytes, maxBytesPerPartition: fetchBytes }),
  });
  // A background error has its effect in the case: records or assignments that do not come.
  consumer.on('error', () => {});
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'committed',
    fallbackMode: 'earliest',
  });
  stream.on('error', () => {});
  stream.on('data', (message: Message) => {
    records.push({
      partition: message.partition,
      key: message.key == null ? null : String(message.key),
      value: message.value == null ? null : String(message.value),
      headers: Object.fromEntries(
        [...message.headers].map(([name, value]) => [String(name), String(value)]),
      ),
      offset: Number(message.offset),
      timestampMs: Number(message.timestamp),
    });
  });
  return {
    records,
    assignment() {
      const own = consumer.assignments?.find((one) => one.topic === topic);
      return [...(own?.partitions ?? [])].sort((a, b) => a - b);
    },
    async commit(partition, offset) {
      await consumer.commit({
        offsets: [{ topic, partition, offset: BigInt(offset), leaderEpoch: 0 }],
      });
    },
    async leave() {
      const closed = once(stream, 'close');
      await consumer.close(true);
      await closed;
    },
  };
}

function toMessage(topic: string, record: SentRecord): MessageToProduce {
  const { partition, key, value, headers = {}, timestampMs } = record;
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text)) as Buffer;
  return {
    topic,
    partition,
    key: bytes(key),
    value: bytes(value),
    headers: new Map(
      Object.entries(headers).map(([name, text]) => [Buffer.from(name), bytes(text)]),
    ),
    ...(timestampMs !== undefined && { timestamp: BigInt(timestampMs) }),
  };
}
