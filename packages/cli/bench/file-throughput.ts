/**
 * `npm run bench -- [--rounds N] [--lines N]`: our worker and the Java worker in turn on one Apache Kafka, the same files, the same connector configs, one task.
 * Each round is a fresh worker process and a fresh topic; times run, a second after it has started, from the request that creates the connector until the last record is there.
 * Needs Java 17 and Maven.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createAdmin } from '@tributary/kafka';
import {
  freePorts,
  missingForApacheKafka,
  sizeOf,
  startApacheKafka,
  startJavaWorker,
  startTestWorker,
  toProperties,
} from '@tributary/testkit';
import { fileSink, fileSource, temporaryFolder } from '../integration/pipelines.ts';

interface Worker {
  readonly pid: number;
  readonly url: string;
  stop(): Promise<unknown>;
}

interface Measured {
  readonly recordsPerSecond: number;
  /** Of the worker with all its children, seconds per million records. */
  readonly cpuPerMillion: number;
  /** Largest resident memory of the worker with its children, MiB. */
  readonly peakMiB: number;
}

const kinds = ['Tributary', 'Java'] as const;
type Kind = (typeof kinds)[number];
const lineBytes = 100;
const deadlineMs = 180_000;
/** So that the start of neither worker is measured. */
const settleMs = 1_000;
const silent = { error() {}, warn() {}, info() {}, debug() {} };

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    lines: { type: 'string', default: '1000000' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (options.help) {
  console.log('usage: npm run bench -- [--rounds N (3)] [--lines N (1000000)]');
  process.exit(0);
}
const lines = Number(options.lines);
const missing = await missingForApacheKafka();
if (missing !== null) throw new Error(missing);

await using folder = await temporaryFolder();
const input = join(folder.path, 'in.txt');
await writeInput(input);
console.log('starting Apache Kafka ...');
await using kafka = await startApacheKafka();
const results: Record<'in' | 'out', Record<Kind, Measured[]>> = {
  in: { Tributary: [], Java: [] },
  out: { Tributary: [], Java: [] },
};
for (let round = 0; round < Number(options.rounds); round++) {
  for (const kind of kinds) {
    const topic = `bench-${round}-${kind.toLowerCase()}`;
    results.in[kind].push(await fileToKafka(kind, topic));
    results.out[kind].push(await kafkaToFile(kind, topic));
  }
}
report('file to Kafka', results.in);
report('Kafka to file', results.out);

async function fileToKafka(kind: Kind, topic: string): Promise<Measured> {
  const admin = createAdmin({ 'bootstrap.servers': kafka.bootstrapServers }, { logger: silent });
  const worker = await startWorker(kind);
  await sleep(settleMs);
  try {
    return await measure(worker, async () => {
      await create(worker, fileSource(input, topic));
      await until(async () => {
        const [end] = await admin.listOffsets([{ topic, partition: 0 }], 'latest').catch(() => []);
        return end !== undefined && end.offset >= BigInt(lines);
      });
    });
  } finally {
    await admin.close();
    await worker.stop();
  }
}

async function kafkaToFile(kind: Kind, topic: string): Promise<Measured> {
  const output = join(folder.path, 'out.txt');
  await rm(output, { force: true });
  const worker = await startWorker(kind);
  await sleep(settleMs);
  try {
    return await measure(worker, async () => {
      await create(worker, fileSink(output, topic));
      await until(async () => (await sizeOf(output)) >= lines * lineBytes);
    });
  } finally {
    await worker.stop();
  }
}

async function startWorker(kind: Kind): Promise<Worker> {
  await rm(join(folder.path, 'connect.offsets'), { force: true });
  if (kind === 'Tributary') {
    const worker = await startTestWorker({
      folder: folder.path,
      bootstrapServers: kafka.bootstrapServers,
    });
    return { pid: worker.process.pid, url: worker.url, stop: () => worker.stop() };
  }
  const [port] = await freePorts(1);
  const file = join(folder.path, 'java.properties');
  await writeFile(
    file,
    toProperties({
      'bootstrap.servers': kafka.bootstrapServers,
      listeners: `http://127.0.0.1:${port}`,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'offset.storage.file.filename': join(folder.path, 'connect.offsets'),
      'offset.flush.interval.ms': '1000',
      'plugin.discovery': 'service_load',
    }),
  );
  const child = await startJavaWorker('Standalone', [file]);
  return { pid: child.pid, url: `http://127.0.0.1:${port}`, stop: () => child.stop() };
}

async function create(worker: Worker, connector: unknown): Promise<void> {
  const response = await fetch(`${worker.url}/connectors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(connector),
  });
  if (response.status !== 201) throw new Error(await response.text());
}

async function measure(worker: Worker, run: () => Promise<void>): Promise<Measured> {
  const before = await usageOf(worker.pid);
  const startedMs = performance.now();
  let peakMiB = 0;
  const sampler = setInterval(() => {
    usageOf(worker.pid).then(
      (usage) => {
        peakMiB = Math.max(peakMiB, usage.residentMiB);
      },
      () => {},
    );
  }, 100);
  await run();
  const seconds = (performance.now() - startedMs) / 1000;
  clearInterval(sampler);
  const after = await usageOf(worker.pid);
  return {
    recordsPerSecond: lines / seconds,
    cpuPerMillion: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / lines,
    peakMiB,
  };
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await isDone())) {
    if (Date.now() > deadline) throw new Error(`not done after ${deadlineMs} ms`);
    await sleep(10);
  }
}

/** Of a process and all its descendants, from /proc. */
async function usageOf(pid: number): Promise<{ cpuSeconds: number; residentMiB: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  let cpuSeconds = ticks / 100;
  let residentMiB = (Number(fields[21]) * 4096) / 2 ** 20;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  for (const child of children.split(' ').filter((text) => text.trim() !== '')) {
    const usage = await usageOf(Number(child)).catch(() => ({ cpuSeconds: 0, residentMiB: 0 }));
    cpuSeconds += usage.cpuSeconds;
    residentMiB += usage.residentMiB;
  }
  return { cpuSeconds, residentMiB };
}

async function writeInput(path: string): Promise<void> {
  const rows: string[] = [];
  for (let index = 0; index < lines; index++) {
    rows.push(
      String(index)
        .padStart(9, '0')
        .padEnd(lineBytes - 1, ' the quick brown fox'),
    );
  }
  await writeFile(path, `${rows.join('\n')}\n`);
}

function report(what: string, measured: Record<Kind, Measured[]>): void {
  console.log(
    `\n${what}, ${lines} lines of ${lineBytes} bytes, one task (median of ${options.rounds})`,
  );
  for (const kind of kinds) {
    const rate = median(measured[kind].map((each) => each.recordsPerSecond));
    const cpu = median(measured[kind].map((each) => each.cpuPerMillion));
    const memory = median(measured[kind].map((each) => each.peakMiB));
    console.log(
      `  ${kind.padEnd(10)} ${Math.round(rate).toLocaleString('en').padStart(10)} records/s  ${cpu.toFixed(2).padStart(6)} CPU s per million  ${Math.round(memory).toString().padStart(5)} MiB`,
    );
  }
  const ratio = (of: (each: Measured) => number): string =>
    (median(measured.Tributary.map(of)) / median(measured.Java.map(of))).toFixed(2);
  console.log(
    `  ${ratio((each) => each.recordsPerSecond)} times the rate, ${ratio((each) => each.cpuPerMillion)} of the CPU, ${ratio((each) => each.peakMiB)} of the memory`,
  );
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
