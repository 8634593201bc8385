import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createAdmin } from '@tributary/kafka';
import {
  kafkaClassPath,
  missingForApacheKafka,
  requireOrSkip,
  startKafkaCluster,
} from '@tributary/testkit';
import { expect, it } from 'vitest';
import { silent } from './brokers.ts';
import { consumeNumbers, firstWrong, produceNumbers, sleep } from './numbers.ts';
import { keepRunning, type Pipeline } from './pipeline.ts';

const partitions = 3;
/** `TRIBUTARY_SOAK=60000` for longer. */
const durationMs = Number(process.env['TRIBUTARY_SOAK'] ?? 20_000);

const missing = await missingForApacheKafka();
const isAvailable = requireOrSkip('Apache Kafka', missing === null, missing ?? '');

/**
 * Every broker in turn is killed and started again: leader of some partition, coordinator of some group or transactional id. Meanwhile one topic is written with idempotence and read by a group,
 * and another goes through two processes that copy it in transactions.
 */
it.runIf(isAvailable)(
  'brokers killed in turn: nothing lost, nothing twice, order kept, transactions whole',
  async () => {
    await using cluster = await startKafkaCluster(3);
    const config = {
      'bootstrap.servers': cluster.bootstrapServers,
      'request.timeout.ms': '10000',
    };
    await createTopics(config, ['numbers', 'input', 'output']);
    const numbers = { config: { ...config, 'group.id': 'numbers' }, topic: 'numbers', partitions };
    const input = { config, topic: 'input', partitions };
    const output = {
      config: { ...config, 'group.id': 'output', 'isolation.level': 'read_committed' },
      topic: 'output',
      partitions,
    };
    const readers = [consumeNumbers(numbers), consumeNumbers(output)] as const;
    let isStopping = false;
    const pipeline = pipelineOf(config, () => isStopping);
    const processes = ['a', 'b'].map((name) => keepRunning(pipeline, name, false));
    const produced = Promise.all([
      produceNumbers(numbers, { durationMs, batchRecords: 300, pauseMs: 5 }),
      produceNumbers(input, { durationMs, batchRecords: 60, pauseMs: 20 }),
    ]);

    let kills = 0;
    for (const endMs = Date.now() + durationMs; kills < 3 || Date.now() < endMs; kills++) {
      const id = cluster.ids[kills % cluster.ids.length] ?? 1;
      await sleep(3000);
      await cluster.kill(id);
      await sleep(2000);
      await cluster.start(id);
    }
    const [numberCounts, inputCounts] = await produced;
    const read = await Promise.all([readers[0].until(numberCounts), readers[1].until(inputCounts)]);
    isStopping = true;
    await Promise.all(processes);
    for (const reader of readers) await reader.close();
    const java = await readWithJava(cluster.bootstrapServers, 'output');
    const total = (counts: readonly number[]): number => counts.reduce((sum, one) => sum + one, 0);
    console.info(
      `${kills} brokers killed; ${total(numberCounts)} records with idempotence, ${total(inputCounts)} in transactions`,
    );
    for (let partition = 0; partition < partitions; partition++) {
      const [numberCount, inputCount] = [numberCounts[partition] ?? 0, inputCounts[partition] ?? 0];
      expect(numberCount).toBeGreaterThan(1000);
      expect(inputCount).toBeGreaterThan(1000);
      expect(firstWrong(read[0][partition] ?? [], numberCount)).toBeNull();
      expect(firstWrong(read[1][partition] ?? [], inputCount)).toBeNull();
      expect(firstWrong(java[partition] ?? [], inputCount)).toBeNull();
    }
  },
  600_000,
);

async function createTopics(
  config: Readonly<Record<string, string>>,
  topics: readonly string[],
): Promise<void> {
  const admin = createAdmin(config, { logger: silent });
  for (const topic of topics) {
    await admin.createTopic({ topic, partitions, replicationFactor: 3 });
  }
  await admin.close();
}

function pipelineOf(config: Readonly<Record<string, string>>, isStopping: () => boolean): Pipeline {
  return {
    input: 'input',
    output: 'output',
    deps: { logger: silent },
    random: Math.random,
    disturb: () => Promise.resolve(),
    isStopping,
    producerConfig: (name) => ({ ...config, 'transactional.id': `copy-${name}` }),
    consumerConfig: () => ({
      ...config,
      'group.id': 'copy',
      'auto.offset.reset': 'earliest',
      'isolation.level': 'read_committed',
      'session.timeout.ms': '10000',
      'max.poll.records': '1000',
    }),
  };
}

/** Numbers of each partition, as Java's console consumer reads what is committed. */
async function readWithJava(bootstrapServers: string, topic: string): Promise<number[][]> {
  const arguments_ = [
    ['--bootstrap-server', bootstrapServers],
    ['--topic', topic, '--from-beginning'],
    ['--isolation-level', 'read_committed'],
    ['--formatter-property', 'print.partition=true'],
    ['--timeout-ms', '10000'],
  ];
  const consoleConsumer = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
  const { stdout } = await promisify(execFile)(
    'java',
    ['-Xmx256m', '-cp', await kafkaClassPath(), consoleConsumer, ...arguments_.flat()],
    { maxBuffer: 1 << 30 },
  );
  const numbers = Array.from({ length: partitions }, (): number[] => []);
  for (const line of stdout.split('\n')) {
    const match = /^Partition:(\d+)\t(.*)$/.exec(line);
    // What is no number is wrong in any place.
    if (match !== null) numbers[Number(match[1])]?.push(Number(match[2]));
  }
  return numbers;
}
