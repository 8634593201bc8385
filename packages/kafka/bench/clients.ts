/**
 * `npm run bench:clients -- [--records N]`: records of 100 bytes through one Apache Kafka, by our client and by Apache Kafka's own performance tools in turn; acks=all, one partition.
 * Whole processes are measured, start and warming up included, on both sides. Both send the same payloads from a file: the tool's own random ones cost it more than sending.
 * Ends with 1 when ours needs more than half of Java's CPU time. Needs Java 17, Maven and a build (`npm run build`) for the cost of loading.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createAdmin } from '@tributary/kafka';
import { kafkaClassPath, missingForApacheKafka, startApacheKafka } from '@tributary/testkit';
import { type MeasuredRun, runMeasured } from './measured-process.ts';

const recordBytes = 100;
const payloadCount = 1000;
const timeoutMs = 180_000;
const mebibyte = 1 << 20;
const ourClient = new URL('our-client.ts', import.meta.url).pathname;
const logger = { error: console.error, warn: console.error, info() {}, debug() {} };

interface Result extends MeasuredRun {
  readonly recordsPerSecond: number;
}

const { values: options } = parseArgs({ options: { records: { type: 'string' } } });
const records = Number(options.records ?? 2_000_000);
const missing = await missingForApacheKafka();
if (missing !== null) throw new Error(missing);

await printLoadCost();
const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
try {
  const payloads = join(folder, 'payloads');
  await writeFile(payloads, Array.from({ length: payloadCount }, randomLetters).join('\n'));
  await using kafka = await startApacheKafka();
  for (const codec of ['none', 'lz4']) await compare(kafka.bootstrapServers, codec, payloads);
} finally {
  await rm(folder, { recursive: true });
}

async function compare(servers: string, codec: string, payloads: string): Promise<void> {
  const admin = createAdmin({ 'bootstrap.servers': servers }, { logger });
  const topics = ['ours', 'java'].map((side) => `${side}-${codec}`);
  const [ourTopic = '', javaTopic = ''] = topics;
  for (const topic of topics) {
    await admin.createTopic({ topic, partitions: 1, replicationFactor: 1 });
  }
  await admin.close();
  const produced = await runOurs('produce', servers, ourTopic, codec, payloads);
  report(`produce ${codec}`, produced, await runJavaProducer(servers, javaTopic, codec, payloads));
  // Both read what Java wrote, so that batches are the same.
  const fetched = await runOurs('fetch', servers, javaTopic, codec, payloads);
  report(`fetch ${codec}`, fetched, await runJavaConsumer(servers, javaTopic));
}

async function runOurs(mode: string, ...args: string[]): Promise<Result> {
  const [servers = '', topic = '', ...rest] = args;
  const run = await runMeasured(
    process.execPath,
    [...process.execArgv, ourClient, mode, servers, topic, String(records), ...rest],
    timeoutMs,
  );
  return { ...run, recordsPerSecond: Number(run.stdout) };
}

async function runJavaProducer(
  servers: string,
  topic: string,
  codec: string,
  payloads: string,
): Promise<Result> {
  const run = await runJava('ProducerPerformance', [
    '--topic',
    topic,
    '--num-records',
    String(records),
    '--payload-file',
    payloads,
    '--throughput',
    '-1',
    '--producer-props',
    `bootstrap.servers=${servers}`,
    'acks=all',
    `compression.type=${codec}`,
  ]);
  const sent = [...run.stdout.matchAll(/^(\d+) records sent, ([\d.]+) records\/sec/gm)].at(-1);
  if (Number(sent?.[1]) !== records) throw new Error(`Java did not send all:\n${run.stdout}`);
  return { ...run, recordsPerSecond: Number(sent?.[2]) };
}

async function runJavaConsumer(servers: string, topic: string): Promise<Result> {
  const run = await runJava('ConsumerPerformance', [
    '--bootstrap-server',
    servers,
    '--topic',
    topic,
    '--messages',
    String(records),
  ]);
  const [names, numbers] = run.stdout.split('\n').slice(-2);
  const column = (names ?? '').split(', ').indexOf('nMsg.sec');
  const recordsPerSecond = Number(numbers?.split(', ')[column]);
  if (!(recordsPerSecond > 0)) throw new Error(`Java printed no rate:\n${run.stdout}`);
  return { ...run, recordsPerSecond };
}

async function runJava(tool: string, args: readonly string[]): Promise<MeasuredRun> {
  const main = `org.apache.kafka.tools.${tool}`;
  return runMeasured('java', ['-cp', await kafkaClassPath(), main, ...args], timeoutMs);
}

function report(name: string, ours: Result, java: Result): void {
  for (const [side, run] of Object.entries({ ours, java })) {
    const perMillion = (run.cpuSeconds / records) * 1e6;
    console.log(
      `${name.padEnd(14)}${side.padEnd(6)}${Math.round(run.recordsPerSecond)} records/s, ${perMillion.toFixed(2)} CPU s per million, peak ${Math.round(run.peakBytes / mebibyte)} MiB`,
    );
  }
  const ratio = java.cpuSeconds / ours.cpuSeconds;
  console.log(`${name.padEnd(14)}ours does ${ratio.toFixed(2)} times as much per CPU second`);
  if (ratio < 2) process.exitCode = 1;
}

async function printLoadCost(): Promise<void> {
  const script = `const memory = process.memoryUsage.rss(); const start = performance.now(); await import('@tributary/kafka');
    console.log((performance.now() - start).toFixed(0) + ' ms, ' + ((process.memoryUsage.rss() - memory) / ${mebibyte}).toFixed(1) + ' MiB');`;
  const args = ['--input-type=module', '-e', script];
  console.log(`loading: ${(await runMeasured(process.execPath, args, timeoutMs)).stdout}`);
}

function randomLetters(): string {
  return Array.from({ length: recordBytes }, () =>
    String.fromCharCode(65 + Math.floor(Math.random() * 26)),
  ).join('');
}
