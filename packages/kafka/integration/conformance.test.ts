import type { RebalanceListener, TopicPartition } from '@tributary/kafka';
import { brokerKinds, olderBrokerKinds, type TestBroker } from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adminFor,
  consumerFor,
  createTopic,
  outcome,
  pollUntil,
  producerFor,
  quiet,
  readAll,
  record,
  sendAll,
  valuesOf,
} from './brokers.ts';

const numbers = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${index}`);

/** The same cases on every broker; each has topics and groups of its own, since a real broker takes seconds to start. */
describe.for([...(await brokerKinds()), ...(await olderBrokerKinds())])(
  'on $name, the client',
  (kind) => {
    let broker: TestBroker;
    beforeAll(async () => {
      if (kind.isAvailable) broker = await kind.start({ 'auto.create.topics.enable': 'false' });
    });
    afterAll(() => broker?.[Symbol.asyncDispose]());

    async function produce(topic: string, values: readonly string[], partition = 0): Promise<void> {
      await using producer = producerFor(broker);
      const listener = outcome();
      await sendAll(
        producer,
        values.map((value) => record(topic, value, partition)),
        listener,
      );
      await producer.flush();
      expect(listener.errors).toEqual([]);
    }

    it.runIf(kind.isAvailable).for(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
      'reads back what it wrote, with compression.type=%s',
      async (compression) => {
        const topic = `codec-${compression}`;
        await createTopic(broker, topic);
        await using producer = producerFor(broker, {
          'compression.type': compression,
          'linger.ms': '20',
        });
        const listener = outcome();
        const records = numbers(1000).map((value) => ({
          ...record(topic, value),
          key: Number(value) % 3 === 0 ? null : Buffer.from(`key ${value}`),
          timestamp: 1_700_000_000_000 + Number(value),
          headers: [{ key: 'h', value: Number(value) % 2 === 0 ? null : Buffer.from('x') }],
        }));
        records.push({
          ...record(topic, ''),
          value: null as unknown as Buffer,
          key: Buffer.from('k'),
          timestamp: 5,
          headers: [],
        });
        await sendAll(producer, records, listener);
        await producer.flush();
        expect(listener.offsets).toEqual(numbers(1001).map(BigInt));
        await using consumer = consumerFor(broker, { 'group.id': topic });
        consumer.subscribe([topic], quiet);
        const read: unknown[] = [];
        while (read.length < 1001) {
          for (const { records: some, timestampType } of await consumer.poll(200)) {
            expect(timestampType).toBe('CreateTime');
            read.push(...some);
          }
        }
        expect(read).toEqual(
          records.map(({ key, value, timestamp, headers }, offset) => ({
            offset,
            timestamp,
            key,
            value,
            headers,
          })),
        );
      },
    );

    it.runIf(kind.isAvailable).for([
      { name: 'idempotent', config: {} as Record<string, string>, isExact: true },
      { name: 'not idempotent', config: { 'enable.idempotence': 'false' }, isExact: false },
    ])(
      'goes on through a restart of the broker, $name: nothing lost, order kept',
      async ({ name, config, isExact }) => {
        const topic = `restart-${name.replaceAll(' ', '-')}`;
        await createTopic(broker, topic);
        await using producer = producerFor(broker, { 'batch.size': '500', ...config });
        await using consumer = consumerFor(broker, {
          'group.id': topic,
          'max.partition.fetch.bytes': '20000',
        });
        consumer.subscribe([topic], quiet);
        const all = numbers(60_000);
        const listener = outcome();
        const sending = (async () => {
          for (let first = 0; first < all.length; first += 1000) {
            const listenerOfSome = {
              delivered: (
                at: number,
                count: number,
                target: TopicPartition,
                offset: bigint,
                time: number,
              ) => listener.delivered(first + at, count, target, offset, time),
              failed: (at: number, count: number, target: TopicPartition, error: never) =>
                listener.failed(first + at, count, target, error),
            };
            await sendAll(
              producer,
              all.slice(first, first + 1000).map((value) => record(topic, value)),
              listenerOfSome,
            );
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
          await producer.flush();
        })();
        const read = await pollUntil(consumer, ({ length }) => length > 2000);
        await broker.stop();
        await broker.start();
        read.push(...(await pollUntil(consumer, (values) => values.at(-1) === '59999', 60_000)));
        await sending;
        expect(listener.errors).toEqual([]);
        expect(listener.reported).toBe(all.length);
        if (isExact) expect(read).toEqual(all);
        else expect([...new Set(read)]).toEqual(all);
      },
    );

    it.runIf(kind.isAvailable)(
      'splits batches that are too large and fails only the record that is',
      async () => {
        await createTopic(broker, 'large', 1, { 'max.message.bytes': '2000' });
        await using producer = producerFor(broker, { 'linger.ms': '50', 'batch.size': '100000' });
        const listener = outcome();
        const records = numbers(100).map((value) => record('large', value.padEnd(40, '.')));
        records[50] = record('large', 'x'.repeat(3000));
        await sendAll(producer, records, listener);
        await producer.flush();
        expect(listener.errors.map((error) => error?.errorName).filter(Boolean)).toEqual([
          'MESSAGE_TOO_LARGE',
        ]);
        const read = await readAll(broker, 'large', 99);
        expect(read.map((value) => Number.parseInt(value, 10))).toEqual(
          numbers(100)
            .map(Number)
            .filter((value) => value !== 50),
        );
      },
    );

    it.runIf(kind.isAvailable)("reports the broker's timestamp with LogAppendTime", async () => {
      await createTopic(broker, 'append-time', 1, { 'message.timestamp.type': 'LogAppendTime' });
      await using producer = producerFor(broker);
      const before = Date.now();
      const timestamps: number[] = [];
      await sendAll(producer, [record('append-time', 'a')], {
        delivered: (_first, _count, _target, _offset, timestampMs) =>
          void timestamps.push(timestampMs),
        failed: (_first, _count, _target, error) => {
          throw error;
        },
      });
      await producer.flush();
      expect(timestamps).toHaveLength(1);
      expect(timestamps[0]).toBeGreaterThanOrEqual(before - 1000);
      await using consumer = consumerFor(broker, { 'group.id': 'append-time' });
      consumer.subscribe(['append-time'], quiet);
      let consumed = await consumer.poll(200);
      while (consumed.length === 0) consumed = await consumer.poll(200);
      expect(consumed[0]?.timestampType).toBe('LogAppendTime');
      expect(consumed[0]?.records[0]?.timestamp).toBe(timestamps[0]);
    });

    it.runIf(kind.isAvailable)('seeks, pauses and resumes single partitions', async () => {
      await createTopic(broker, 'seek', 2);
      await produce('seek', numbers(10), 0);
      await produce('seek', ['other'], 1);
      const [p0, p1] = [0, 1].map((partition) => ({ topic: 'seek', partition })) as [
        TopicPartition,
        TopicPartition,
      ];
      await using consumer = consumerFor(broker, { 'group.id': 'seek' });
      consumer.subscribe(['seek'], { ...quiet, onAssigned: () => consumer.pause([p1]) });
      expect(await pollUntil(consumer, ({ length }) => length >= 10)).toEqual(numbers(10));
      expect(valuesOf(await consumer.poll(200))).toEqual([]);
      expect(consumer.position(p0)).toBe(10n);
      consumer.seek(p0, 7n);
      expect(await pollUntil(consumer, ({ length }) => length >= 3)).toEqual(['7', '8', '9']);
      consumer.pause([p0]);
      consumer.seek(p0, 0n);
      consumer.resume([p1]);
      expect(await pollUntil(consumer, ({ length }) => length >= 1)).toEqual(['other']);
      consumer.resume([p0]);
      expect(await pollUntil(consumer, ({ length }) => length >= 10)).toEqual(numbers(10));
      expect(() => consumer.seek({ topic: 'seek', partition: 9 }, 0n)).toThrow('seek-9');
    });

    it.runIf(kind.isAvailable)(
      'shares a topic between members, each partition owned by one, and goes on from what was committed',
      async () => {
        await createTopic(broker, 'shared', 4);
        for (const partition of [0, 1, 2, 3])
          await produce('shared', [`first ${partition}`], partition);
        const config = { 'group.id': 'shared', 'heartbeat.interval.ms': '100' };
        await using one = consumerFor(broker, config);
        const seen: string[] = [];
        const commitAll = (): Promise<void> =>
          one.commit(one.assignment.map((each) => ({ ...each, offset: one.position(each) ?? 0n })));
        const listener: RebalanceListener = { ...quiet, onRevoked: commitAll };
        one.subscribe(['shared'], listener);
        seen.push(...(await pollUntil(one, ({ length }) => length === 4)));
        await using two = consumerFor(broker, config);
        two.subscribe(['shared'], quiet);
        const deadline = Date.now() + 30_000;
        while (
          (one.assignment.length !== 2 || two.assignment.length !== 2) &&
          Date.now() < deadline
        ) {
          await Promise.all(
            [one.poll(50), two.poll(50)].map(async (poll) => seen.push(...valuesOf(await poll))),
          );
        }
        const owned = [...one.assignment, ...two.assignment].map(({ partition }) => partition);
        expect(owned.sort()).toEqual([0, 1, 2, 3]);
        for (const partition of [0, 1, 2, 3])
          await produce('shared', [`second ${partition}`], partition);
        while (seen.length < 8 && Date.now() < deadline) {
          await Promise.all(
            [one.poll(50), two.poll(50)].map(async (poll) => seen.push(...valuesOf(await poll))),
          );
        }
        expect(seen.sort()).toEqual([
          'first 0',
          'first 1',
          'first 2',
          'first 3',
          'second 0',
          'second 1',
          'second 2',
          'second 3',
        ]);
      },
    );

    it.runIf(kind.isAvailable)(
      'subscribes by pattern, finds topics that come and lets go of those that are deleted',
      async () => {
        await createTopic(broker, 'pattern-a');
        await createTopic(broker, 'not-pattern-a');
        await produce('pattern-a', ['a']);
        await using admin = adminFor(broker);
        await using consumer = consumerFor(broker, {
          'group.id': 'pattern',
          'metadata.max.age.ms': '200',
        });
        consumer.subscribe(/pattern-.+/, quiet);
        expect(await pollUntil(consumer, ({ length }) => length >= 1)).toEqual(['a']);
        await createTopic(broker, 'pattern-b');
        await produce('pattern-b', ['b']);
        expect((await pollUntil(consumer, (values) => values.includes('b'))).includes('b')).toBe(
          true,
        );
        await admin.deleteTopics(['pattern-a']);
        const deadline = Date.now() + 30_000;
        while (consumer.assignment.length !== 1 && Date.now() < deadline) await consumer.poll(100);
        expect(consumer.assignment).toEqual([{ topic: 'pattern-b', partition: 0 }]);
        await produce('pattern-b', ['still']);
        expect(await pollUntil(consumer, (values) => values.includes('still'))).toContain('still');
      },
    );

    it.runIf(kind.isAvailable)('resets by policy when the committed offset is gone', async () => {
      await createTopic(broker, 'gone');
      await produce('gone', numbers(5));
      await using admin = adminFor(broker);
      await admin.alterGroupOffsets('gone', [{ topic: 'gone', partition: 0, offset: 1000n }]);
      await using consumer = consumerFor(broker, { 'group.id': 'gone' });
      consumer.subscribe(['gone'], quiet);
      expect(await pollUntil(consumer, ({ length }) => length >= 5)).toEqual(numbers(5));
    });

    it.runIf(kind.isAvailable)('administers topics, offsets and groups', async () => {
      await using admin = adminFor(broker);
      const topic = { topic: 'admin', partitions: 2, replicationFactor: 1 };
      expect(await admin.createTopic(topic)).toBe(true);
      expect(await admin.createTopic(topic)).toBe(false);
      const described = await admin.describeTopics(['admin', 'absent']);
      expect([...described].map(([name, { partitions }]) => [name, partitions.length])).toEqual([
        ['admin', 2],
      ]);
      expect(await admin.listTopics()).toContain('admin');
      expect((await admin.describeCluster()).brokers).toHaveLength(1);
      await expect(
        admin.createTopic({ ...topic, topic: 'wide', replicationFactor: 9 }),
      ).rejects.toMatchObject({
        errorName: 'INVALID_REPLICATION_FACTOR',
      });
      await expect(admin.createTopic({ ...topic, topic: 'a b' })).rejects.toMatchObject({
        errorName: 'INVALID_TOPIC_EXCEPTION',
      });
      await produce('admin', numbers(3), 1);
      const p1 = { topic: 'admin', partition: 1 };
      expect(await admin.listOffsets([{ topic: 'admin', partition: 0 }, p1], 'latest')).toEqual([
        { topic: 'admin', partition: 0, offset: 0n },
        { ...p1, offset: 3n },
      ]);
      await admin.alterGroupOffsets('admins', [{ ...p1, offset: 2n }]);
      expect(await admin.listGroupOffsets('admins')).toEqual([{ ...p1, offset: 2n }]);
      await expect(
        admin.alterGroupOffsets('admins', [{ topic: 'absent', partition: 0, offset: 2n }]),
      ).rejects.toMatchObject({ errorName: 'UNKNOWN_TOPIC_OR_PARTITION' });
      expect(await admin.deleteGroup('no such group')).toBe(false);
      if (kind.name === 'Apache Kafka 2.1.1') {
        await expect(admin.deleteGroupOffsets('admins', [p1])).rejects.toMatchObject({
          errorName: 'UNSUPPORTED_VERSION',
        });
        return;
      }
      await admin.deleteGroupOffsets('admins', [p1]);
      expect(await admin.listGroupOffsets('admins')).toEqual([]);
      expect(await admin.deleteGroup('no such group')).toBe(false);
    });

    it.runIf(kind.isAvailable)(
      'waits for a topic of its subscription that is created later',
      async () => {
        await using consumer = consumerFor(broker, { 'group.id': 'later' });
        consumer.subscribe(['later'], quiet);
        expect(await consumer.poll(300)).toEqual([]);
        await createTopic(broker, 'later');
        await produce('later', ['here']);
        expect(await pollUntil(consumer, ({ length }) => length >= 1)).toEqual(['here']);
      },
    );
  },
);
