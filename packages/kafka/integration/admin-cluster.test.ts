import { setTimeout as sleep } from 'node:timers/promises';
import { PartialError } from '@tributary/kafka';
import {
  type KafkaCluster,
  missingForApacheKafka,
  requireOrSkip,
  startKafkaCluster,
} from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminFor, outcome, producerFor, record, sendAll } from './brokers.ts';

const missing = await missingForApacheKafka();
const isAvailable = requireOrSkip('Apache Kafka', missing === null, missing ?? '');

/** Each partition and each group is the affair of one broker: the admin client asks all that are concerned. */
describe.runIf(isAvailable)('on three brokers, the admin client', () => {
  let cluster: KafkaCluster;
  const groupIds = Array.from({ length: 8 }, (_, index) => `group-${index}`);
  const partitions = [0, 1, 2].map((partition) => ({ topic: 'spread', partition }));

  beforeAll(async () => {
    cluster = await startKafkaCluster(3);
    await using admin = adminFor(cluster);
    const assignments = cluster.ids.map((id) => [id]);
    const spread = { topic: 'spread', partitions: -1, replicationFactor: -1, assignments };
    await admin.createTopics([spread]);
    await using producer = producerFor(cluster);
    const sent = outcome();
    const records = [0, 1, 1, 2, 2, 2].map((partition) => record('spread', 'x', partition));
    await sendAll(producer, records, sent);
    await producer.flush();
    expect(sent.errors).toEqual([]);
    for (const groupId of groupIds) {
      // The coordinator may not have heard of the topic yet.
      for (const deadline = Date.now() + 20_000; ; await sleep(100)) {
        const offsets = [{ topic: 'spread', partition: 0, offset: 1n }];
        const error = await admin.alterGroupOffsets(groupId, offsets).catch((reason) => reason);
        if (error === undefined) break;
        if (Date.now() > deadline) throw error;
      }
    }
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  it('asks the leader of each partition', async () => {
    await using admin = adminFor(cluster);
    const described = await admin.describeTopics(['spread']);
    expect(described.get('spread')?.partitions.map(({ leader }) => leader)).toEqual(cluster.ids);
    const ends = await admin.listOffsets(partitions, 'latest');
    expect(ends.map(({ partition, offset }) => [partition, offset])).toEqual([
      [0, 1n],
      [1, 2n],
      [2, 3n],
    ]);
    const left = await admin.deleteRecords([
      { topic: 'spread', partition: 1, offset: 1n },
      { topic: 'spread', partition: 2, offset: 2n },
    ]);
    expect(left.map(({ partition, offset }) => [partition, offset])).toEqual([
      [1, 1n],
      [2, 2n],
    ]);
  });

  it('asks the coordinator of each group, and all brokers for the list', async () => {
    await using admin = adminFor(cluster);
    const listed = await admin.listGroups();
    expect(listed.map(({ groupId }) => groupId).sort()).toEqual(groupIds);
    const described = await admin.describeGroups(groupIds);
    expect([...described.keys()].sort()).toEqual(groupIds);
    await admin.deleteGroups(groupIds.slice(4));
    expect((await admin.listGroups()).map(({ groupId }) => groupId).sort()).toEqual(
      groupIds.slice(0, 4),
    );
  });

  it('asks each broker for its own configuration', async () => {
    await using admin = adminFor(cluster);
    const brokers = cluster.ids.map((id) => ({ type: 'BROKER', name: String(id) }) as const);
    const change = { name: 'log.cleaner.threads', operation: 'SET', value: '2' } as const;
    await admin.incrementalAlterConfigs([
      { resource: { type: 'BROKER', name: '2' }, changes: [change] },
    ]);
    const described = await admin.describeConfigs(brokers);
    const valueOf = (name: string) =>
      described.map(({ entries }) => entries.find((entry) => entry.name === name)?.value);
    expect(valueOf('node.id')).toEqual(['1', '2', '3']);
    await expect
      .poll(async () => {
        const [second] = await admin.describeConfigs(brokers.slice(1, 2));
        return second?.entries.find(({ name }) => name === change.name);
      })
      .toMatchObject({ value: '2', source: 'DYNAMIC_BROKER_CONFIG' });
    // A broker that is not there costs only its own answer.
    await using hasty = adminFor(cluster, { 'default.api.timeout.ms': '3000' });
    const absent = { type: 'BROKER', name: '9' } as const;
    const error = await hasty.describeConfigs([absent, ...brokers]).catch((reason) => reason);
    expect(error).toBeInstanceOf(PartialError);
    expect([...error.failures.keys()]).toEqual(['BROKER 9']);
    expect(error.results).toHaveLength(3);
  });

  it('gives the answers of the brokers that live, and the reason for the others', async () => {
    await cluster.kill(3);
    await using admin = adminFor(cluster, { 'default.api.timeout.ms': '5000' });
    const error = await admin.listOffsets(partitions, 'latest').catch((reason) => reason);
    expect(error).toBeInstanceOf(PartialError);
    expect([...error.failures.keys()]).toEqual(['spread-2']);
    expect(error.results.map(({ partition }: { partition: number }) => partition)).toEqual([0, 1]);
    await cluster.start(3);
    await using patient = adminFor(cluster);
    expect(await patient.listOffsets(partitions, 'latest')).toHaveLength(3);
  });
});
