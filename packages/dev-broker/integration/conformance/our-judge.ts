import {
  createAdmin,
  createConsumer,
  createProducer,
  createTransactionalProducer,
  type KafkaError,
  type Producer,
  type ProducerRecord,
  type TopicPartition,
} from '@tributary/kafka';
import type { FoundRecord, Judge, Member, MemberOptions, SentRecord } from './judge.ts';

const logger = { error() {}, warn() {}, info() {}, debug() {} };

/** The project's own client, by the same cases as the others. */
export async function ourJudge(bootstrapServers: string): Promise<Judge> {
  const config = { 'bootstrap.servers': bootstrapServers };
  const admin = createAdmin(config, { logger });
  const first = (topic: string, partition = 0): TopicPartition => ({ topic, partition });
  const resourceOf = (name: string) => ({ type: 'TOPIC', name }) as const;
  const offset = async (topic: string, at: Parameters<typeof admin.listOffsets>[1]) =>
    Number((await admin.listOffsets([first(topic)], at))[0]?.offset);
  return {
    codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    async createTopic(topic, partitions, configs = {}) {
      await admin.createTopics([{ topic, partitions, replicationFactor: 1, configs }]);
    },
    deleteTopic: (topic) => admin.deleteTopics([topic]),
    addPartitions: (topic, count) => admin.createPartitions([{ topic, count }]),
    topics: () => admin.listTopics(),
    async partitionCount(topic) {
      return (await admin.describeTopics([topic])).get(topic)?.partitions.length ?? 0;
    },
    async produce(topic, records, { codec = 'none', isIdempotent = false } = {}) {
      const producer = createProducer(
        {
          ...config,
          'compression.type': codec,
          'enable.idempotence': String(isIdempotent),
          'linger.ms': '20',
        },
        { logger },
      );
      try {
        await sendAll(
          producer,
          records.map((one) => toRecord(topic, one)),
        );
      } finally {
        await producer.close(1000);
      }
    },
    async transactional(transactionalId) {
      const producer = createTransactionalProducer(
        { ...config, 'transactional.id': transactionalId },
        { logger },
      );
      await producer.initTransactions();
      return {
        async begin() {
          producer.beginTransaction();
          return {
            send: (topic, values) =>
              sendAll(
                producer,
                values.map((value) => toRecord(topic, { partition: 0, key: null, value })),
              ),
            sendOffset: (groupId, topic, partition, at) =>
              producer.sendOffsets([{ ...first(topic, partition), offset: BigInt(at) }], {
                groupId,
                generation: -1,
                memberId: '',
                groupInstanceId: null,
              }),
            commit: () => producer.commitTransaction(),
            abort: () => producer.abortTransaction(),
          };
        },
        close: () => producer.close(1000),
      };
    },
    member: async (group, topic, how) => joinGroup(config, group, topic, how),
    async committed(group, topic, partition) {
      const all = await admin.listGroupOffsets(group);
      const one = all.find((each) => each.topic === topic && each.partition === partition);
      return { offset: Number(one?.offset ?? -1), metadata: one?.metadata ?? null };
    },
    async setOffset(group, topic, partition, at) {
      await admin.alterGroupOffsets(group, [{ ...first(topic, partition), offset: BigInt(at) }]);
    },
    deleteOffset: (group, topic, partition) =>
      admin.deleteGroupOffsets(group, [first(topic, partition)]),
    groups: async () => (await admin.listGroups()).map(({ groupId }) => groupId),
    async describeGroup(group) {
      const found = (await admin.describeGroups([group])).get(group);
      return { state: found?.state ?? '', members: found?.members.length ?? 0 };
    },
    deleteGroup: (group) => admin.deleteGroups([group]),
    async config(topic, key) {
      const [found] = await admin.describeConfigs([resourceOf(topic)]);
      return found?.entries.find(({ name }) => name === key)?.value ?? null;
    },
    async setConfig(topic, name, value) {
      const changes = [{ name, value, operation: 'SET' as const }];
      await admin.incrementalAlterConfigs([{ resource: resourceOf(topic), changes }]);
    },
    startOffset: (topic) => offset(topic, 'earliest'),
    endOffset: (topic) => offset(topic, 'latest'),
    offsetAt: (topic, timestampMs) => offset(topic, timestampMs),
    async deleteRecords(topic, beforeOffset) {
      await admin.deleteRecords([{ ...first(topic), offset: BigInt(beforeOffset) }]);
    },
    [Symbol.asyncDispose]: () => admin.close(),
  };
}

function joinGroup(
  config: Readonly<Record<string, string>>,
  group: string,
  topic: string,
  { instanceId = '', isCommittedOnly = false, fetchBytes = 1_048_576 }: MemberOptions = {},
): Member {
  const records: FoundRecord[] = [];
  const consumer = createConsumer(
    {
      ...config,
      'group.id': group,
      'group.instance.id': instanceId,
      'auto.offset.reset': 'earliest',
      'heartbeat.interval.ms': '100',
      'metadata.max.age.ms': '300',
      'isolation.level': isCommittedOnly ? 'read_committed' : 'read_uncommitted',
      'max.partition.fetch.bytes': String(fetchBytes),
    },
    { logger },
  );
  consumer.subscribe([topic], { onAssigned() {}, onRevoked() {}, onLost() {} });
  let isLeaving = false;
  const polling = (async () => {
    while (!isLeaving) {
      for (const { partition, records: found } of await consumer.poll(50)) {
        for (const { key, value, headers, offset, timestamp } of found) {
          records.push({
            partition,
            key: key === null ? null : String(key),
            value: value === null ? null : String(value),
            headers: Object.fromEntries(headers.map((one) => [one.key, String(one.value)])),
            offset,
            timestampMs: timestamp,
          });
        }
      }
    }
    await consumer.close(10_000);
  })();
  // Told by `leave`.
  polling.catch(() => {});
  return {
    records,
    assignment: () => consumer.assignment.map(({ partition }) => partition).sort((a, b) => a - b),
    commit: (partition, offset) => consumer.commit([{ topic, partition, offset: BigInt(offset) }]),
    pause: (partition) => consumer.pause([{ topic, partition }]),
    resume: (partition) => consumer.resume([{ topic, partition }]),
    async leave() {
      isLeaving = true;
      await polling;
    },
  };
}

/** Resolves when all are acknowledged; rejects with the first failure. */
async function sendAll(producer: Producer, records: readonly ProducerRecord[]): Promise<void> {
  const errors: KafkaError[] = [];
  const listener = {
    delivered() {},
    failed: (_first: number, _count: number, _target: TopicPartition, error: KafkaError) =>
      void errors.push(error),
  };
  for (let next = 0; next < records.length; ) {
    next += producer.send(records, next, listener);
    if (next < records.length) await producer.whenWritable();
  }
  await producer.flush();
  if (errors[0] !== undefined) throw errors[0];
}

function toRecord(topic: string, record: SentRecord): ProducerRecord {
  const { partition, key, value, headers = {}, timestampMs = null } = record;
  return {
    topic,
    partition,
    timestamp: timestampMs,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: Object.entries(headers).map(([name, text]) => ({
      key: name,
      value: Buffer.from(text),
    })),
  };
}
