/**
 * `npm run bench:clients -- [--records N] [--rounds N]`: records of 100 bytes through one Apache Kafka, by our client and by Apache Kafka's own performance tools in turn; acks=all, one partition,
 * all other keys at their defaults on both sides. Each round has topics of its own, and every other round begins with Java. Both send the same payloads from a file: the tool's own random ones cost it
 * more than sending. Both read what Java wrote; ours checks CRCs, Java's tool does not.
 * CPU time is that of whole processes, start and warming up included. Its steady part is told beside: what a run costs beyond one of a quarter of its records, so that neither start counts.
 * Ends with 1 when in the median ours needs more than half of Java's CPU time, or loading costs more than it may. Needs Java 17, Maven and a build (`npm run build`).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createAdmin } from '@tributary/kafka';
import { missingForApacheKafka, startApacheKafka } from '@tributary/testkit';
import { bundle } from '../../../scripts/bundle.mjs';
import { memoryWhenFull } from './full-producer.ts';
import { type Job, runJavaConsumer, runJavaProducer } from './java-tools.ts';
import { measureLoad, median } from './load-cost.ts';
import { type Result, runMeasured } from './measured-process.ts';

const recordBytes = 100;
const payloadCount = 1000;
const timeoutMs = 180_000;
const mebibyte = 1 << 20;
const leastRatio = 2;
const loadLimits = { elapsedMs: 40, residentMiB: 8 };
/** The part of the records that the short runs have. */
const shortShare = 0.25;
const builtKafka = new URL('../dist/bundle.js', import.meta.url).href;
const logger = { error: console.error, warn: console.error, info() {}, debug() {} };

const sides = ['ours', 'java'] as const;
type Side = (typeof sides)[number];

interface Round {
  readonly full: Result;
  readonly short: Result;
}

const { values: options } = parseArgs({
  options: { records: { type: 'string' }, rounds: { type: 'string' } },
});
const records = Number(options.records ?? 2_000_000);
const rounds = Number(options.rounds ?? 3);
const missing = await missingForApacheKafka();
if (missing !== null) throw new Error(missing);

await reportLoadCost();
for (const codec of ['none', 'lz4']) {
  const taken = ((await memoryWhenFull(codec)) / mebibyte).toFixed(1);
  console.log(`memory ${codec}: ${taken} MiB at most while a buffer.memory of 16 MiB is full`);
}
const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
const ourClient = join(folder, 'our-client.mjs');
try {
  // Built, as the tools of Java are.
  await bundle(new URL('our-client.ts', import.meta.url).pathname, ourClient, {
    '@tributary/kafka': builtKafka,
  });
  const payloads = join(folder, 'payloads');
  await writeFile(payloads, Array.from({ length: payloadCount }, randomLetters).join('\n'));
  await using kafka = await startApacheKafka();
  for (const codec of ['none', 'lz4']) await compare(kafka.bootstrapServers, codec, payloads);
} finally {
  await rm(folder, { recursive: true });
}

async function compare(servers: string, codec: string, payloads: string): Promise<void> {
  const produced: Record<Side, Round[]> = { ours: [], java: [] };
  const fetched: Record<Side, Round[]> = { ours: [], java: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? sides : sides.toReversed();
    const topics = { ours: `ours-${codec}-${round}`, java: `java-${codec}-${round}` };
    const job = { servers, codec, payloads };
    await withTopics(servers, Object.values(topics), async () => {
      for (const side of order) {
        const produce = { ...job, mode: 'produce', topic: topics[side] } as const;
        produced[side].push(await runBoth(side, produce));
      }
      for (const side of order) {
        const fetch = { ...job, mode: 'fetch', topic: topics.java } as const;
        fetched[side].push(await runBoth(side, fetch));
      }
    });
  }
  report(`produce ${codec}`, produced);
  report(`fetch ${codec}`, fetched);
}

async function runBoth(side: Side, job: Omit<Job, 'count'>): Promise<Round> {
  const full = await runSide(side, { ...job, count: records });
  const short = await runSide(side, { ...job, count: Math.round(records * shortShare) });
  return { full, short };
}

function runSide(side: Side, job: Job): Promise<Result> {
  if (side === 'ours') return runOurs(job);
  return job.mode === 'produce' ? runJavaProducer(job, timeoutMs) : runJavaConsumer(job, timeoutMs);
}

async function runOurs(job: Job): Promise<Result> {
  const { mode, servers, topic, count, codec, payloads } = job;
  const args = [ourClient, mode, servers, topic, String(count), codec, payloads];
  const run = await runMeasured(process.execPath, args, timeoutMs);
  return { ...run, recordsPerSecond: Number(run.stdout) };
}

async function withTopics(
  servers: string,
  topics: readonly string[],
  body: () => Promise<void>,
): Promise<void> {
  const admin = createAdmin({ 'bootstrap.servers': servers }, { logger });
  try {
    for (const topic of topics) {
      await admin.createTopic({ topic, partitions: 1, replicationFactor: 1 });
    }
    await body();
    await admin.deleteTopics(topics);
  } finally {
    await admin.close();
  }
}

function report(name: string, results: Readonly<Record<Side, readonly Round[]>>): void {
  const whole = { ours: 0, java: 0 };
  const steady = { ours: 0, java: 0 };
  for (const side of sides) {
    const full = results[side].map((round) => round.full);
    whole[side] = median(full.map(({ cpuSeconds }) => (cpuSeconds / records) * 1e6));
    steady[side] = median(results[side].map(steadyCpuPerMillion));
    const rate = median(full.map(({ recordsPerSecond }) => recordsPerSecond));
    const peak = median(full.map(({ peakBytes }) => peakBytes));
    console.log(
      `${name.padEnd(14)}${side.padEnd(6)}${Math.round(rate)} records/s, CPU s per million ${whole[side].toFixed(2)} (steady ${steady[side].toFixed(2)}), peak ${Math.round(peak / mebibyte)} MiB`,
    );
  }
  const ratio = whole.java / whole.ours;
  console.log(
    `${name.padEnd(14)}ours does ${ratio.toFixed(2)} times as much per CPU second (steady ${(steady.java / steady.ours).toFixed(2)})`,
  );
  if (!(ratio >= leastRatio)) process.exitCode = 1;
}

function steadyCpuPerMillion({ full, short }: Round): number {
  return ((full.cpuSeconds - short.cpuSeconds) / (records * (1 - shortShare))) * 1e6;
}

async function reportLoadCost(): Promise<void> {
  const cost = await measureLoad(builtKafka, 15);
  console.log(
    `loading: ${cost.elapsedMs.toFixed(1)} ms, ${cost.cpuMs.toFixed(1)} ms CPU, ${cost.residentMiB.toFixed(1)} MiB resident, ${cost.heapMiB.toFixed(1)} MiB of heap, beyond an empty import`,
  );
  const isDear = cost.elapsedMs > loadLimits.elapsedMs || cost.residentMiB > loadLimits.residentMiB;
  if (isDear) process.exitCode = 1;
}

function randomLetters(): string {
  return Array.from({ length: recordBytes }, () =>
    String.fromCharCode(65 + Math.floor(Math.random() * 26)),
  ).join('');
}
