import { brokerKinds } from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
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
  transactionalProducerFor,
  until,
  valuesOf,
} from './brokers.ts';

const impatient = { 'session.timeout.ms': '30000', 'heartbeat.interval.ms': '100' };
/** Every fetch brings about one batch. */
const small = {
  'max.partition.fetch.bytes': '100',
  'fetch.max.bytes': '100',
  'max.poll.records': '1',
};

describe.for(await brokerKinds())('positions of a consumer, on $name', (kind) => {
  it.runIf(kind.isAvailable)('go to the end and to a timestamp', async () => {
    await using broker = await kind.start();
    const p0 = { topic: 't', partition: 0 };
    await createTopic(broker, 't');
    await using producer = producerFor(broker);
    const timed = [1000, 2000, 3000].map((timestamp) => ({
      ...record('t', `at ${timestamp}`),
      timestamp,
    }));
    await sendAll(producer, timed, outcome());
    await producer.flush();
    await using admin = adminFor(broker);
    await using consumer = consumerFor(broker);
    consumer.subscribe(['t'], quiet);
    expect(await pollUntil(consumer, ({ length }) => length === 3)).toHaveLength(3);

    const [at] = await admin.listOffsets([p0], 1500);
    consumer.seek(p0, at?.offset ?? expect.unreachable());
    expect(await pollUntil(consumer, ({ length }) => length === 2)).toEqual(['at 2000', 'at 3000']);

    consumer.seek(p0, 0n);
    const [end] = await admin.listOffsets([p0], 'latest');
    consumer.seek(p0, end?.offset ?? expect.unreachable());
    await sendAll(producer, [record('t', 'behind the end')], outcome());
    expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['behind the end']);
  });

  it.runIf(kind.isAvailable)(
    'go past the marker that ends a log, and past aborted records, though nothing is handed out',
    async () => {
      await using broker = await kind.start();
      const p0 = { topic: 't', partition: 0 };
      await createTopic(broker, 't');
      await using producer = transactionalProducerFor(broker, 'aborts');
      await producer.initTransactions();
      producer.beginTransaction();
      await sendAll(producer, [record('t', 'aborted')], outcome());
      await producer.flush();
      await producer.abortTransaction();
      await using consumer = consumerFor(broker, { 'isolation.level': 'read_committed' });
      consumer.subscribe(['t'], quiet);
      const deadline = Date.now() + 20_000;
      while (consumer.position(p0) !== 2n && Date.now() < deadline) {
        expect(valuesOf(await consumer.poll(50))).toEqual([]);
      }
      expect(consumer.position(p0)).toBe(2n);
    },
  );

  it.runIf(kind.isAvailable)(
    'pass transactions that overlap, fetch by fetch: what was committed, in order',
    async () => {
      await using broker = await kind.start();
      await createTopic(broker, 't');
      await using commits = transactionalProducerFor(broker, 'commits');
      await using aborts = transactionalProducerFor(broker, 'aborts');
      for (const each of [commits, aborts]) await each.initTransactions();
      const committed: string[] = [];
      for (let round = 0; round < 3; round++) {
        // The one that aborts ends now before, now after the one that commits.
        for (const each of [commits, aborts]) each.beginTransaction();
        for (let i = 0; i < 5; i++) {
          const value = `committed ${round} ${i}`;
          committed.push(value);
          await sendAll(commits, [record('t', value)], outcome());
          await commits.flush();
          await sendAll(aborts, [record('t', `aborted ${round} ${i}`)], outcome());
          await aborts.flush();
        }
        if (round === 1) await aborts.abortTransaction();
        await commits.commitTransaction();
        if (round !== 1) await aborts.abortTransaction();
      }
      await using consumer = consumerFor(broker, { ...small, 'isolation.level': 'read_committed' });
      consumer.subscribe(['t'], quiet);
      const p0 = { topic: 't', partition: 0 };
      const read: string[] = [];
      const deadline = Date.now() + 30_000;
      while (consumer.position(p0) !== 36n && Date.now() < deadline) {
        read.push(...valuesOf(await consumer.poll(100)));
      }
      expect(read).toEqual(committed);
      expect(consumer.position(p0)).toBe(36n);
    },
  );

  it.runIf(kind.isAvailable)(
    'are given to another member when the caller stalls for max.poll.interval.ms',
    async () => {
      await using broker = await kind.start();
      await createTopic(broker, 't', 2);
      await using producer = producerFor(broker);
      await sendAll(producer, [record('t', 'a', 0), record('t', 'b', 1)], outcome());
      await producer.flush();
      const events: string[] = [];
      await using stalled = consumerFor(broker, { ...impatient, 'max.poll.interval.ms': '1000' });
      stalled.subscribe(['t'], {
        ...quiet,
        onLost: (lost) => void events.push(`lost ${lost.length}`),
      });
      await pollUntil(stalled, ({ length }) => length === 2);
      await using other = consumerFor(broker, impatient);
      other.subscribe(['t'], quiet);
      // Long before the session of the one that stalls would end.
      const read = await pollUntil(other, ({ length }) => length === 2, 15_000);
      expect(read.sort()).toEqual(['a', 'b']);
      await stalled.poll(0);
      expect(events).toEqual(['lost 2']);
      // It comes back and has its share.
      let isPolling = true;
      const polling = (async () => {
        while (isPolling) await Promise.all([stalled.poll(50), other.poll(50)]);
      })();
      try {
        await until(() => stalled.assignment.length === 1 && other.assignment.length === 1, 15_000);
      } finally {
        isPolling = false;
        await polling;
      }
    },
  );
});
