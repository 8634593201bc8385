import { createConsumer, createProducer, type ProducerRecord } from '@tributary/kafka';
import { expect } from 'vitest';
import { outcome, sendAll } from '../brokers.ts';
import { between, oneOf } from './random.ts';
import { healthyClient, pause, type Setting, type World } from './world.ts';

const topic = 't';
const partitions = 3;
const recordCount = 240;

export const produceSetting: Setting = {
  topics: { [topic]: partitions },
  rates: { share: 0.12, lastingErrors: { 0: [29, 87] } },
  troubleMs: 15_000,
};

interface Sent {
  readonly producer: string;
  readonly values: string[][];
  readonly outcomes: ReturnType<typeof outcome>;
  readonly records: readonly ProducerRecord[];
}

/**
 * Producers write while brokers are in trouble. What was acknowledged is in the log, at its offset; of every producer in order within each partition; with idempotence nothing is there twice,
 * whatever was reported of it. Each record is reported once.
 */
export async function produceStory(world: World, isIdempotent: boolean): Promise<void> {
  const names = world.random() < 0.5 ? ['a'] : ['a', 'b'];
  const sent = await Promise.all(names.map((name) => produce(world, name, isIdempotent)));
  await world.heal();
  const log = await readLog(world);
  for (const { producer, records, outcomes } of sent) {
    expect(outcomes.reported, `reports of producer ${producer}`).toBe(recordCount);
    for (const [index, { partition, value }] of records.entries()) {
      const offset = outcomes.offsets[index];
      if (offset === undefined) continue;
      const found = log[partition ?? 0] ?? [];
      // -1: a repeated batch that the broker does not remember the place of.
      if (offset >= 0n) expect(found[Number(offset)], `at ${partition}/${offset}`).toBe(`${value}`);
      else expect(found).toContain(`${value}`);
    }
    for (const [partition, values] of log.entries()) {
      const numbers = values
        .filter((value) => value.startsWith(`${producer} `))
        .map((value) => Number(value.split(' ')[1]));
      const seen = isIdempotent ? numbers : [...new Set(numbers)];
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      const twice = seen.filter((number, index) => seen.indexOf(number) !== index);
      expect(twice, `twice in partition ${partition}`).toEqual([]);
    }
  }
}

async function produce(world: World, name: string, isIdempotent: boolean): Promise<Sent> {
  const { random } = world;
  const producer = createProducer(
    {
      ...world.config(name),
      'enable.idempotence': String(isIdempotent),
      acks: isIdempotent ? 'all' : oneOf(random, ['all', '1']),
      'max.in.flight.requests.per.connection': '5',
      'batch.size': String(oneOf(random, [100, 300, 16_384])),
      'linger.ms': String(oneOf(random, [0, 5, 50])),
      'compression.type': oneOf(random, ['none', 'lz4', 'snappy']),
      'delivery.timeout.ms': String(oneOf(random, [12_000, 120_000])),
      retries: String(oneOf(random, [2, 2_147_483_647])),
      'buffer.memory': String(oneOf(random, [20_000, 33_554_432])),
    },
    world.deps,
  );
  const values: string[][] = Array.from({ length: partitions }, () => []);
  const records = Array.from({ length: recordCount }, (_, index): ProducerRecord => {
    const partition = between(random, 0, partitions - 1);
    const value = Buffer.from(`${name} ${index}`);
    return { topic, partition, timestamp: null, key: null, value, headers: [] };
  });
  const outcomes = outcome();
  for (let first = 0; first < recordCount; ) {
    const some = records.slice(first, first + between(random, 1, 30));
    const base = first;
    await sendAll(producer, some, {
      delivered: (at, count, target, offset, time) =>
        outcomes.delivered(base + at, count, target, offset, time),
      failed: (at, count, target, error) => outcomes.failed(base + at, count, target, error),
    });
    first += some.length;
    if (random() < 0.6) await pause(between(random, 1, 400));
    if (random() < 0.1) await producer.flush();
  }
  await producer.flush();
  await producer.close(0);
  return { producer: name, values, outcomes, records };
}

/** Values of each partition, by offset. */
export async function readLog(
  world: World,
  ofTopic = topic,
  count = partitions,
  isolation = 'read_uncommitted',
): Promise<string[][]> {
  const consumer = createConsumer(
    {
      ...world.config(healthyClient),
      'group.id': 'reader',
      'auto.offset.reset': 'earliest',
      'isolation.level': isolation,
    },
    world.deps,
  );
  const log: string[][] = Array.from({ length: count }, () => []);
  consumer.subscribe([ofTopic], { onAssigned() {}, onRevoked() {}, onLost() {} });
  // Ends when there was nothing new for long enough that there is nothing.
  for (let idle = 0; idle < 5; ) {
    const consumed = await consumer.poll(2000);
    idle = consumed.length === 0 ? idle + 1 : 0;
    for (const { partition, records } of consumed) {
      for (const { offset, value } of records) (log[partition] as string[])[offset] = `${value}`;
    }
  }
  await consumer.close(1000);
  return log;
}
