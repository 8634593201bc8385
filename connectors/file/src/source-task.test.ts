import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
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

async function start(config: Record<string, string> = {}, offset: unknown = null): Promise<void> {
  task = new FileStreamSourceTask(around);
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
    expect(records[0]).toMatchObject({ sourcePartition: { filename: null }, sourceOffset: {} });
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
});
