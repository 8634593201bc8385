import {
  type Consumer,
  createAdmin,
  createConsumer,
  createProducer,
  createTransactionalProducer,
  KafkaError,
  type ProducerRecord,
  type RebalanceListener,
  type TopicPartitionOffset,
  type TransactionalProducer,
} from '@tributary/kafka';
import { expect } from 'vitest';
import { outcome, sendAll } from '../brokers.ts';
import { readLog } from './produce-story.ts';
import { between, oneOf } from './random.ts';
import { healthyClient, pause, type Setting, type World } from './world.ts';

const input = 'in';
const output = 'out';
const partitions = 2;
const inputCount = 150;
const groupId = 'group';

export const transactionSetting: Setting = {
  topics: { [input]: partitions, [output]: partitions },
  rates: { share: 0.08, lastingErrors: { 0: [29], 25: [53], 28: [30] } },
  troubleMs: 20_000,
};

/**
 * Two processes of one group read a topic and write what they read to another, with their offsets, in transactions; some they abort. One of them is replaced by a second of the same
 * transactional id while it goes on. Read committed, each record is there once, in order, and nothing of what was aborted.
 */
export async function transactionStory(world: World): Promise<void> {
  await fill(world);
  const stopping = { isAsked: false };
  const processes = [
    keepRunning(world, 'a', 'tx-a', stopping),
    keepRunning(world, 'b', 'tx-bb', stopping),
  ];
  if (world.random() < 0.7) {
    await pause(between(world.random, 1000, 12_000));
    // The first goes on as if nothing were, until it is told that it was replaced.
    processes.push(keepRunning(world, 'b2', 'tx-bb', stopping));
  }
  await world.troubles;
  await world.heal();
  await allCommitted(world);
  stopping.isAsked = true;
  await Promise.all(processes);
  const log = await readLog(world, output, partitions, 'read_committed');
  for (let partition = 0; partition < partitions; partition++) {
    const values = (log[partition] ?? []).filter((value) => value !== undefined);
    expect(values).toEqual(
      Array.from({ length: inputCount }, (_, index) => `${partition} ${index}`),
    );
  }
}

async function fill(world: World): Promise<void> {
  const producer = createProducer({ ...world.config(healthyClient) }, world.deps);
  const records = Array.from({ length: partitions * inputCount }, (_, index): ProducerRecord => {
    const partition = index % partitions;
    const value = Buffer.from(`${partition} ${Math.floor(index / partitions)}`);
    return { topic: input, partition, timestamp: null, key: null, value, headers: [] };
  });
  const outcomes = outcome();
  await sendAll(producer, records, outcomes);
  await producer.flush();
  await producer.close(0);
  expect(outcomes.errors).toEqual([]);
}

/** As an operator would: a process that ends with an error is started again, unless another has taken its place. */
async function keepRunning(
  world: World,
  name: string,
  transactionalId: string,
  stopping: { isAsked: boolean },
): Promise<void> {
  while (!stopping.isAsked) {
    try {
      await runProcess(world, name, transactionalId, stopping);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      if (name === 'b' && error.errorName === 'PRODUCER_FENCED') return;
      await pause(between(world.random, 10, 1000));
    }
  }
}

async function runProcess(
  world: World,
  name: string,
  transactionalId: string,
  stopping: { isAsked: boolean },
): Promise<void> {
  const { random } = world;
  const producer = createTransactionalProducer(
    {
      ...world.config(`${name}-producer`),
      'transactional.id': transactionalId,
      'transaction.timeout.ms': String(oneOf(random, [4000, 30_000])),
      'batch.size': String(oneOf(random, [50, 16_384])),
      'max.block.ms': '20000',
    },
    world.deps,
  );
  const consumer = createConsumer(
    {
      ...world.config(`${name}-consumer`),
      'group.id': groupId,
      'auto.offset.reset': 'earliest',
      'isolation.level': 'read_committed',
      'max.poll.records': String(between(random, 2, 10)),
      'session.timeout.ms': '8000',
      'heartbeat.interval.ms': '500',
      'partition.assignment.strategy': world.seed % 2 === 0 ? 'range' : 'cooperative-sticky',
    },
    world.deps,
  );
  try {
    await producer.initTransactions();
    consumer.subscribe([input], noListener);
    while (!stopping.isAsked) await runTransaction(world, producer, consumer);
  } finally {
    await consumer.close(2000);
    await producer.close(oneOf(random, [0, 2000]));
  }
}

const noListener: RebalanceListener = { onAssigned() {}, onRevoked() {}, onLost() {} };

async function runTransaction(
  world: World,
  producer: TransactionalProducer,
  consumer: Consumer,
): Promise<void> {
  const { random } = world;
  const consumed = await consumer.poll(500);
  if (consumed.length === 0) return;
  const before = consumed.map(({ partition, records }) => ({
    topic: input,
    partition,
    offset: BigInt(records[0]?.offset ?? 0),
  }));
  const isMeantToFail = random() < 0.1;
  producer.beginTransaction();
  try {
    const records = consumed.flatMap(({ partition, records: read }) =>
      read.map(({ value }): ProducerRecord => {
        const text = isMeantToFail ? `aborted ${value}` : `${value}`;
        const bytes = Buffer.from(text);
        return { topic: output, partition, timestamp: null, key: null, value: bytes, headers: [] };
      }),
    );
    await sendAll(producer, records, outcome());
    if (random() < 0.02) await pause(5000);
    const after = consumed.map(
      ({ partition, nextOffset }): TopicPartitionOffset => ({
        topic: input,
        partition,
        offset: nextOffset,
      }),
    );
    await producer.sendOffsets(after, consumer.groupMetadata);
    if (isMeantToFail) throw new MeantToFail();
    await untilNoTimeout(() => producer.commitTransaction());
  } catch (error) {
    await untilNoTimeout(() => producer.abortTransaction());
    if (!(error instanceof MeantToFail || error instanceof KafkaError)) throw error;
    for (const each of before) {
      const isOwned = consumer.assignment.some(({ partition }) => partition === each.partition);
      if (isOwned) consumer.seek(each, each.offset);
    }
  }
}

class MeantToFail extends Error {}

/** TIMEOUT of a commit or an abort: the same call again. */
async function untilNoTimeout(call: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof KafkaError) || error.errorName !== 'TIMEOUT') throw error;
    }
  }
}

async function allCommitted(world: World): Promise<void> {
  const admin = createAdmin(world.config(healthyClient), world.deps);
  for (let isDone = false; !isDone; await pause(500)) {
    const offsets = await admin.listGroupOffsets(groupId);
    isDone = offsets.filter(({ offset }) => offset === BigInt(inputCount)).length === partitions;
  }
  await admin.close();
}
