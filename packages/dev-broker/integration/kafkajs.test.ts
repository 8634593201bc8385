import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompressionTypes, Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { type DevBroker, startDevBroker } from '../src/index.ts';

// kafkajs is a client that we did not write: what it cannot use is wrong here, not there.

function clientOf(broker: DevBroker): Kafka {
  return new Kafka({
    clientId: 'judge',
    brokers: [broker.bootstrapServers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 8, initialRetryTime: 50 },
  });
}

/** Values in the order of arrival, until there are `count`. */
async function consume(
  kafka: Kafka,
  groupId: string,
  topic: string,
  count: number,
): Promise<{ values: string[]; messages: KafkaMessage[] }> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const messages: KafkaMessage[] = [];
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachBatch: async (payload) => {
          const { batch } = payload;
          messages.push(...batch.messages);
          payload.resolveOffset(batch.lastOffset());
          if (messages.length >= count) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.stop();
  await consumer.disconnect();
  return { values: messages.map(({ value }) => String(value)), messages };
}

describe('kafkajs', () => {
  it('produces to a topic that it creates and reads it in a group, in order', async () => {
    await using broker = await startDevBroker();
    const kafka = clientOf(broker);
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 3 }] });
    expect(
      (await admin.fetchTopicMetadata({ topics: ['orders'] })).topics[0]?.partitions,
    ).toHaveLength(3);
    const producer = kafka.producer();
    await producer.connect();
    const sent = Array.from({ length: 500 }, (_, i) => `value ${i}`);
    await producer.send({
      topic: 'orders',
      messages: sent.map((value, i) => ({ key: String(i), value, headers: { n: String(i) } })),
    });
    const { values, messages } = await consume(kafka, 'readers', 'orders', sent.length);
    expect(values.sort()).toEqual(sent.sort());
    expect(String(messages[0]?.headers?.['n'])).toMatch(/^\d+$/);
    expect(await admin.fetchTopicOffsets('orders')).toHaveLength(3);
    await producer.disconnect();
    await admin.disconnect();
  });

  it('reads gzip batches and goes on in the group where it stopped, also after a restart from the folder', async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'tributary-broker-'));
    try {
      await using broker = await startDevBroker({ dataFolder });
      const kafka = clientOf(broker);
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({
        topic: 'made-by-use',
        compression: CompressionTypes.GZIP,
        messages: [{ value: 'a' }, { value: 'b' }],
      });
      expect((await consume(kafka, 'g', 'made-by-use', 2)).values).toEqual(['a', 'b']);
      await producer.disconnect();
      await broker.stop();
      await broker.start();
      await producer.connect();
      await producer.send({ topic: 'made-by-use', messages: [{ value: 'c' }] });
      expect((await consume(kafka, 'g', 'made-by-use', 1)).values).toEqual(['c']);
      await producer.disconnect();
    } finally {
      await rm(dataFolder, { recursive: true, force: true });
    }
  });

  it('shares the partitions of a topic among two members', async () => {
    await using broker = await startDevBroker({ config: { 'num.partitions': 4 } });
    const kafka = clientOf(broker);
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: 't', messages: [{ value: 'x', partition: 0 }] });
    const assignments = new Map<string, number[]>();
    const consumers = ['one', 'two'].map((name) => {
      const consumer = kafka.consumer({
        groupId: 'shared',
        maxWaitTimeInMs: 100,
        heartbeatInterval: 100,
      });
      consumer.on('consumer.group_join', ({ payload }) => {
        assignments.set(name, payload.memberAssignment['t'] ?? []);
      });
      return consumer;
    });
    for (const consumer of consumers) {
      await consumer.connect();
      await consumer.subscribe({ topic: 't' });
      await consumer.run({ eachMessage: async () => {} });
    }
    await expect
      .poll(() => [...assignments.values()].flat().sort((a, b) => a - b), { timeout: 20_000 })
      .toEqual([0, 1, 2, 3]);
    await expect.poll(() => [...assignments.values()].map((one) => one.length)).toEqual([2, 2]);
    for (const consumer of consumers) await consumer.disconnect();
    await producer.disconnect();
  });

  it('commits and aborts transactions; a reader of committed records sees the committed ones', async () => {
    await using broker = await startDevBroker();
    const kafka = clientOf(broker);
    const producer = kafka.producer({
      transactionalId: 'tx',
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    const aborted = await producer.transaction();
    await aborted.send({ topic: 't', messages: [{ value: 'aborted' }] });
    await aborted.abort();
    const committed = await producer.transaction();
    await committed.send({ topic: 't', messages: [{ value: 'committed' }] });
    await committed.sendOffsets({
      consumerGroupId: 'group-of-tx',
      topics: [{ topic: 't', partitions: [{ partition: 0, offset: '7' }] }],
    });
    await committed.commit();
    await producer.disconnect();
    expect((await consume(kafka, 'g', 't', 1)).values).toEqual(['committed']);
    const admin = kafka.admin();
    await admin.connect();
    const [offsets] = await admin.fetchOffsets({ groupId: 'group-of-tx', topics: ['t'] });
    expect(offsets?.partitions[0]?.offset).toBe('7');
    await admin.disconnect();
  });
});
