import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type ClientConfig, createAdmin } from '@tributary/kafka';
import { kafkaClassPath } from '@tributary/testkit';
import { expect } from 'vitest';
import { silent } from './brokers.ts';
import { consumeNumbers, firstWrong, produceNumbers } from './numbers.ts';
import { keepRunning, type Pipeline } from './pipeline.ts';

const partitions = 3;

export interface NumbersStory {
  /** For every client; names the brokers as clients reach them. */
  readonly config: ClientConfig;
  /** For Java's tools, which are not troubled. */
  readonly bootstrapServers: string;
  readonly replicationFactor: number;
  readonly durationMs: number;
}

/**
 * While `trouble` goes on one topic is written with idempotence and read by a group, and another goes through two processes that copy it in transactions, some of which they abort.
 * In the end everything is there once and in order, for our consumers and for Java's. Returns how many records were written to each.
 */
export async function playNumbers(
  { config, bootstrapServers, replicationFactor, durationMs }: NumbersStory,
  trouble: () => Promise<void>,
): Promise<{ idempotent: number; transactional: number }> {
  const admin = createAdmin(config, { logger: silent });
  for (const topic of ['numbers', 'input', 'output']) {
    await admin.createTopic({ topic, partitions, replicationFactor });
  }
  await admin.close();
  const reading = {
    ...config,
    'session.timeout.ms': '6000',
    'heartbeat.interval.ms': '1000',
    // As in Java a join whose answer is lost is given up after this time.
    'max.poll.interval.ms': '20000',
  };
  const numbers = { config: { ...reading, 'group.id': 'numbers' }, topic: 'numbers', partitions };
  const committed = { ...reading, 'group.id': 'output', 'isolation.level': 'read_committed' };
  const readers = [
    consumeNumbers(numbers),
    consumeNumbers({ config: committed, topic: 'output', partitions }),
  ] as const;
  let isStopping = false;
  const pipeline = pipelineOf(reading, () => isStopping);
  const processes = ['a', 'b'].map((name) => keepRunning(pipeline, name, false));
  const input = { config, topic: 'input', partitions };
  const [numberCounts, inputCounts] = await Promise.all([
    produceNumbers(numbers, { durationMs, batchRecords: 300, pauseMs: 5 }),
    produceNumbers(input, { durationMs, batchRecords: 60, pauseMs: 20 }),
    trouble(),
  ]);
  const read = await Promise.all([readers[0].until(numberCounts), readers[1].until(inputCounts)]);
  isStopping = true;
  await Promise.all(processes);
  for (const reader of readers) await reader.close();
  const java = await readWithJava(bootstrapServers, 'output');
  for (let partition = 0; partition < partitions; partition++) {
    const [numberCount, inputCount] = [numberCounts[partition] ?? 0, inputCounts[partition] ?? 0];
    expect(numberCount).toBeGreaterThan(1000);
    expect(inputCount).toBeGreaterThan(1000);
    expect(firstWrong(read[0][partition] ?? [], numberCount)).toBeNull();
    expect(firstWrong(read[1][partition] ?? [], inputCount)).toBeNull();
    expect(firstWrong(java[partition] ?? [], inputCount)).toBeNull();
  }
  return { idempotent: sum(numberCounts), transactional: sum(inputCounts) };
}

function pipelineOf(config: ClientConfig, isStopping: () => boolean): Pipeline {
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
      'max.poll.records': '1000',
    }),
  };
}

/** Numbers of each partition, as Java's console consumer reads what is committed. */
async function readWithJava(bootstrapServers: string, topic: string): Promise<number[][]> {
  const options = [
    ['--bootstrap-server', bootstrapServers],
    ['--topic', topic, '--from-beginning'],
    ['--isolation-level', 'read_committed'],
    ['--formatter-property', 'print.partition=true'],
    ['--timeout-ms', '10000'],
  ];
  const consoleConsumer = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
  const { stdout } = await promisify(execFile)(
    'java',
    ['-Xmx256m', '-cp', await kafkaClassPath(), consoleConsumer, ...options.flat()],
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

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
