import type {
  DeliveryListener,
  KafkaError,
  ProducerRecord,
  TopicPartition,
} from '@tributary/kafka';
import { type ClientConfig, createConsumer, createProducer } from '@tributary/kafka';
import { silent } from './brokers.ts';

// Each record carries its number within its partition, so that a lost, doubled or misplaced one is seen.

export interface Numbered {
  readonly config: ClientConfig;
  readonly topic: string;
  readonly partitions: number;
}

const valueBytes = 100;

/** With idempotence, for `durationMs`. Returns how many records of each partition were acknowledged: all that were sent. */
export async function produceNumbers(
  { config, topic, partitions }: Numbered,
  pace: { readonly durationMs: number; readonly batchRecords: number; readonly pauseMs: number },
): Promise<number[]> {
  const producer = createProducer(
    { ...config, acks: 'all', 'enable.idempotence': 'true', 'delivery.timeout.ms': '240000' },
    { logger: silent },
  );
  const next = Array.from({ length: partitions }, () => 0);
  const failures: KafkaError[] = [];
  const listener: DeliveryListener = {
    delivered() {},
    failed(_first, _count, _target, error) {
      failures.push(error);
    },
  };
  const endMs = Date.now() + pace.durationMs;
  while (Date.now() < endMs) {
    const records = Array.from({ length: pace.batchRecords }, (_, index): ProducerRecord => {
      const partition = index % partitions;
      const number = next[partition] ?? 0;
      next[partition] = number + 1;
      const value = Buffer.from(String(number).padStart(valueBytes));
      return { topic, partition, timestamp: null, key: null, value, headers: [] };
    });
    let first = producer.send(records, 0, listener);
    while (first < records.length) {
      await producer.whenWritable();
      first += producer.send(records, first, listener);
    }
    await sleep(pace.pauseMs);
  }
  await producer.flush();
  await producer.close(10_000);
  if (failures[0] !== undefined) throw failures[0];
  return next;
}

export interface NumbersReader {
  /** Numbers by partition, when there are so many of each; rejects at the deadline. */
  until(counts: readonly number[]): Promise<number[][]>;
  close(): Promise<void>;
}

/** A group of one that commits what it gives back. What it reads again, where it was lost to its group, takes the place of what it had read from there on. */
export function consumeNumbers({ config, topic, partitions }: Numbered): NumbersReader {
  const consumer = createConsumer(
    { ...config, 'auto.offset.reset': 'earliest' },
    { logger: silent },
  );
  const numbers = Array.from({ length: partitions }, (): number[] => []);
  const offsets = Array.from({ length: partitions }, (): number[] => []);
  const next = new Map<number, bigint>();
  const fresh = new Set<number>();
  const commit = (revoked: readonly TopicPartition[]): Promise<void> => {
    const committed = revoked.flatMap(({ partition }) => {
      const offset = next.get(partition);
      return offset === undefined ? [] : [{ topic, partition, offset }];
    });
    return committed.length === 0 ? Promise.resolve() : consumer.commit(committed);
  };
  consumer.subscribe([topic], {
    onAssigned(given) {
      for (const { partition } of given) fresh.add(partition);
    },
    onRevoked: commit,
    onLost() {},
  });
  const forgetFrom = (partition: number, offset: number): void => {
    const read = offsets[partition] ?? [];
    const kept = read.findLastIndex((each) => each < offset) + 1;
    read.length = kept;
    (numbers[partition] ?? []).length = kept;
  };
  const stopped = new AbortController();
  let failure: Error | null = null;
  const closed = (async () => {
    try {
      while (!stopped.signal.aborted) {
        for (const { partition, records, nextOffset } of await consumer.poll(200)) {
          if (fresh.delete(partition)) forgetFrom(partition, records[0]?.offset ?? 0);
          for (const { value, offset } of records) {
            numbers[partition]?.push(Number(value?.toString()));
            offsets[partition]?.push(offset);
          }
          next.set(partition, nextOffset);
        }
      }
    } catch (error) {
      failure = error as Error;
    }
    await consumer.close(10_000);
  })();
  return {
    async until(counts) {
      const deadline = Date.now() + readTimeoutMs;
      while (counts.some((count, partition) => (numbers[partition]?.length ?? 0) < count)) {
        if (failure !== null) throw failure;
        if (Date.now() > deadline) {
          throw new Error(`read ${numbers.map(({ length }) => length)} of ${counts}`);
        }
        await sleep(100);
      }
      return numbers;
    },
    async close() {
      stopped.abort();
      await closed;
    },
  };
}

const readTimeoutMs = 180_000;

/** What is wrong with numbers that should be 0, 1, 2, ... `count - 1`; null when nothing is. */
export function firstWrong(numbers: readonly number[], count: number): string | null {
  const at = numbers.findIndex((number, index) => number !== index);
  if (at >= 0) return `number ${numbers[at]} is in the place of ${at}`;
  return numbers.length === count ? null : `${numbers.length} numbers in the place of ${count}`;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
