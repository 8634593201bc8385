import { kafkaClassPath } from '@tributary/testkit';
import { type MeasuredRun, type Result, runMeasured } from './measured-process.ts';

/** What one side is to do with `count` records of a topic. */
export interface Job {
  readonly mode: 'produce' | 'fetch';
  readonly servers: string;
  readonly topic: string;
  readonly codec: string;
  readonly payloads: string;
  readonly count: number;
}

export async function runJavaProducer(job: Job, timeoutMs: number): Promise<Result> {
  const args = [
    '--topic',
    job.topic,
    '--num-records',
    String(job.count),
    '--payload-file',
    job.payloads,
    '--throughput',
    '-1',
    '--producer-props',
    `bootstrap.servers=${job.servers}`,
    'acks=all',
    `compression.type=${job.codec}`,
  ];
  const run = await runJava('ProducerPerformance', args, timeoutMs);
  const sent = [...run.stdout.matchAll(/^(\d+) records sent, ([\d.]+) records\/sec/gm)].at(-1);
  if (Number(sent?.[1]) !== job.count) throw new Error(`Java did not send all:\n${run.stdout}`);
  return { ...run, recordsPerSecond: Number(sent?.[2]) };
}

export async function runJavaConsumer(job: Job, timeoutMs: number): Promise<Result> {
  const args = ['--bootstrap-server', job.servers, '--topic', job.topic];
  const run = await runJava(
    'ConsumerPerformance',
    [...args, '--messages', String(job.count)],
    timeoutMs,
  );
  const [names, numbers] = run.stdout.split('\n').slice(-2);
  const column = (names ?? '').split(', ').indexOf('nMsg.sec');
  const recordsPerSecond = Number(numbers?.split(', ')[column]);
  if (!(recordsPerSecond > 0)) throw new Error(`Java printed no rate:\n${run.stdout}`);
  return { ...run, recordsPerSecond };
}

async function runJava(
  tool: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<MeasuredRun> {
  const main = `org.apache.kafka.tools.${tool}`;
  return runMeasured('java', ['-cp', await kafkaClassPath(), main, ...args], timeoutMs);
}
