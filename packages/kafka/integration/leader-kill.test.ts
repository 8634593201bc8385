import { missingForApacheKafka, requireOrSkip, startKafkaCluster } from '@tributary/testkit';
import { expect, it } from 'vitest';
import { createAdmin, createConsumer, createProducer } from '../src/index.ts';
import type { DeliveryListener, KafkaError, ProducerRecord, TopicPartition } from '../src/types.ts';

const topic = 'numbers';
const partitions = 3;
/** `TRIBUTARY_SOAK=60000` for longer. */
const produceMs = Number(process.env['TRIBUTARY_SOAK'] ?? 20_000);
const batchRecords = 300;
const pauseMs = 5;
const quiet = { error() {}, warn() {}, info() {}, debug() {} };

const missing = await missingForApacheKafka();
const isAvailable = requireOrSkip('Apache Kafka', missing === null, missing ?? '');

/**
 * Idempotent produce and group consumption at once while every broker in turn, each a leader of some partition, is killed and started again.
 * Each record carries its number within its partition, so that a lost, doubled or misplaced one is seen.
 */
it.runIf(isAvailable)(
  'leaders killed in turn: nothing lost, nothing twice, order kept',
  async () => {
    await using cluster = await startKafkaCluster(3);
    const bootstrap = { 'bootstrap.servers': cluster.bootstrapServers };
    const admin = createAdmin(bootstrap, { logger: quiet });
    await admin.createTopic({ topic, partitions, replicationFactor: 3 });
    const stopped = new AbortController();

    const consumed = consumeNumbers(bootstrap, stopped.signal);
    const produced = produceNumbers(bootstrap);
    for (const id of cluster.ids) {
      await sleep(produceMs / 6);
      await cluster.kill(id);
      await sleep(produceMs / 12);
      await cluster.start(id);
    }
    const counts = await produced;
    expect(counts.every((count) => count > 1000)).toBe(true);
    const numbers = await consumed.until(counts);
    stopped.abort();
    for (let partition = 0; partition < partitions; partition++) {
      expect(firstMisplaced(numbers[partition] ?? [])).toBe(-1);
      expect(numbers[partition]).toHaveLength(counts[partition] ?? -1);
    }
    await consumed.closed;
    await admin.close();
  },
  300_000,
);

/** Returns how many records of each partition were acknowledged: all that were sent. */
async function produceNumbers(bootstrap: Record<string, string>): Promise<number[]> {
  const producer = createProducer(
    { ...bootstrap, acks: 'all', 'enable.idempotence': 'true', 'delivery.timeout.ms': '240000' },
    { logger: quiet },
  );
  const next = Array.from({ length: partitions }, () => 0);
  const failures: KafkaError[] = [];
  const listener: DeliveryListener = {
    delivered() {},
    failed(_first, _count, _target, error) {
      failures.push(error);
    },
  };
  const end = Date.now() + produceMs;
  while (Date.now() < end) {
    const records = Array.from({ length: batchRecords }, (_, index): ProducerRecord => {
      const partition = index % partitions;
      const number = next[partition] ?? 0;
      next[partition] = number + 1;
      const value = Buffer.from(String(number).padStart(100));
      return { topic, partition, timestamp: null, key: null, value, headers: [] };
    });
    let first = producer.send(records, 0, listener);
    while (first < records.length) {
      await producer.whenWritable();
      first += producer.send(records, first, listener);
    }
    await sleep(pauseMs);
  }
  await producer.flush();
  await producer.close(10_000);
  expect(failures).toEqual([]);
  return next;
}

/** What a consumer group reads; its commits stand behind what it has handed out, so that a rebalance reads nothing twice. */
function consumeNumbers(bootstrap: Record<string, string>, stopped: AbortSignal) {
  const consumer = createConsumer(
    { ...bootstrap, 'group.id': 'readers', 'auto.offset.reset': 'earliest' },
    { logger: quiet },
  );
  const numbers = Array.from({ length: partitions }, (): number[] => []);
  const next = new Map<number, bigint>();
  const commit = (revoked: readonly TopicPartition[]): Promise<void> => {
    const offsets = revoked.flatMap(({ partition }) => {
      const offset = next.get(partition);
      return offset === undefined ? [] : [{ topic, partition, offset }];
    });
    return offsets.length === 0 ? Promise.resolve() : consumer.commit(offsets);
  };
  consumer.subscribe([topic], { onAssigned() {}, onRevoked: commit, onLost() {} });
  let failure: Error | null = null;
  const closed = (async () => {
    try {
      while (!stopped.aborted) {
        for (const { partition, records, nextOffset } of await consumer.poll(200)) {
          for (const { value } of records) numbers[partition]?.push(Number(value?.toString()));
          next.set(partition, nextOffset);
        }
      }
    } catch (error) {
      failure = error as Error;
    }
    await consumer.close(10_000);
  })();
  return {
    closed,
    async until(counts: readonly number[]): Promise<number[][]> {
      const deadline = Date.now() + 120_000;
      while (counts.some((count, partition) => (numbers[partition]?.length ?? 0) < count)) {
        if (failure !== null) throw failure;
        if (Date.now() > deadline) {
          throw new Error(`read ${numbers.map((read) => read.length)} of ${counts}`);
        }
        await sleep(100);
      }
      return numbers;
    },
  };
}

/** Index of the first number that is not its own index; -1 when there is none. */
function firstMisplaced(numbers: readonly number[]): number {
  return numbers.findIndex((number, index) => number !== index);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
