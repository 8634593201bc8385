import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Admin,
  type ClientLogger,
  type ConsumedRecords,
  type Consumer,
  createAdmin,
  createConsumer,
  createProducer,
  createTransactionalProducer,
  type DeliveryListener,
  type KafkaError,
  type Producer,
  type ProducerRecord,
  type RebalanceListener,
  type TransactionalProducer,
} from '@tributary/kafka';

export const silent: ClientLogger = { error() {}, warn() {}, info() {}, debug() {} };

/** A logger whose lines can be looked at. */
export function recordingLogger(): ClientLogger & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string): void => void lines.push(message);
  return { lines, error: keep, warn: keep, info: keep, debug: keep };
}

export function record(topic: string, value: string, partition: number | null = 0): ProducerRecord {
  return { topic, partition, timestamp: null, key: null, value: Buffer.from(value), headers: [] };
}

/** What became of each record of one `send`, by index. */
export interface Outcome extends DeliveryListener {
  readonly offsets: (bigint | undefined)[];
  readonly errors: (KafkaError | undefined)[];
  readonly reported: number;
}

export function outcome(): Outcome {
  const offsets: (bigint | undefined)[] = [];
  const errors: (KafkaError | undefined)[] = [];
  let reported = 0;
  const once = (index: number): void => {
    reported += 1;
    if (offsets[index] !== undefined || errors[index] !== undefined) {
      throw new Error(`record ${index} was reported twice`);
    }
  };
  return {
    offsets,
    errors,
    get reported() {
      return reported;
    },
    delivered(first, count, _target, baseOffset) {
      for (let i = 0; i < count; i += 1) {
        once(first + i);
        offsets[first + i] = baseOffset + BigInt(i);
      }
    },
    failed(first, count, _target, error) {
      for (let i = 0; i < count; i += 1) {
        once(first + i);
        errors[first + i] = error;
      }
    },
  };
}

/** Sends all, waiting for room; resolves when the producer has taken them. */
export async function sendAll(
  producer: Producer,
  records: readonly ProducerRecord[],
  listener: DeliveryListener,
): Promise<void> {
  for (let next = producer.send(records, 0, listener); next < records.length; ) {
    await producer.whenWritable();
    next += producer.send(records, next, listener);
  }
}

type Config = Readonly<Record<string, string>>;
interface Broker {
  readonly bootstrapServers: string;
}

export function producerFor(
  { bootstrapServers }: Broker,
  config: Config = {},
  logger: ClientLogger = silent,
): Producer & AsyncDisposable {
  const producer = createProducer(
    { 'bootstrap.servers': bootstrapServers, 'linger.ms': '0', ...config },
    { logger },
  );
  return Object.assign(producer, { [Symbol.asyncDispose]: () => producer.close(0) });
}

export function transactionalProducerFor(
  { bootstrapServers }: Broker,
  transactionalId: string,
  config: Config = {},
): TransactionalProducer & AsyncDisposable {
  const producer = createTransactionalProducer(
    {
      'bootstrap.servers': bootstrapServers,
      'linger.ms': '0',
      'transactional.id': transactionalId,
      ...config,
    },
    { logger: silent },
  );
  return Object.assign(producer, { [Symbol.asyncDispose]: () => producer.close(0) });
}

export function consumerFor(
  { bootstrapServers }: Broker,
  config: Config = {},
  logger: ClientLogger = silent,
): Consumer & AsyncDisposable {
  const consumer = createConsumer(
    {
      'bootstrap.servers': bootstrapServers,
      'group.id': 'group',
      'auto.offset.reset': 'earliest',
      ...config,
    },
    { logger },
  );
  return Object.assign(consumer, { [Symbol.asyncDispose]: () => consumer.close(1000) });
}

export function adminFor(
  { bootstrapServers }: Broker,
  config: Config = {},
  logger: ClientLogger = silent,
): Admin & AsyncDisposable {
  const admin = createAdmin({ 'bootstrap.servers': bootstrapServers, ...config }, { logger });
  return Object.assign(admin, { [Symbol.asyncDispose]: () => admin.close() });
}

export async function createTopic(
  broker: Broker,
  topic: string,
  partitions = 1,
  configs: Config = {},
): Promise<void> {
  await using admin = adminFor(broker);
  await admin.createTopic({ topic, partitions, replicationFactor: 1, configs });
  // A broker of Apache Kafka learns of it a moment after the controller's answer.
  for (const deadline = Date.now() + 20_000; ; await sleep(20)) {
    if ((await admin.describeTopics([topic])).has(topic)) return;
    if (Date.now() > deadline) throw new Error(`topic "${topic}" does not come`);
  }
}

export const quiet: RebalanceListener = { onAssigned() {}, onRevoked() {}, onLost() {} };

/** Polls until `isDone` of everything read so far; rejects at the deadline. */
export async function pollUntil(
  consumer: Consumer,
  isDone: (values: string[]) => boolean,
  timeoutMs = 20_000,
): Promise<string[]> {
  const values: string[] = [];
  const deadline = Date.now() + timeoutMs;
  while (!isDone(values)) {
    if (Date.now() > deadline)
      throw new Error(`read ${values.length} records: ${values.slice(-5)}`);
    values.push(...valuesOf(await consumer.poll(200)));
  }
  return values;
}

export function valuesOf(consumed: readonly ConsumedRecords[]): string[] {
  return consumed.flatMap(({ records }) => records.map(({ value }) => String(value)));
}

/** Every value of a topic's one partition, read by a consumer of its own. */
export async function readAll(
  broker: Broker,
  topic: string,
  count: number,
  config: Config = {},
): Promise<string[]> {
  await using consumer = consumerFor(broker, { 'group.id': `reader-${Math.random()}`, ...config });
  consumer.subscribe([topic], quiet);
  const values = await pollUntil(consumer, ({ length }) => length >= count);
  // What comes twice comes at the end.
  for (let more = await consumer.poll(300); more.length > 0; more = await consumer.poll(300)) {
    values.push(...valuesOf(more));
  }
  return values;
}

export async function until(isTrue: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${isTrue}`);
    await sleep(5);
  }
}
