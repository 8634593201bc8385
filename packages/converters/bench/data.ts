/**
 * `npm run bench:data -- [--only NAME,...] [--rounds N] [--millis N]`: JSON conversion and chains of four transformations, ours and Kafka Connect's own classes in turn,
 * over the same records. Results are compared before anything is timed; of the rounds the best counts, on both sides. Needs Java 17 and Maven.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { kafkaClassPath, missingForApacheKafka } from '@tributary/testkit';
import { type JavaSide, startJavaSide } from './java-side.ts';
import { createMessages, schemaKinds } from './messages.ts';
import { type BenchRow, createRows } from './rows.ts';

const messageCount = 500;
/** Results end here, so that no compiler leaves them out. */
let blackHole: unknown = null;

const usage = `npm run bench:data -- [--only NAME,...] [--rounds N] [--millis N]
  --only NAME,...  rows by their names
  --rounds N       the best of them counts (4)
  --millis N       for each row, side and round (800)`;

const { values: options } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    only: { type: 'string' },
    rounds: { type: 'string', default: '4' },
    millis: { type: 'string', default: '800' },
  },
});
if (options.help) {
  print(usage);
  process.exit();
}
const millis = Number(options.millis);
const missing = await missingForApacheKafka();
if (missing !== null) throw new Error(missing);

const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
try {
  const messages = createMessages(messageCount);
  for (const kind of schemaKinds) {
    await writeFile(
      join(folder, `${kind}.jsonl`),
      messages[kind].map((each) => `${each}\n`).join(''),
    );
  }
  const only = options.only?.split(',');
  const rows = createRows(messages).filter(({ name }) => only?.includes(name) ?? true);
  await writeFile(join(folder, 'rows.tsv'), rows.map(({ line }) => `${line}\n`).join(''));
  await benchRows(rows, startJavaSide(await kafkaClassPath(), folder));
} finally {
  await rm(folder, { recursive: true });
}

async function benchRows(rows: readonly BenchRow[], java: JavaSide): Promise<void> {
  try {
    for (const row of rows) await compareResults(row, java);
    print(
      `${'row'.padEnd(22)}${'ours/s'.padStart(12)}${'Java/s'.padStart(12)}${'ratio'.padStart(8)}`,
    );
    for (const row of rows) {
      const { ours, theirs } = await measure(row, java);
      const numbers = [ours, theirs].map((perSecond) =>
        Math.round(perSecond).toString().padStart(12),
      );
      print(`${row.name.padEnd(22)}${numbers.join('')}${(ours / theirs).toFixed(2).padStart(8)}`);
      if (ours < theirs) process.exitCode = 1;
    }
  } finally {
    await java.stop();
  }
}

/** Members of JSON objects in any order: Java's maps have none. */
async function compareResults(row: BenchRow, java: JavaSide): Promise<void> {
  const file = join(folder, 'results');
  await java.check(row.name, file);
  const theirs = (await readFile(file, 'utf8')).split('\n');
  for (let index = 0; index < messageCount; index++) {
    const expected = theirs[index] as string;
    const found = row.text(index);
    if (!isDeepStrictEqual(partsOf(found), partsOf(expected))) {
      throw new Error(`${row.name}, message ${index}: Java gives ${expected}, found ${found}`);
    }
  }
}

function partsOf(line: string): unknown[] {
  return line.split('\t').map((part) => (/^["{[\dn]/.test(part) ? JSON.parse(part) : part));
}

/** Best of the rounds, after one that warms both up. */
async function measure(row: BenchRow, java: JavaSide): Promise<{ ours: number; theirs: number }> {
  runFor(row, 2 * millis);
  await java.run(row.name, 3 * millis);
  let ours = 0;
  let theirs = 0;
  for (let round = 0; round < Number(options.rounds); round++) {
    ours = Math.max(ours, runFor(row, millis));
    theirs = Math.max(theirs, await java.run(row.name, millis));
  }
  return { ours, theirs };
}

/** Operations per second. */
function runFor(row: BenchRow, durationMs: number): number {
  const start = performance.now();
  let done = 0;
  let elapsed = 0;
  do {
    for (let index = 0; index < messageCount; index++) blackHole = row.run(index) ?? blackHole;
    done += messageCount;
    elapsed = performance.now() - start;
  } while (elapsed < durationMs);
  return (done * 1000) / elapsed;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
