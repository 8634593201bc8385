import { type KafkaError, PartialError } from '@tributary/kafka';
import { brokerKinds, type TestBroker } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adminFor,
  consumerFor,
  createTopic,
  outcome,
  pollUntil,
  producerFor,
  quiet,
  record,
  sendAll,
} from './brokers.ts';

/** The failures of a call for several items, by item. */
async function failuresOf(call: Promise<unknown>): Promise<Record<string, string>> {
  const error = await call.then(
    () => new Error('nothing failed'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof PartialError)) throw error;
  return Object.fromEntries([...error.failures].map(([key, { errorName }]) => [key, errorName]));
}

/** A broker of Apache Kafka learns what its controller did a moment after the answer. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000 });

describe.for(await brokerKinds())('on $name, the admin client', (kind) => {
  let broker: TestBroker;
  beforeAll(async () => {
    if (kind.isAvailable) broker = await kind.start({ 'auto.create.topics.enable': 'false' });
  });
  afterAll(() => broker?.[Symbol.asyncDispose]());

  async function produce(topic: string, times: readonly number[]): Promise<void> {
    await using producer = producerFor(broker);
    const sent = outcome();
    const records = times.map((timestamp) => ({ ...record(topic, 'x'), timestamp }));
    await sendAll(producer, records, sent);
    await producer.flush();
    expect(sent.errors).toEqual([]);
  }

  it.runIf(kind.isAvailable)('creates several topics; one that fails costs no other', async () => {
    await using admin = adminFor(broker);
    const id = (await admin.describeCluster()).brokers[0]?.id ?? -1;
    const assigned = { topic: 'assigned', partitions: -1, replicationFactor: -1 };
    const topics = [
      { topic: 'plain', partitions: 2, replicationFactor: 1, configs: { 'retention.ms': '5000' } },
      { ...assigned, assignments: [[id], [id], [id]] },
      { topic: 'a b', partitions: 1, replicationFactor: 1 },
      { topic: 'wide', partitions: 1, replicationFactor: 9 },
    ];
    const error = await admin.createTopics(topics).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PartialError);
    const { failures, results } = error as PartialError & { results: Map<string, unknown> };
    expect([...failures].map(([name, { errorName }]) => [name, errorName])).toEqual([
      ['a b', 'INVALID_TOPIC_EXCEPTION'],
      ['wide', 'INVALID_REPLICATION_FACTOR'],
    ]);
    expect(results.get('plain')).toMatchObject({ partitions: 2, replicationFactor: 1 });
    expect(results.get('assigned')).toMatchObject({ partitions: 3 });
    expect(await failuresOf(admin.createTopics(topics.slice(0, 1)))).toEqual({
      plain: 'TOPIC_ALREADY_EXISTS',
    });
    const tried = { topic: 'tried', partitions: 1, replicationFactor: 1 };
    await admin.createTopics([tried], undefined, { validateOnly: true });
    const names = ['plain', 'assigned', 'tried'];
    await eventually(async () => [...(await admin.describeTopics(names)).keys()].sort()).toEqual([
      'assigned',
      'plain',
    ]);
    expect((await admin.describeTopics(names)).get('plain')).toMatchObject({
      isInternal: false,
      topicId: expect.stringMatching(/^[\w-]{22}$/),
      partitions: [0, 1].map((partition) => {
        return { partition, leader: id, replicas: [id], isr: [id], offlineReplicas: [] };
      }),
    });
  });

  it.runIf(kind.isAvailable)('adds partitions and deletes topics, each for itself', async () => {
    await using admin = adminFor(broker);
    await createTopic(broker, 'grown', 1);
    await createTopic(broker, 'kept', 3);
    const wanted = [
      { topic: 'grown', count: 4 },
      { topic: 'kept', count: 2 },
      { topic: 'absent', count: 2 },
    ];
    expect(await failuresOf(admin.createPartitions(wanted))).toEqual({
      kept: 'INVALID_PARTITIONS',
      absent: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    await eventually(
      async () => (await admin.describeTopics(['grown'])).get('grown')?.partitions,
    ).toHaveLength(4);
    expect(await failuresOf(admin.deleteTopics(['grown', 'absent', 'kept']))).toEqual({
      absent: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    await eventually(() => admin.listTopics()).not.toContain('grown');
    await eventually(() => admin.listTopics()).not.toContain('kept');
  });

  it.runIf(kind.isAvailable)('tells internal topics from others', async () => {
    await using admin = adminFor(broker);
    await createTopic(broker, 'ours');
    await admin.alterGroupOffsets('internals', [{ topic: 'ours', partition: 0, offset: 0n }]);
    await eventually(async () => (await admin.describeTopics(null)).has('ours')).toBe(true);
    const all = await admin.describeTopics(null);
    expect(all.get('ours')?.isInternal).toBe(false);
    if (kind.name !== 'dev broker') expect(all.get('__consumer_offsets')?.isInternal).toBe(true);
  });

  it.runIf(kind.isAvailable)('describes and alters configurations', async () => {
    await using admin = adminFor(broker);
    await createTopic(broker, 'configured', 1, { 'cleanup.policy': 'compact' });
    const topic = { type: 'TOPIC', name: 'configured' } as const;
    const valueOf = async (name: string) => {
      const [described] = await admin.describeConfigs([topic], undefined, {
        includeSynonyms: true,
      });
      return described?.entries.find((entry) => entry.name === name);
    };
    await eventually(() => valueOf('cleanup.policy')).toMatchObject({
      value: 'compact',
      source: 'DYNAMIC_TOPIC_CONFIG',
      isSensitive: false,
      isReadOnly: false,
      synonyms: [
        { name: 'cleanup.policy', value: 'compact', source: 'DYNAMIC_TOPIC_CONFIG' },
        { name: 'log.cleanup.policy', value: 'delete', source: 'DEFAULT_CONFIG' },
      ],
    });
    const set = { name: 'retention.ms', operation: 'SET', value: '60000' } as const;
    const append = { name: 'cleanup.policy', operation: 'APPEND', value: 'delete' } as const;
    await admin.incrementalAlterConfigs([{ resource: topic, changes: [set, append] }]);
    await eventually(() => valueOf('retention.ms')).toMatchObject({ value: '60000' });
    await eventually(() => valueOf('cleanup.policy')).toMatchObject({ value: 'compact,delete' });
    const subtract = { ...append, operation: 'SUBTRACT' } as const;
    const back = { name: 'retention.ms', operation: 'DELETE' } as const;
    await admin.incrementalAlterConfigs([{ resource: topic, changes: [subtract, back] }]);
    await eventually(() => valueOf('retention.ms')).toMatchObject({ source: 'DEFAULT_CONFIG' });
    await eventually(() => valueOf('cleanup.policy')).toMatchObject({ value: 'compact' });
    const absent = { type: 'TOPIC', name: 'absent' } as const;
    expect(
      await failuresOf(
        admin.incrementalAlterConfigs([
          { resource: absent, changes: [set] },
          { resource: topic, changes: [{ ...set, value: 'soon' }] },
        ]),
      ),
    ).toEqual({
      'TOPIC absent': 'UNKNOWN_TOPIC_OR_PARTITION',
      'TOPIC configured': 'INVALID_CONFIG',
    });
    const id = (await admin.describeCluster()).brokers[0]?.id ?? -1;
    const own = { type: 'BROKER', name: String(id) } as const;
    const error = await admin.describeConfigs([absent, own]).catch((reason: unknown) => reason);
    const { results } = error as { results: Awaited<ReturnType<typeof admin.describeConfigs>> };
    expect(results.map(({ resource }) => resource)).toEqual([own]);
    expect(results[0]?.entries.find(({ name }) => name === 'auto.create.topics.enable')).toEqual(
      expect.objectContaining({
        value: 'false',
        source: 'STATIC_BROKER_CONFIG',
        isReadOnly: true,
        synonyms: [],
      }),
    );
  });

  it.runIf(kind.isAvailable)('lists offsets by place and by time', async () => {
    await using admin = adminFor(broker);
    await createTopic(broker, 'timed', 2);
    await produce('timed', [1000, 3000, 2000]);
    const p0 = { topic: 'timed', partition: 0 };
    const p1 = { topic: 'timed', partition: 1 };
    expect(await admin.listOffsets([p1, p0], 'earliest')).toEqual([
      { ...p1, offset: 0n },
      { ...p0, offset: 0n },
    ]);
    expect(await admin.listOffsets([p0], 'latest')).toEqual([{ ...p0, offset: 3n }]);
    expect(await admin.listOffsets([p0], 1500)).toEqual([{ ...p0, offset: 1n, timestampMs: 3000 }]);
    expect(await admin.listOffsets([p0], 3001)).toEqual([{ ...p0, offset: -1n }]);
    expect(await admin.listOffsets([p0, p1], 'max-timestamp')).toEqual([
      { ...p0, offset: 1n, timestampMs: 3000 },
      { ...p1, offset: -1n },
    ]);
    await using hasty = adminFor(broker, { 'default.api.timeout.ms': '500' });
    const absent = [{ topic: 'absent', partition: 0 }, p0, { ...p1, partition: 7 }];
    const error = await hasty.listOffsets(absent, 'latest').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ results: [{ ...p0, offset: 3n }] });
    expect([...(error as PartialError).failures.keys()]).toEqual(['absent-0', 'timed-7']);
  });

  it.runIf(kind.isAvailable)('deletes records up to an offset', async () => {
    await using admin = adminFor(broker);
    await createTopic(broker, 'shortened', 2);
    await produce('shortened', [1, 2, 3, 4]);
    const p0 = { topic: 'shortened', partition: 0 };
    const p1 = { topic: 'shortened', partition: 1 };
    expect(await admin.deleteRecords([{ ...p0, offset: 3n }])).toEqual([{ ...p0, offset: 3n }]);
    expect(await admin.listOffsets([p0], 'earliest')).toEqual([{ ...p0, offset: 3n }]);
    const call = admin.deleteRecords([
      { ...p0, offset: -1n },
      { ...p1, offset: 9n },
    ]);
    expect(await failuresOf(call)).toEqual({ 'shortened-1': 'OFFSET_OUT_OF_RANGE' });
    expect(await admin.listOffsets([p0], 'earliest')).toEqual([{ ...p0, offset: 4n }]);
  });

  it.runIf(kind.isAvailable)('commits, lists and deletes the offsets of a group', async () => {
    await using admin = adminFor(broker);
    await createTopic(broker, 'committed', 2);
    const p0 = { topic: 'committed', partition: 0 };
    const p1 = { topic: 'committed', partition: 1 };
    await admin.alterGroupOffsets('commits', [
      { ...p0, offset: 5n, metadata: 'by hand' },
      { ...p1, offset: 7n },
    ]);
    const absent = { topic: 'absent', partition: 0 };
    const partly = admin.alterGroupOffsets('commits', [
      { ...absent, offset: 1n },
      { ...p1, offset: 8n },
    ]);
    expect(await failuresOf(partly)).toEqual({ 'absent-0': 'UNKNOWN_TOPIC_OR_PARTITION' });
    const committed = await admin.listGroupOffsets('commits');
    expect(committed.sort((a, b) => a.partition - b.partition)).toEqual([
      { ...p0, offset: 5n, metadata: 'by hand' },
      { ...p1, offset: 8n },
    ]);
    await admin.deleteGroupOffsets('commits', [p0]);
    expect(await admin.listGroupOffsets('commits')).toEqual([{ ...p1, offset: 8n }]);
    expect(await admin.listGroupOffsets('never seen')).toEqual([]);
  });

  it.runIf(kind.isAvailable)('lists, describes and deletes groups', async () => {
    await using admin = adminFor(broker);
    await createTopic(broker, 'grouped', 1);
    await produce('grouped', [1]);
    await admin.alterGroupOffsets('empty', [{ topic: 'grouped', partition: 0, offset: 0n }]);
    {
      await using consumer = consumerFor(broker, { 'group.id': 'busy', 'client.id': 'reader' });
      consumer.subscribe(['grouped'], quiet);
      await pollUntil(consumer, ({ length }) => length === 1);
      const groups = await admin.listGroups();
      const about = (id: string) => groups.find(({ groupId }) => groupId === id);
      expect(about('busy')).toEqual({
        groupId: 'busy',
        protocolType: 'consumer',
        state: 'Stable',
        type: expect.stringMatching(/^classic$/i),
      });
      expect(about('empty')).toMatchObject({ state: 'Empty', protocolType: '' });
      const options = { states: ['stable'], types: ['Classic'] };
      const stable = await admin.listGroups(undefined, options);
      expect(stable.map(({ groupId }) => groupId)).toEqual(['busy']);
      const described = await admin.describeGroups(['busy', 'empty']);
      expect(described.get('busy')).toEqual({
        groupId: 'busy',
        state: 'Stable',
        protocolType: 'consumer',
        protocol: 'range',
        members: [
          {
            memberId: expect.stringMatching(/./),
            groupInstanceId: null,
            clientId: 'reader',
            clientHost: expect.stringContaining('127.0.0.1'),
            metadata: expect.any(Buffer),
            assignment: expect.any(Buffer),
          },
        ],
      });
      const [member] = described.get('busy')?.members ?? [];
      expect(member?.metadata.includes('grouped')).toBe(true);
      expect(member?.assignment.includes('grouped')).toBe(true);
      expect(described.get('empty')).toMatchObject({ state: 'Empty', members: [] });
      const call = admin.deleteGroups(['busy', 'empty', 'absent']);
      expect(await failuresOf(call)).toEqual({
        busy: 'NON_EMPTY_GROUP',
        absent: 'GROUP_ID_NOT_FOUND',
      });
    }
    expect(await failuresOf(admin.describeGroups(['empty']))).toEqual({
      empty: 'GROUP_ID_NOT_FOUND',
    });
    expect(await admin.deleteGroup('busy')).toBe(true);
    expect(await admin.deleteGroup('busy')).toBe(false);
  });

  it.runIf(kind.isAvailable)('says so where nothing authorises', async () => {
    await using admin = adminFor(broker);
    const error: KafkaError = await admin.describeAcls({}).then(
      () => Promise.reject(new Error('ACLs were described')),
      (reason) => reason,
    );
    expect(['SECURITY_DISABLED', 'UNSUPPORTED_VERSION']).toContain(error.errorName);
  });
});
