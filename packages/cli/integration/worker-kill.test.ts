import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { brokerKinds, startTestWorker, waitForSize, writeLinesFile } from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import { fileSink, fileSource, pause, temporaryFolder } from './pipelines.ts';

const kills = 10;
const lineCount = 1_000_000;

describe.for(await brokerKinds())('kill -9 of the worker, on $name', (kind) => {
  it.runIf(kind.isAvailable)('loses no line and keeps their order, ten times over', async () => {
    await using folder = await temporaryFolder();
    await using broker = await kind.start();
    const input = join(folder.path, 'in.txt');
    const output = join(folder.path, 'out.txt');
    await writeLinesFile(input, lineCount);
    const start = () =>
      startTestWorker({
        folder: folder.path,
        bootstrapServers: broker.bootstrapServers,
        connectors: [
          fileSource(input, 'lines', { 'batch.size': '100' }),
          fileSink(output, 'lines'),
        ],
        config: { 'offset.flush.interval.ms': '100' },
      });
    const random = seededRandom(20_261);
    for (let kill = 0; kill < kills; kill++) {
      const worker = await start();
      await pause(Math.floor(random() * 1200));
      await worker.kill();
    }
    await using worker = await start();
    await waitForSize(output, (await stat(input)).size, {
      timeoutMs: 120_000,
      isAlive: () => worker.process.isRunning,
    });
    const lastLine = (await readFile(input, 'utf8')).trimEnd().split('\n').at(-1) ?? '';
    await waitForText(output, `${lastLine}\n`);

    const sent = (await readFile(input, 'utf8')).split('\n').filter(isNumbered);
    const received = (await readFile(output, 'utf8')).split('\n').filter(isNumbered);
    expect(firstMisplaced(sent, received)).toBe(null);
  });
});

function isNumbered(line: string): boolean {
  return /^\d{9} /.test(line);
}

/**
 * At least once and in order: every line is there, and going back happens only to lines seen before (a re-read after a kill).
 * Null when that holds, else what is wrong.
 */
function firstMisplaced(sent: readonly string[], received: readonly string[]): string | null {
  const indexOf = new Map(sent.map((line, index) => [line, index]));
  let next = 0;
  let furthest = 0;
  for (const line of received) {
    const index = indexOf.get(line);
    // A kill of the sink may tear the line that was being written; it is written again whole.
    if (index === undefined) continue;
    if (index > furthest) return `line ${index} came before line ${furthest}: ${line.slice(0, 40)}`;
    next = index + 1;
    furthest = Math.max(furthest, next);
  }
  return furthest === sent.length ? null : `only ${furthest} of ${sent.length} lines arrived`;
}

async function waitForText(path: string, ending: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await readFile(path, 'utf8')).endsWith(ending)) {
    if (Date.now() > deadline)
      throw new Error(`"${path}" does not end with ${ending.slice(0, 40)}`);
    await pause(100);
  }
}

/** mulberry32: the same numbers for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
