import {
  type ClientConfig,
  type ClientDeps,
  type Consumer,
  createConsumer,
  createTransactionalProducer,
  KafkaError,
  type ProducerRecord,
  type RebalanceListener,
  type TransactionalProducer,
} from '@tributary/kafka';
import { outcome, sendAll } from './brokers.ts';

/** Processes that read one topic and write what they read to another, partition by partition, with their offsets, in transactions; some they abort. */
export interface Pipeline {
  readonly input: string;
  readonly output: string;
  readonly deps: ClientDeps;
  readonly producerConfig: (name: string) => ClientConfig;
  readonly consumerConfig: (name: string) => ClientConfig;
  readonly random: () => number;
  /** Called in the middle of each transaction. */
  disturb(): Promise<void>;
  isStopping(): boolean;
}

const restartDelayMs = 300;

/** As an operator would: a process that ends with an error is started again, unless `isReplaced` and another has taken its place. Resolves when the pipeline stops. */
export async function keepRunning(
  pipeline: Pipeline,
  name: string,
  isReplaced: boolean,
): Promise<void> {
  while (!pipeline.isStopping()) {
    try {
      await run(pipeline, name);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      if (isReplaced && error.errorName === 'PRODUCER_FENCED') return;
      await new Promise((resolve) => {
        setTimeout(resolve, restartDelayMs);
      });
    }
  }
}

async function run(pipeline: Pipeline, name: string): Promise<void> {
  const producer = createTransactionalProducer(pipeline.producerConfig(name), pipeline.deps);
  const consumer = createConsumer(pipeline.consumerConfig(name), pipeline.deps);
  try {
    await producer.initTransactions();
    consumer.subscribe([pipeline.input], noListener);
    while (!pipeline.isStopping()) await moveSome(pipeline, producer, consumer);
  } finally {
    await consumer.close(2000);
    await producer.close(2000);
  }
}

const noListener: RebalanceListener = { onAssigned() {}, onRevoked() {}, onLost() {} };

async function moveSome(
  { input, output, random, disturb }: Pipeline,
  producer: TransactionalProducer,
  consumer: Consumer,
): Promise<void> {
  const consumed = await consumer.poll(500);
  if (consumed.length === 0) return;
  const isMeantToFail = random() < 0.1;
  producer.beginTransaction();
  try {
    const records = consumed.flatMap(({ partition, records: read }) =>
      read.map((one): ProducerRecord => {
        const value = isMeantToFail ? Buffer.from(`aborted ${one.value}`) : one.value;
        return { topic: output, partition, timestamp: null, key: null, value, headers: [] };
      }),
    );
    await sendAll(producer, records, outcome());
    await disturb();
    const after = consumed.map(({ partition, nextOffset }) => ({
      topic: input,
      partition,
      offset: nextOffset,
    }));
    await producer.sendOffsets(after, consumer.groupMetadata);
    if (isMeantToFail) throw new MeantToFail();
    await untilNoTimeout(() => producer.commitTransaction());
  } catch (error) {
    if (!(error instanceof MeantToFail || error instanceof KafkaError)) throw error;
    await untilNoTimeout(() => producer.abortTransaction());
    // A partition may come several times: its first records count.
    for (const { partition, records } of consumed.toReversed()) {
      const isOwned = consumer.assignment.some((each) => each.partition === partition);
      const offset = BigInt(records[0]?.offset ?? 0);
      if (isOwned) consumer.seek({ topic: input, partition }, offset);
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
