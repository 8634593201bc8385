import {
  type Admin,
  CompressionTypes,
  ConfigResourceTypes,
  Kafka,
  logLevel,
  type Message,
} from 'kafkajs';
import type { FoundRecord, Judge, Member, MemberOptions, SentRecord } from './judge.ts';

export async function kafkajsJudge(bootstrapServers: string): Promise<Judge> {
  const kafka = new Kafka({
    clientId: 'kafkajs',
    brokers: [bootstrapServers],
    logLevel: logLevel.NOTHING,
    // What is refused is asked again a few times, also where asking again cannot help.
    retry: { retries: 4, initialRetryTime: 30 },
  });
  const admin = kafka.admin();
  await admin.connect();
  const offsetsOf = async (topic: string) => (await admin.fetchTopicOffsets(topic))[0];
  return {
    codecs: ['none', 'gzip'],
    async createTopic(topic, partitions, configs = {}) {
      const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
      const topics = [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }];
      await admin.createTopics({ topics, waitForLeaders: true });
    },
    deleteTopic: (topic) => admin.deleteTopics({ topics: [topic] }),
    async addPartitions(topic, count) {
      await admin.createPartitions({ topicPartitions: [{ topic, count }] });
    },
    topics: () => admin.listTopics(),
    async partitionCount(topic) {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions.length ?? 0;
    },
    async produce(topic, records, { codec = 'none', isIdempotent = false } = {}) {
      const producer = kafka.producer({ idempotent: isIdempotent });
      await producer.connect();
      const compression = codec === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None;
      await producer.send({ topic, compression, messages: records.map(toMessage) });
      await producer.disconnect();
    },
    async transactional(transactionalId) {
      const producer = kafka.producer({
        transactionalId,
        idempotent: true,
        maxInFlightRequests: 1,
      });
      await producer.connect();
      // Its id is asked for with the first transaction, and so is who else has it.
      let next = await producer.transaction();
      return {
        async begin() {
          const transaction = next.isActive() ? next : await producer.transaction();
          next = transaction;
          return {
            async send(topic, values) {
              const messages = values.map((value) => ({ partition: 0, value }));
              await transaction.send({ topic, messages });
            },
            async sendOffset(consumerGroupId, topic, partition, offset) {
              const partitions = [{ partition, offset: String(offset) }];
              await transaction.sendOffsets({ consumerGroupId, topics: [{ topic, partitions }] });
            },
            commit: () => transaction.commit(),
            abort: () => transaction.abort(),
          };
        },
        close: () => producer.disconnect(),
      };
    },
    member: (group, topic, how) => joinGroup(kafka, group, topic, how),
    async committed(group, topic, partition) {
      const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      const one = found?.partitions.find((each) => each.partition === partition);
      return { offset: Number(one?.offset), metadata: one?.metadata ?? null };
    },
    groups: async () => (await admin.listGroups()).groups.map(({ groupId }) => groupId),
    async describeGroup(group) {
      const { groups } = await admin.describeGroups([group]);
      return { state: groups[0]?.state ?? '', members: groups[0]?.members.length ?? 0 };
    },
    deleteGroup: async (group) => void (await admin.deleteGroups([group])),
    config: (topic, key) => describeConfig(admin, topic, key),
    startOffset: async (topic) => Number((await offsetsOf(topic))?.low),
    endOffset: async (topic) => Number((await offsetsOf(topic))?.high),
    async offsetAt(topic, timestampMs) {
      const [found] = await admin.fetchTopicOffsetsByTimestamp(topic, timestampMs);
      return Number(found?.offset);
    },
    async deleteRecords(topic, beforeOffset) {
      const partitions = [{ partition: 0, offset: String(beforeOffset) }];
      await admin.deleteTopicRecords({ topic, partitions });
    },
    [Symbol.asyncDispose]: () => admin.disconnect(),
  };
}

async function describeConfig(admin: Admin, topic: string, key: string): Promise<string | null> {
  const resource = { type: ConfigResourceTypes.TOPIC, name: topic, configNames: [key] };
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [resource],
  });
  return resources[0]?.configEntries[0]?.configValue ?? null;
}

async function joinGroup(
  kafka: Kafka,
  group: string,
  topic: string,
  { isCommittedOnly = false, fetchBytes }: MemberOptions = {},
): Promise<Member> {
  const records: FoundRecord[] = [];
  let assigned: number[] = [];
  const consumer = kafka.consumer({
    groupId: group,
    maxWaitTimeInMs: 100,
    heartbeatInterval: 100,
    readUncommitted: !isCommittedOnly,
    metadataMaxAge: 300,
    ...(fetchBytes !== undefined && { maxBytesPerPartition: fetchBytes, maxBytes: fetchBytes }),
  });
  consumer.on('consumer.group_join', ({ payload }) => {
    assigned = [...(payload.memberAssignment[topic] ?? [])].sort((a, b) => a - b);
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      const headers = Object.entries(message.headers ?? {});
      records.push({
        partition,
        key: message.key === null ? null : String(message.key),
        value: message.value === null ? null : String(message.value),
        headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
        offset: Number(message.offset),
        timestampMs: Number(message.timestamp),
      });
    },
  });
  return {
    records,
    assignment: () => assigned,
    async commit(partition, offset, metadata = null as unknown as string) {
      await consumer.commitOffsets([{ topic, partition, offset: String(offset), metadata }]);
    },
    pause: (partition) => consumer.pause([{ topic, partitions: [partition] }]),
    resume: (partition) => consumer.resume([{ topic, partitions: [partition] }]),
    leave: () => consumer.disconnect(),
  };
}

function toMessage({ partition, key, value, headers = {}, timestampMs }: SentRecord): Message {
  const timestamp = timestampMs === undefined ? {} : { timestamp: String(timestampMs) };
  return { partition, key, value, headers: { ...headers }, ...timestamp };
}
