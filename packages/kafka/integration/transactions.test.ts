import { startDevBroker } from '@tributary/dev-broker';
import type { KafkaError, TransactionalProducer } from '@tributary/kafka';
import { brokerKinds, olderBrokerKinds, type TestBroker } from '@tributary/testkit';
import { errorCodes, type TxnOffsetCommitRequest } from '@tributary/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adminFor,
  consumerFor,
  createTopic,
  outcome,
  pollUntil,
  quiet,
  readAll,
  record,
  sendAll,
  transactionalProducerFor,
  until,
} from './brokers.ts';

const committed = { 'isolation.level': 'read_committed' };
const nobody = { generation: -1, memberId: '', groupInstanceId: null };
const numbers = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${index}`);

async function send(
  producer: TransactionalProducer,
  topic: string,
  values: readonly string[],
  partition = 0,
): Promise<void> {
  await sendAll(
    producer,
    values.map((value) => record(topic, value, partition)),
    outcome(),
  );
}

describe.for([...(await brokerKinds()), ...(await olderBrokerKinds())])(
  'transactions on $name',
  (kind) => {
    let broker: TestBroker;
    beforeAll(async () => {
      const cleanup = 'transaction.abort.timed.out.transaction.cleanup.interval.ms';
      if (kind.isAvailable) broker = await kind.start({ [cleanup]: '500' });
    });
    afterAll(() => broker?.[Symbol.asyncDispose]());

    it.runIf(kind.isAvailable)('are read when they commit, and not when they abort', async () => {
      await createTopic(broker, 'both', 2);
      await using producer = transactionalProducerFor(broker, 'both', { 'batch.size': '300' });
      await producer.initTransactions();
      for (const [index, end] of ['commit', 'abort', 'commit', 'abort', 'commit'].entries()) {
        producer.beginTransaction();
        for (const partition of [0, 1]) {
          await send(
            producer,
            'both',
            numbers(50).map((value) => `${end} ${index} ${partition} ${value}`),
            partition,
          );
        }
        if (end === 'commit') await producer.commitTransaction();
        else {
          await producer.flush();
          await producer.abortTransaction();
        }
      }
      const read = await readAll(broker, 'both', 300, committed);
      const expected = [0, 2, 4].flatMap((index) =>
        [0, 1].flatMap((partition) =>
          numbers(50).map((value) => `commit ${index} ${partition} ${value}`),
        ),
      );
      expect(read.toSorted()).toEqual(expected.toSorted());
      for (const partition of [0, 1]) {
        const own = (value: string): boolean => value.split(' ')[2] === `${partition}`;
        expect(read.filter(own)).toEqual(expected.filter(own));
      }
      expect(await readAll(broker, 'both', 500)).toHaveLength(500);
    });

    it.runIf(kind.isAvailable)('hold back what comes behind them until they end', async () => {
      await createTopic(broker, 'open');
      await using slow = transactionalProducerFor(broker, 'open-slow');
      await using quick = transactionalProducerFor(broker, 'open-quick');
      await slow.initTransactions();
      await quick.initTransactions();
      slow.beginTransaction();
      await send(slow, 'open', ['slow']);
      await slow.flush();
      quick.beginTransaction();
      await send(quick, 'open', ['quick']);
      await quick.commitTransaction();
      await using consumer = consumerFor(broker, { ...committed, 'group.id': 'open' });
      consumer.subscribe(['open'], quiet);
      expect(await consumer.poll(700)).toEqual([]);
      await slow.abortTransaction();
      expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['quick']);
    });

    it.runIf(kind.isAvailable)(
      'carry offsets: they count with the commit and not with an abort',
      async () => {
        await createTopic(broker, 'offsets');
        await using admin = adminFor(broker);
        await using producer = transactionalProducerFor(broker, 'offsets');
        await producer.initTransactions();
        const p0 = { topic: 'offsets', partition: 0 };
        const group = { groupId: 'offsets-group', ...nobody };
        producer.beginTransaction();
        await send(producer, 'offsets', ['a']);
        await producer.sendOffsets([{ ...p0, offset: 5n }], group);
        await producer.abortTransaction();
        expect(await admin.listGroupOffsets('offsets-group')).toEqual([]);
        producer.beginTransaction();
        await producer.sendOffsets([{ ...p0, offset: 7n }], group);
        await producer.commitTransaction();
        await expect
          .poll(() => admin.listGroupOffsets('offsets-group'))
          .toEqual([{ ...p0, offset: 7n }]);
      },
    );

    it.runIf(kind.isAvailable)('refuse offsets of a generation that is over', async () => {
      await createTopic(broker, 'generation');
      await using producer = transactionalProducerFor(broker, 'generation');
      await producer.initTransactions();
      await using consumer = consumerFor(broker, { 'group.id': 'generation' });
      consumer.subscribe(['generation'], quiet);
      while (consumer.assignment.length === 0) await consumer.poll(50);
      const now = consumer.groupMetadata;
      const offsets = [{ topic: 'generation', partition: 0, offset: 1n }];
      producer.beginTransaction();
      if (kind.name === 'Apache Kafka 2.1.1') {
        await expect(producer.sendOffsets(offsets, now)).rejects.toMatchObject({
          errorName: 'UNSUPPORTED_VERSION',
        });
        return;
      }
      await expect(
        producer.sendOffsets(offsets, { ...now, generation: now.generation - 1 }),
      ).rejects.toMatchObject({ errorName: 'ILLEGAL_GENERATION' });
      await expect(producer.commitTransaction()).rejects.toMatchObject({
        errorName: 'ILLEGAL_GENERATION',
      });
      await producer.abortTransaction();
      producer.beginTransaction();
      await producer.sendOffsets(offsets, now);
      await producer.commitTransaction();
    });

    it.runIf(kind.isAvailable)(
      'of a producer end when another takes its id, which it learns',
      async () => {
        await createTopic(broker, 'fenced');
        await using old = transactionalProducerFor(broker, 'fenced');
        await old.initTransactions();
        old.beginTransaction();
        await send(old, 'fenced', ['zombie']);
        await old.flush();
        await using young = transactionalProducerFor(broker, 'fenced');
        await young.initTransactions();
        young.beginTransaction();
        await send(young, 'fenced', ['alive']);
        await young.commitTransaction();
        const fenced = /PRODUCER_FENCED|INVALID_PRODUCER_EPOCH/;
        await expect(old.commitTransaction()).rejects.toMatchObject({
          errorName: expect.stringMatching(fenced),
          isRetriable: false,
        });
        expect(() => old.send([record('fenced', 'x')], 0, outcome())).toThrow(fenced);
        expect(() => old.beginTransaction()).toThrow(fenced);
        expect(await readAll(broker, 'fenced', 1, committed)).toEqual(['alive']);
      },
    );

    it.runIf(kind.isAvailable)('are fenced by an admin', async () => {
      await createTopic(broker, 'admin-fenced');
      await using producer = transactionalProducerFor(broker, 'admin-fenced');
      await producer.initTransactions();
      producer.beginTransaction();
      await send(producer, 'admin-fenced', ['a']);
      await producer.flush();
      await using admin = adminFor(broker);
      await admin.fenceProducers(['admin-fenced', 'never used']);
      await send(producer, 'admin-fenced', ['b']).catch(() => {});
      await expect(producer.commitTransaction()).rejects.toMatchObject({
        errorName: expect.stringMatching(/PRODUCER_FENCED|INVALID_PRODUCER_EPOCH/),
      });
      expect(await readAll(broker, 'admin-fenced', 0, committed)).toEqual([]);
    });

    it.runIf(kind.isAvailable)(
      'end at transaction.timeout.ms, and the producer that was too slow learns it',
      async () => {
        await createTopic(broker, 'timeout');
        await using producer = transactionalProducerFor(broker, 'timeout', {
          'transaction.timeout.ms': '1000',
        });
        await producer.initTransactions();
        producer.beginTransaction();
        await send(producer, 'timeout', ['late']);
        await producer.flush();
        await using other = transactionalProducerFor(broker, 'timeout-other');
        await other.initTransactions();
        other.beginTransaction();
        await send(other, 'timeout', ['other']);
        await other.commitTransaction();
        // Seen when the coordinator has ended what was open before it.
        await using consumer = consumerFor(broker, { ...committed, 'group.id': 'timeout' });
        consumer.subscribe(['timeout'], quiet);
        expect(await pollUntil(consumer, ({ length }) => length > 0, 30_000)).toEqual(['other']);
        await send(producer, 'timeout', ['too late']).catch(() => {});
        const failure = await producer.commitTransaction().then(
          () => null,
          (error: KafkaError) => error,
        );
        expect(failure?.errorName).toMatch(
          /PRODUCER_FENCED|INVALID_PRODUCER_EPOCH|INVALID_TXN_STATE/,
        );
        await using next = transactionalProducerFor(broker, 'timeout');
        await next.initTransactions();
        next.beginTransaction();
        await send(next, 'timeout', ['in time']);
        await next.commitTransaction();
        expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['in time']);
      },
    );

    it.runIf(kind.isAvailable)(
      'go on through a restart of the broker, each read once and whole',
      async () => {
        await createTopic(broker, 'restart');
        await using producer = transactionalProducerFor(broker, 'restart', { 'batch.size': '300' });
        await producer.initTransactions();
        const expected: string[] = [];
        const all = (async () => {
          for (let round = 0; round < 60; round++) {
            producer.beginTransaction();
            const values = numbers(20).map((value) => `${round} ${value}`);
            await send(producer, 'restart', values);
            if (round % 5 === 4) await producer.abortTransaction();
            else {
              await producer.commitTransaction();
              expected.push(...values);
            }
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        })();
        await until(() => expected.length > 200, 20_000);
        await broker.stop();
        await broker.start();
        await all;
        expect(await readAll(broker, 'restart', expected.length, committed)).toEqual(expected);
      },
    );
  },
);

const keys = {
  produce: 0,
  initProducerId: 22,
  addPartitions: 24,
  addOffsets: 25,
  endTxn: 26,
  txnOffsetCommit: 28,
};
const impatient = { 'retry.backoff.ms': '5', 'retry.backoff.max.ms': '20' };

it.for([
  { name: 'lost answers of every call', kind: 'lose-answer' as const, codes: [] },
  { name: 'closed connections', kind: 'close' as const, codes: [] },
  {
    name: 'CONCURRENT_TRANSACTIONS and moving coordinators',
    kind: 'error' as const,
    codes: [51, 16, 15, 14],
  },
])('survives $name: each transaction is read once and whole', async ({ kind, codes }) => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await using producer = transactionalProducerFor(broker, 'tx', impatient);
  let calls = 0;
  for (const key of Object.values(keys)) {
    if (key === keys.produce && kind === 'error') continue;
    broker.control(key, () => {
      calls += 1;
      if (calls % 3 !== 0) return undefined;
      return kind === 'error' ? { kind, errorCode: codes[calls % codes.length] ?? 51 } : { kind };
    });
  }
  await producer.initTransactions();
  const expected: string[] = [];
  for (let round = 0; round < 15; round++) {
    producer.beginTransaction();
    const values = numbers(5).map((value) => `${round} ${value}`);
    await send(producer, 't', values);
    if (round % 4 === 0)
      await producer.sendOffsets([{ topic: 't', partition: 0, offset: BigInt(round) }], {
        groupId: 'g',
        ...nobody,
      });
    if (round % 3 === 2) await producer.abortTransaction();
    else {
      await producer.commitTransaction();
      expected.push(...values);
    }
  }
  expect(calls).toBeGreaterThan(20);
  expect(await readAll(broker, 't', expected.length, committed)).toEqual(expected);
});

it('can only be aborted when a record failed, and the next begins clean', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await using producer = transactionalProducerFor(broker, 'tx', impatient);
  await producer.initTransactions();
  producer.beginTransaction();
  const listener = outcome();
  await sendAll(producer, [record('t', 'good')], listener);
  await producer.flush();
  broker.control(keys.produce, { kind: 'error', errorCode: 87 }, { times: 1 });
  const bad = outcome();
  await sendAll(producer, [record('t', 'bad')], bad);
  await expect(producer.commitTransaction()).rejects.toMatchObject({ errorName: 'INVALID_RECORD' });
  expect(() => producer.send([record('t', 'more')], 0, outcome())).toThrow('INVALID_RECORD');
  await producer.abortTransaction();
  producer.beginTransaction();
  await send(producer, 't', ['next']);
  await producer.commitTransaction();
  expect(await readAll(broker, 't', 1, committed)).toEqual(['next']);
});

it.for([
  { name: 'is too large', bad: record('t', 'x'.repeat(5000)) },
  { name: 'has a partition that cannot be', bad: record('t', 'x', -2) },
  { name: 'has a timestamp that cannot be', bad: { ...record('t', 'x'), timestamp: -5 } },
  { name: 'names a topic that cannot be', bad: record('no spaces allowed', 'x') },
])('can only be aborted when a record $name and was never queued', async ({ bad }) => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await using producer = transactionalProducerFor(broker, 'tx', { 'max.request.size': '1000' });
  await producer.initTransactions();
  producer.beginTransaction();
  const listener = outcome();
  await sendAll(producer, [record('t', 'before'), bad], listener);
  const refusal = await producer.commitTransaction().catch((error: unknown) => error);
  expect(listener.errors[1]).toBeDefined();
  expect(refusal).toBe(listener.errors[1]);
  await producer.abortTransaction();
  producer.beginTransaction();
  await send(producer, 't', ['next']);
  await producer.commitTransaction();
  expect(await readAll(broker, 't', 1, committed)).toEqual(['next']);
});

it.for([
  { name: 'a partition is refused', version: 0, key: keys.addPartitions, errorCode: 29 },
  { name: 'a batch is refused', version: 2, key: keys.produce, errorCode: 87 },
])(
  'reports a commit as failed at once when $name and others wait behind',
  async ({ version, key, errorCode }) => {
    await using broker = await startDevBroker({ config: { 'transaction.version': version } });
    await createTopic(broker, 't');
    await using producer = transactionalProducerFor(broker, 'tx', {
      'batch.size': '1',
      'max.in.flight.requests.per.connection': '1',
      'delivery.timeout.ms': '20000',
      'request.timeout.ms': '5000',
    });
    await producer.initTransactions();
    producer.beginTransaction();
    broker.control(key, { kind: 'error', errorCode }, { times: 1 });
    const listener = outcome();
    await sendAll(
      producer,
      numbers(3).map((value) => record('t', value)),
      listener,
    );
    const startedAt = Date.now();
    const failure = await producer.commitTransaction().catch((error: unknown) => error);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(failure).toMatchObject({ errorCode });
    expect(listener.errors).toEqual([failure, failure, failure]);
    await producer.abortTransaction();
    producer.beginTransaction();
    await send(producer, 't', ['next']);
    await producer.commitTransaction();
    expect(await readAll(broker, 't', 1, committed)).toEqual(['next']);
  },
);

it.for([
  { version: 0, name: 'a record', isSent: true },
  { version: 0, name: 'the abort', isSent: false },
  { version: 2, name: 'a record', isSent: true },
  { version: 2, name: 'the abort', isSent: false },
])(
  'goes on under a fresh id when $name tells that the coordinator has forgotten the producer (transaction.version $version)',
  async ({ version, isSent }) => {
    await using broker = await startDevBroker({ config: { 'transaction.version': version } });
    await createTopic(broker, 't');
    await using producer = transactionalProducerFor(broker, 'tx', impatient);
    await producer.initTransactions();
    const forgotten = { kind: 'error', errorCode: errorCodes.INVALID_PRODUCER_ID_MAPPING } as const;
    const forget = (): (() => void)[] =>
      [keys.produce, keys.addPartitions, keys.endTxn].map((key) => broker.control(key, forgotten));
    producer.beginTransaction();
    if (isSent) {
      const remove = forget();
      await send(producer, 't', ['lost']);
      await expect(producer.commitTransaction()).rejects.toMatchObject({
        errorName: 'INVALID_PRODUCER_ID_MAPPING',
      });
      await producer.abortTransaction();
      for (const each of remove) each();
    } else {
      await send(producer, 't', ['lost']);
      await producer.flush();
      let freshIds = 0;
      broker.control(keys.initProducerId, () => void (freshIds += 1));
      broker.control(keys.endTxn, forgotten, { times: 1 });
      await producer.abortTransaction();
      expect(freshIds).toBe(1);
    }
    producer.beginTransaction();
    await send(producer, 't', ['next']);
    await producer.commitTransaction();
    expect(await readAll(broker, 't', 1, committed)).toEqual(['next']);
  },
);

it('take nothing more from the call of commit on, and are as before when its signal ends the flush', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await using producer = transactionalProducerFor(broker, 'tx', impatient);
  await producer.initTransactions();
  producer.beginTransaction();
  await send(producer, 't', ['first']);
  const committing = producer.commitTransaction();
  const late = { errorName: 'INVALID_STATE' };
  const errorOf = (call: () => unknown): unknown => {
    try {
      return call();
    } catch (error) {
      return error;
    }
  };
  expect(errorOf(() => producer.send([record('t', 'late')], 0, outcome()))).toMatchObject(late);
  const offsets = [{ topic: 't', partition: 0, offset: 1n }];
  await expect(producer.sendOffsets(offsets, { groupId: 'g', ...nobody })).rejects.toMatchObject(
    late,
  );
  await committing;
  producer.beginTransaction();
  const release = broker.control(keys.produce, { kind: 'error', errorCode: 19 });
  await send(producer, 't', ['second']);
  await expect(producer.commitTransaction(AbortSignal.timeout(100))).rejects.toThrow('timeout');
  release();
  await send(producer, 't', ['third']);
  await producer.commitTransaction();
  expect(await readAll(broker, 't', 3, committed)).toEqual(['first', 'second', 'third']);
});

it('carry the leader epochs of offsets, where they are known', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't', 2);
  await using producer = transactionalProducerFor(broker, 'tx');
  await producer.initTransactions();
  const epochs: (number | undefined)[] = [];
  broker.control(keys.txnOffsetCommit, ({ body }) => {
    const { topics } = body as TxnOffsetCommitRequest;
    for (const { partitions } of topics) {
      epochs.push(...partitions.map(({ committedLeaderEpoch }) => committedLeaderEpoch));
    }
    return undefined;
  });
  producer.beginTransaction();
  const offsets = [
    { topic: 't', partition: 0, offset: 1n, leaderEpoch: 7 },
    { topic: 't', partition: 1, offset: 1n },
  ];
  await producer.sendOffsets(offsets, { groupId: 'g', ...nobody });
  await producer.commitTransaction();
  expect(epochs).toEqual([7, -1]);
});

it('aborts while requests hang: records are reported, nothing of them is read', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await using producer = transactionalProducerFor(broker, 'tx', {
    ...impatient,
    'request.timeout.ms': '300',
  });
  await producer.initTransactions();
  producer.beginTransaction();
  const remove = broker.control(keys.produce, { kind: 'delay', delayMs: 800 });
  const listener = outcome();
  await sendAll(
    producer,
    numbers(10).map((value) => record('t', value)),
    listener,
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  await producer.abortTransaction();
  remove();
  expect(listener.reported).toBe(10);
  producer.beginTransaction();
  await send(producer, 't', ['next']);
  await producer.commitTransaction();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(await readAll(broker, 't', 1, committed)).toEqual(['next']);
});

it('says which call is not possible now', async () => {
  await using broker = await startDevBroker();
  await using producer = transactionalProducerFor(broker, 'tx');
  expect(() => producer.beginTransaction()).toThrow('beginTransaction is not possible');
  expect(() => producer.send([record('t', 'a')], 0, outcome())).toThrow(
    'No transaction of "tx" is open',
  );
  await producer.initTransactions();
  await expect(producer.initTransactions()).rejects.toThrow('initTransactions is not possible');
  await expect(producer.commitTransaction()).rejects.toThrow('commitTransaction is not possible');
  await expect(producer.abortTransaction()).rejects.toThrow('abortTransaction is not possible');
  producer.beginTransaction();
  await producer.commitTransaction();
});

it('aborts an open transaction when it closes', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  const producer = transactionalProducerFor(broker, 'tx');
  await producer.initTransactions();
  producer.beginTransaction();
  await send(producer, 't', ['unfinished']);
  await producer.flush();
  await producer.close(2000);
  await using other = transactionalProducerFor(broker, 'other');
  await other.initTransactions();
  other.beginTransaction();
  await send(other, 't', ['done']);
  await other.commitTransaction();
  expect(await readAll(broker, 't', 1, committed)).toEqual(['done']);
});
