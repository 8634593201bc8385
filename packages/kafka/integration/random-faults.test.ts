import { setTimeout as sleep } from 'node:timers/promises';
import { type DevBroker, startDevBroker } from '@tributary/dev-broker';
import type { Consumer, TopicPartition } from '@tributary/kafka';
import { expect, it } from 'vitest';
import {
  consumerFor,
  createTopic,
  outcome,
  producerFor,
  readAll,
  record,
  sendAll,
  transactionalProducerFor,
} from './brokers.ts';

const partitionCount = 3;
const recordCount = 1500;
const seeds = Array.from(
  { length: Number(process.env['TRIBUTARY_SEEDS'] ?? 12) },
  (_, index) => index + 1,
);

/** Errors that a broker answers with for a while, by API. */
const transientErrors: Readonly<Record<number, readonly number[]>> = {
  0: [3, 5, 6, 7, 19, 20, 56],
  1: [6, 3, 56],
  2: [6, 5],
  8: [14, 15, 16, 7],
  9: [14, 16],
  10: [15],
  11: [14, 15, 16],
  12: [14, 16, 22, 27],
  14: [14, 16, 22, 27],
  22: [14, 15, 16, 51],
  24: [14, 16, 51],
  26: [14, 16, 51],
};

/** Faults as the numbers come; the same seed gives the same numbers. */
function injectFaults(broker: DevBroker, random: () => number): () => void {
  const removals = [...Object.entries(transientErrors), [3, [] as number[]] as const].map(
    ([key, codes]) =>
      broker.control(Number(key), () => {
        if (random() > 0.12) return undefined;
        const choice = random();
        if (choice < 0.3) return { kind: 'close' };
        if (choice < 0.55) return { kind: 'lose-answer' };
        if (choice < 0.65) return { kind: 'delay', delayMs: Math.floor(random() * 60) };
        const errorCode = codes[Math.floor(random() * codes.length)];
        return errorCode === undefined ? { kind: 'close' } : { kind: 'error', errorCode };
      }),
  );
  return () => {
    for (const remove of removals) remove();
  };
}

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const impatient = {
  'retry.backoff.ms': '2',
  'retry.backoff.max.ms': '20',
  'reconnect.backoff.ms': '2',
  'reconnect.backoff.max.ms': '20',
};

const startBroker = (): Promise<DevBroker> =>
  startDevBroker({ config: { 'group.min.session.timeout.ms': 100 } });

it.for(seeds)(
  'seed %i: records are in the log in order, with idempotence once; a group reads all of them',
  async (seed) => {
    await using broker = await startBroker();
    await createTopic(broker, 't', partitionCount);
    const random = randomOf(seed);
    const heal = injectFaults(broker, random);
    const isIdempotent = seed % 3 !== 0;
    await using producer = producerFor(broker, {
      ...impatient,
      'batch.size': '400',
      'enable.idempotence': String(isIdempotent),
    });
    const sent: string[][] = Array.from({ length: partitionCount }, () => []);
    const listener = outcome();
    const records = Array.from({ length: recordCount }, (_, index) => {
      const partition = Math.floor(random() * partitionCount);
      const value = `${partition} ${index}`;
      sent[partition]?.push(value);
      return record('t', value, partition);
    });
    const members = [1, 2].map(() =>
      startMember(broker, seed % 2 === 0 ? 'range' : 'cooperative-sticky'),
    );
    for (let first = 0; first < recordCount; first += 100) {
      const some = records.slice(first, first + 100);
      await sendAll(producer, some, {
        delivered: (at, count, target, offset, time) =>
          listener.delivered(first + at, count, target, offset, time),
        failed: (at, count, target, error) => listener.failed(first + at, count, target, error),
      });
      await sleep(random() * 20);
      if (random() < 0.05) {
        await broker.stop();
        await sleep(random() * 200);
        await broker.start();
      }
    }
    await producer.flush();
    expect(listener.errors).toEqual([]);
    expect(listener.reported).toBe(recordCount);
    heal();
    const read = (): string[] => members.flatMap((member) => member.read);
    await expect
      .poll(() => new Set(read()).size, { timeout: 30_000, interval: 20 })
      .toBe(recordCount);
    for (const member of members) await member.stop();
    const log = await readAll(broker, 't', recordCount);
    for (const [partition, values] of sent.entries()) {
      const written = log.filter((value) => value.startsWith(`${partition} `));
      expect(isIdempotent ? written : [...new Set(written)]).toEqual(values);
    }
    // A member reads a partition in order, and what comes again comes from where somebody committed on.
    for (const { runs } of members) {
      for (const run of runs) expect(run).toEqual(run.toSorted((a, b) => a - b));
    }
  },
);

