import { appendFile, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  brokerKinds,
  firstMisplaced,
  sizeOf,
  startTestWorker,
  waitForSize,
  writeLinesFile,
} from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import { fileSink, fileSource, pause, temporaryFolder } from './pipelines.ts';

const kills = 10;
const lineCount = 1_000_000;

describe.for(await brokerKinds())('kill -9 of the worker, on $name', (kind) => {
  it.runIf(kind.isAvailable)('loses no line and keeps their order, ten times over', async () => {
    await using folder = await temporaryFolder();
    // A killed member holds its partitions until its session ends; the shortest lets the sink work between kills.
    await using broker = await kind.start({ 'group.min.session.timeout.ms': '500' });
    const input = join(folder.path, 'in.txt');
    const output = join(folder.path, 'out.txt');
    await writeLinesFile(join(folder.path, 'all.txt'), lineCount);
    const all = await readFile(join(folder.path, 'all.txt'));
    const start = () =>
      startTestWorker({
        folder: folder.path,
        bootstrapServers: broker.bootstrapServers,
        connectors: [
          fileSource(input, 'lines', { 'batch.size': '100' }),
          fileSink(output, 'lines'),
        ],
        config: {
          'offset.flush.interval.ms': '100',
          'consumer.session.timeout.ms': '1000',
          'consumer.heartbeat.interval.ms': '300',
        },
      });
    const random = seededRandom(20_261);
    for (let kill = 0; kill < kills; kill++) {
      // A tenth more to do in each run, cut off anywhere in a line.
      const tenth = all.subarray((all.length * kill) / kills, (all.length * (kill + 1)) / kills);
      await appendFile(input, tenth);
      const worker = await start();
      const sizeAtKill = (await sizeOf(output)) + random() * tenth.length;
      // Every other run is killed by the clock, which may be before the sink has its first record.
      if (kill % 2 === 0) await pause(random() * 1200);
      else await waitForSize(output, sizeAtKill, { timeoutMs: 60_000 });
      await worker.kill();
    }
    await using worker = await start();
    await waitForSize(output, (await stat(input)).size, {
      timeoutMs: 120_000,
      isAlive: () => worker.process.isRunning,
    });
    await waitForEnding(output, await lastBytes(input));

    const sent = await readFile(input, 'utf8');
    const received = await readFile(output, 'utf8');
    expect(firstMisplaced(sent, received, kills)).toBe(null);
  });
});

async function waitForEnding(path: string, ending: Buffer): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await lastBytes(path)).equals(ending)) {
    if (Date.now() > deadline) throw new Error(`"${path}" does not end with "${ending}"`);
    await pause(100);
  }
}

/** More than a line. */
async function lastBytes(path: string): Promise<Buffer> {
  await using file = await open(path, 'r');
  const length = 300;
  const { size } = await file.stat();
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, Math.max(0, size - length));
  return buffer;
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
