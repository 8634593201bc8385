import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { appendFile, mkdtemp, open, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { ConnectError, type SourceRecord, STRING_SCHEMA } from '@tributary/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileStreamSourceTask, type Surroundings } from './source-task.ts';

let folder: string;
let file: string;
let task: FileStreamSourceTask;
let slept: number[];
let warnings: string[];
let input: PassThrough;
const { signal } = new AbortController();

const around: Surroundings = {
  // No time passes, but the event loop turns, so that reads and streams get on.
  sleep: async (ms) => {
    slept.push(ms);
    await new Promise((resolve) => setImmediate(resolve));
  },
  now: () => 1_700_000_000_000,
  warn: (message) => warnings.push(message),
  get input() {
    return input;
  },
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-source-'));
  file = join(folder, 'in.txt');
  slept = [];
  warnings = [];
  input = new PassThrough();
});

afterEach(async () => {
  await task.stop();
  await rm(folder, { recursive: true });
});

async function start(
  config: Record<string, string> = {},
  offset: unknown = null,
  surroundings = around,
): Promise<void> {
  task = new FileStreamSourceTask(surroundings);
  task.initialize({
    configs: {},
    offsetStorageReader: {
      offset: async () => offset as Record<string, unknown> | null,
      offsets: async () => [],
    },
  });
  await task.start({ file, topic: 't', ...config });
}

async function poll(): Promise<readonly SourceRecord[]> {
  return (await task.poll(signal)) ?? [];
}

/** As if no time ever passed. */
async function untilAborted(_ms: number, stopped: AbortSignal): Promise<void> {
  if (!stopped.aborted) await once(stopped, 'abort');
}

function values(records: readonly SourceRecord[]): unknown[] {
  return records.map((record) => record.value);
}