it.for(seeds)('seed %i: transactions are read once and whole', async (seed) => {
  await using broker = await startBroker();
  await createTopic(broker, 't', partitionCount);
  const random = randomOf(1000 + seed);
  const heal = injectFaults(broker, random);
  await using producer = transactionalProducerFor(broker, 'tx', {
    ...impatient,
    'batch.size': '200',
  });
  await producer.initTransactions();
  const committed: string[][] = Array.from({ length: partitionCount }, () => []);
  let count = 0;
  for (let round = 0; round < 30; round++) {
    producer.beginTransaction();
    const records = Array.from({ length: 1 + Math.floor(random() * 40) }, (_, index) => {
      const partition = Math.floor(random() * partitionCount);
      return record('t', `${partition} ${round} ${index}`, partition);
    });
    await sendAll(producer, records, outcome());
    if (random() < 0.3) await sleep(random() * 20);
    if (random() < 0.3) {
      await producer.abortTransaction();
      continue;
    }
    await producer.commitTransaction();
    for (const { partition, value } of records) committed[partition ?? 0]?.push(String(value));
    count += records.length;
    if (random() < 0.05) {
      await broker.stop();
      await broker.start();
    }
  }
  heal();
  const log = await readAll(broker, 't', count, { 'isolation.level': 'read_committed' });
  for (const [partition, values] of committed.entries()) {
    expect(log.filter((value) => value.startsWith(`${partition} `))).toEqual(values);
  }
});

interface Member {
  readonly read: string[];
  /** Offsets of what was read of each partition, one run for each time that it was assigned. */
  readonly runs: number[][];
  stop(): Promise<void>;
}

/** Polls, and commits what it has read, until it is stopped. */
function startMember(broker: DevBroker, strategy: string): Member {
  const read: string[] = [];
  const runs: number[][] = [];
  const current = new Map<number, number[]>();
  const consumer: Consumer = consumerFor(broker, {
    ...impatient,
    'partition.assignment.strategy': strategy,
    'heartbeat.interval.ms': '30',
    'session.timeout.ms': '1000',
    'max.poll.interval.ms': '2000',
  });
  const positions = (partitions: readonly TopicPartition[]) =>
    partitions.flatMap((each) => {
      const offset = consumer.position(each);
      return offset === undefined ? [] : [{ ...each, offset }];
    });
  consumer.subscribe(['t'], {
    onAssigned(partitions) {
      for (const { partition } of partitions) {
        const run: number[] = [];
        current.set(partition, run);
        runs.push(run);
      }
    },
    onRevoked: (partitions) => consumer.commit(positions(partitions)).catch(() => {}),
    onLost() {},
  });
  let isOver = false;
  const polling = (async () => {
    while (!isOver) {
      for (const { partition, records } of await consumer.poll(50)) {
        for (const { value, offset } of records) {
          read.push(String(value));
          current.get(partition)?.push(offset);
        }
      }
      await consumer.commit(positions(consumer.assignment)).catch(() => {});
    }
  })();
  return {
    read,
    runs,
    async stop() {
      isOver = true;
      await polling;
      await consumer.close(1000);
    },
  };
}
