import { createAdmin, createProducer, type ProducerRecord } from '@tributary/kafka';
import { expect } from 'vitest';
import { outcome, sendAll } from '../brokers.ts';
import { keepRunning, type Pipeline } from '../pipeline.ts';
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
  let isStopping = false;
  const pipeline = pipelineOf(world, () => isStopping);
  const processes = [keepRunning(pipeline, 'a', false), keepRunning(pipeline, 'b', true)];
  if (world.random() < 0.7) {
    await pause(between(world.random, 1000, 12_000));
    // The first goes on as if nothing were, until it is told that it was replaced.
    processes.push(keepRunning(pipeline, 'b2', false));
  }
  await world.troubles;
  await world.heal();
  await allCommitted(world);
  isStopping = true;
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
  const producer = createProducer(
    { ...world.config(healthyClient), 'batch.size': String(oneOf(world.random, [40, 500])) },
    world.deps,
  );
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

/** Two processes take turns at the input; `b` and `b2` have the same transactional id. */
function pipelineOf(world: World, isStopping: () => boolean): Pipeline {
  const { random, deps } = world;
  return {
    input,
    output,
    random,
    deps,
    isStopping,
    async disturb() {
      if (random() < 0.02) await pause(5000);
    },
    producerConfig: (name) => ({
      ...world.config(`${name}-producer`),
      'transactional.id': name.startsWith('b') ? 'tx-bb' : 'tx-a',
      'transaction.timeout.ms': String(oneOf(random, [4000, 30_000])),
      'batch.size': String(oneOf(random, [50, 16_384])),
      'max.block.ms': '20000',
    }),
    consumerConfig: (name) => ({
      ...world.config(`${name}-consumer`),
      'group.id': groupId,
      'auto.offset.reset': 'earliest',
      'isolation.level': 'read_committed',
      'max.poll.records': String(between(random, 2, 10)),
      'session.timeout.ms': '8000',
      'heartbeat.interval.ms': '500',
      'partition.assignment.strategy': world.seed % 2 === 0 ? 'range' : 'cooperative-sticky',
    }),
  };
}

async function allCommitted(world: World): Promise<void> {
  const admin = createAdmin(world.config(healthyClient), world.deps);
  for (let isDone = false; !isDone; await pause(500)) {
    const offsets = await admin.listGroupOffsets(groupId);
    isDone = offsets.filter(({ offset }) => offset === BigInt(inputCount)).length === partitions;
  }
  await admin.close();
}