describe('FileStreamSourceTask', () => {
  it('makes a record of every line', async () => {
    await writeFile(file, 'é\n\nlast');
    await start();
    const records = await poll();
    expect(values(records)).toEqual(['é', '']);
    expect(records[0]).toMatchObject({
      topic: 't',
      kafkaPartition: null,
      keySchema: null,
      key: null,
      valueSchema: STRING_SCHEMA,
      timestamp: 1_700_000_000_000,
      sourcePartition: { filename: file },
      sourceOffset: { position: 2 },
    });
    expect(records[1]?.sourceOffset).toEqual({ position: 3 });
    expect(records[1]?.sourcePartition).toBe(records[0]?.sourcePartition);
  });

  it('holds back an unfinished line until its end is written', async () => {
    await writeFile(file, 'a\nb');
    await start();
    expect(values(await poll())).toEqual(['a']);
    expect(await task.poll(signal)).toBeNull();
    await appendFile(file, 'c\n');
    expect(values(await poll())).toEqual(['bc']);
  });

  it('returns at most a batch and then the rest without reading more', async () => {
    await writeFile(file, 'a\nb\nc\n');
    await start({ 'batch.size': '2' });
    expect(values(await poll())).toEqual(['a', 'b']);
    expect(values(await poll())).toEqual(['c']);
    expect(slept).toEqual([]);
  });

  it('waits up to a second when there is nothing new', async () => {
    await writeFile(file, '');
    await start();
    expect(await task.poll(signal)).toBeNull();
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(1000);
  });

  it('gives up waiting when it is asked to', async () => {
    await writeFile(file, '');
    await start();
    const controller = new AbortController();
    controller.abort();
    expect(await task.poll(controller.signal)).toBeNull();
    expect(slept).toEqual([]);
  });

  it('goes on behind the stored position', async () => {
    await writeFile(file, 'é\nb\nc\n');
    await start({}, { position: 2 });
    const records = await poll();
    expect(values(records)).toEqual(['b', 'c']);
    expect(records[1]?.sourceOffset).toEqual({ position: 6 });
  });

  it('takes a stored position of 64 bits', async () => {
    await writeFile(file, 'a\nb\n');
    await start({}, { position: 2n });
    expect(values(await poll())).toEqual(['b']);
  });

  it.each(['5', 1.5, true])('refuses the stored position %j', async (position) => {
    await expect(start({}, { position })).rejects.toThrow('Offset position is the incorrect type');
  });

  it('warns once of a missing file and reads it when it appears', async () => {
    await start();
    expect(await task.poll(signal)).toBeNull();
    expect(await task.poll(signal)).toBeNull();
    expect(slept).toEqual([1000, 1000]);
    expect(warnings).toEqual([expect.stringContaining(file)]);
    await writeFile(file, 'a\n');
    expect(values(await poll())).toEqual(['a']);
  });

  it('fails for something that is no file, naming it', async () => {
    file = folder;
    await start();
    const failure = task.poll(signal);
    await expect(failure).rejects.toThrow(`Cannot read file '${folder}'`);
    await expect(failure).rejects.toSatisfy((error) => ConnectError.is(error));
  });

  it('fails for a file it cannot open, naming it', async () => {
    await writeFile(file, 'a\n');
    file = join(file, 'below.txt');
    await start();
    await expect(task.poll(signal)).rejects.toThrow(`Cannot open file '${file}'`);
  });

  it('reads a line of 900 kB and those behind it', async () => {
    const long = 'x'.repeat(900_000);
    await writeFile(file, `a\n${long}\nb\nc\n`);
    await start({ 'batch.size': '1' });
    const found: unknown[] = [];
    while (found.length < 4) found.push(...values(await poll()));
    expect(found).toEqual(['a', long, 'b', 'c']);
  });

  it('reads standard input without tracking a position', async () => {
    await start({ file: '' });
    input.write('a\nb');
    const records = await poll();
    expect(values(records)).toEqual(['a']);
    expect(records[0]).toMatchObject({
      sourcePartition: { filename: '' },
      sourceOffset: { position: null },
    });
    input.end('c\n');
    expect(values(await poll())).toEqual(['bc']);
    expect(await task.poll(signal)).toBeNull();
  });

  it('loses and doubles no line while the file grows', async () => {
    await writeFile(file, '');
    await start({ 'batch.size': '7' });
    const found: unknown[] = [];
    for (let i = 0; i < 200; i++) {
      await appendFile(file, `line ${i}${i % 3 === 0 ? '\r\n' : '\n'}`);
      if (i % 5 === 0) found.push(...values(await poll()));
    }
    while (found.length < 200) found.push(...values(await poll()));
    expect(found).toEqual(Array.from({ length: 200 }, (_, i) => `line ${i}`));
  });

  it('reads standard input as fast as it comes, whatever the size of its lines', async () => {
    await start({ file: '', 'batch.size': '500' }, null, { ...around, sleep: untilAborted });
    const lines = Array.from({ length: 5000 }, (_, i) => `${i} ${'x'.repeat(i % 300)}`);
    lines[17] = 'y'.repeat(300_000);
    input.end(`${lines.join('\n')}\n`);
    const found: unknown[] = [];
    while (found.length < lines.length) found.push(...values(await poll()));
    expect(found).toEqual(lines);
  });

  it('takes no more of standard input than it has asked for', async () => {
    await start({ file: '' });
    input.write('a\n');
    expect(values(await poll())).toEqual(['a']);
    while (input.write('b\n'.repeat(1000)));
    const waiting = input.readableLength + input.writableLength;
    await new Promise((resolve) => setImmediate(resolve));
    expect(input.readableLength + input.writableLength).toBe(waiting);
  });

  it('stops while it waits for standard input, and leaves what it has not given out', async () => {
    await start({ file: '', 'batch.size': '1' });
    input.write('a\nb\nc');
    expect(values(await poll())).toEqual(['a']);
    await task.stop();
    await start({ file: '', 'batch.size': '1' }, null, { ...around, sleep: untilAborted });
    expect(values(await poll())).toEqual(['b']);
    const controller = new AbortController();
    const waiting = task.poll(controller.signal);
    controller.abort();
    expect(await waiting).toBeNull();
    await task.stop();
    expect(input.listenerCount('readable')).toBe(0);
    await start({ file: '' });
    input.write('d\n');
    expect(values(await poll())).toEqual(['cd']);
  });

  it('fails when standard input fails', async () => {
    await start({ file: '' });
    const failure = task.poll(signal);
    input.destroy(new Error('the terminal is gone'));
    await expect(failure).rejects.toThrow('Cannot read standard input: the terminal is gone');
  });

  it('reads a FIFO, with a writer and without', async () => {
    execFileSync('mkfifo', [file]);
    await start({}, { position: 1000 });
    expect(await task.poll(signal)).toBeNull();
    const writer = await open(file, constants.O_WRONLY | constants.O_NONBLOCK);
    expect(await task.poll(signal)).toBeNull();
    await writer.write('a\nb');
    const records = await poll();
    expect(values(records)).toEqual(['a']);
    expect(records[0]?.sourceOffset).toEqual({ position: 1002 });
    await writer.write('c\n');
    await writer.close();
    expect(values(await poll())).toEqual(['bc']);
    expect(await task.poll(signal)).toBeNull();
    expect(warnings).toEqual([]);
  });

  it('warns once of a truncated file, and again of the next time', async () => {
    await writeFile(file, 'a\nb\n');
    await start();
    expect(values(await poll())).toEqual(['a', 'b']);
    await truncate(file, 1);
    expect(await task.poll(signal)).toBeNull();
    await appendFile(file, 'x');
    expect(await task.poll(signal)).toBeNull();
    expect(warnings).toEqual([
      expect.stringContaining(`File '${file}' has 1 bytes and reading goes on at byte 4`),
    ]);
    expect(warnings[0]).toContain('position 4 now');
    await appendFile(file, '\n\nc\n');
    expect(values(await poll())).toEqual(['c']);
    expect(await task.poll(signal)).toBeNull();
    await truncate(file, 0);
    expect(await task.poll(signal)).toBeNull();
    expect(warnings).toHaveLength(2);
  });

  it('warns of a stored position behind the end of the file', async () => {
    await writeFile(file, 'a\n');
    await start({}, { position: 50 });
    expect(await task.poll(signal)).toBeNull();
    expect(warnings).toEqual([
      expect.stringContaining('has 2 bytes and reading goes on at byte 50'),
    ]);
  });

  it('warns once of each file that takes the place of the one it follows', async () => {
    await writeFile(file, 'a\n');
    await start();
    expect(values(await poll())).toEqual(['a']);
    await rename(file, `${file}.1`);
    expect(await task.poll(signal)).toBeNull();
    expect(await task.poll(signal)).toBeNull();
    await writeFile(file, 'new\n');
    expect(await task.poll(signal)).toBeNull();
    await appendFile(file, 'newer\n');
    await appendFile(`${file}.1`, 'b\n');
    expect(values(await poll())).toEqual(['b']);
    expect(await task.poll(signal)).toBeNull();
    expect(warnings).toEqual([
      expect.stringContaining(`File '${file}' was moved or removed after 2 bytes`),
      expect.stringContaining(`File '${file}' was replaced by another of 4 bytes`),
    ]);
  });
});
