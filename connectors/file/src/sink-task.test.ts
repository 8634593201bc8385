import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import {
  appendFile,
  type FileHandle,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  INT32_SCHEMA,
  provideStandardOutputFd,
  type Schema,
  SchemaBuilder,
  SinkRecord,
  STRING_SCHEMA,
  Struct,
} from '@tributary/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileStreamSinkTask } from './sink-task.ts';

let folder: string;
let file: string;
let task: FileStreamSinkTask;
let warnings: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-sink-'));
  file = join(folder, 'out.txt');
  warnings = [];
  task = new FileStreamSinkTask((message) => warnings.push(message));
});

afterEach(async () => {
  await task.stop();
  await rm(folder, { recursive: true });
});

function record(value: unknown, schema: Schema | null = null): SinkRecord {
  return new SinkRecord('t', 0, null, null, schema, value, 0);
}

describe('FileStreamSinkTask', () => {
  it('has written what it accepted', async () => {
    await task.start({ file });
    await task.put([record('a', STRING_SCHEMA), record('é', STRING_SCHEMA)]);
    expect(await readFile(file, 'utf8')).toBe('a\né\n');
  });

  it('appends to what is there', async () => {
    await writeFile(file, 'old\n');
    await task.start({ file });
    await task.put([record('new')]);
    await task.put([]);
    await task.put([record('newer')]);
    expect(await readFile(file, 'utf8')).toBe('old\nnew\nnewer\n');
  });

  it('writes values as Java prints them', async () => {
    const schema = SchemaBuilder.struct().field('a', INT32_SCHEMA).build();
    await task.start({ file });
    await task.put([
      record(null),
      record(new Struct(schema).put('a', 1), schema),
      record(
        new Map<string, unknown>([
          ['a', 1],
          ['b', [true, null]],
        ]),
      ),
      record(1.5),
    ]);
    expect(await readFile(file, 'utf8')).toBe('null\nStruct{a=1}\n{a=1, b=[true, null]}\n1.5\n');
  });

  it('names the file that it cannot open', async () => {
    const bad = join(folder, 'missing', 'out.txt');
    await expect(task.start({ file: bad })).rejects.toThrow(
      `Couldn't find or create file '${bad}' for FileStreamSinkTask`,
    );
  });

  it('gives the next record a line of its own behind a torn one', async () => {
    await writeFile(file, 'whole\ntor');
    await task.start({ file });
    await task.put([record('a')]);
    expect(await readFile(file, 'utf8')).toBe('whole\ntor\na\n');
    expect(warnings).toEqual([expect.stringContaining(`File '${file}' ended in the middle of`)]);
  });

  it('ends a line that another writer tore while it runs', async () => {
    await task.start({ file, 'tasks.max': '2' });
    await task.put([record('a')]);
    await appendFile(file, 'other\n');
    await task.put([record('b')]);
    expect(warnings).toEqual([]);
    await appendFile(file, 'tor');
    await task.put([record('c')]);
    expect(await readFile(file, 'utf8')).toBe('a\nother\nb\ntor\nc\n');
    expect(warnings).toHaveLength(1);
  });

  it.each([
    ['removed', () => rm(file), 'there is none at its path now'],
    ['moved away', () => rename(file, `${file}.1`), 'there is none at its path now'],
    [
      'replaced',
      async () => {
        await rename(file, `${file}.1`);
        await writeFile(file, '');
      },
      'its path names another one',
    ],
  ])('commits nothing once the file was %s, and takes no more', async (_, change, found) => {
    await task.start({ file });
    await task.put([record('a')]);
    await task.flush();
    await change();
    await task.put([record('b')]);
    await expect(task.flush()).rejects.toThrow(`File '${file}' was removed or replaced`);
    await expect(task.flush()).rejects.toThrow(found);
    await expect(task.put([record('c')])).rejects.toThrow('Restart the task');
  });

  it('says that nobody reads a FIFO instead of waiting for a reader', async () => {
    execFileSync('mkfifo', [file]);
    await expect(task.start({ file })).rejects.toThrow('start its reader first');
  });

  it('fails for a device that is full', async () => {
    await task.start({ file: '/dev/full' });
    await expect(task.put([record('a')])).rejects.toThrow(
      "Cannot append 1 records to file '/dev/full': ENOSPC",
    );
  });
});

describe('FileStreamSinkTask without a file', () => {
  let reader: FileHandle;
  let writer: FileHandle;

  beforeEach(async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    reader = await open(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    writer = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    provideStandardOutputFd(writer.fd);
    await task.start({});
  });

  afterEach(async () => {
    provideStandardOutputFd(1);
    await writer.close();
    await reader.close();
  });

  it('writes every line to standard output, as fast as it is read', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i} ${'x'.repeat(i % 90)}`);
    lines[77] = 'y'.repeat(100_000);
    let isDone = false;
    const put = task.put(lines.map((line) => record(line))).finally(() => (isDone = true));
    let received = '';
    while (!isDone) received += await readSome();
    await put;
    for (let text = await readSome(); text !== ''; text = await readSome()) received += text;
    expect(received.split('\n')).toEqual([...lines, '']);
  });

  it('keeps lines whole among those of another writer', async () => {
    const first = task.put(
      Array.from({ length: 400 }, (_, i) => record(`a${i} ${'a'.repeat(60)}`)),
    );
    const second = task.put(
      Array.from({ length: 400 }, (_, i) => record(`b${i} ${'b'.repeat(60)}`)),
    );
    await Promise.all([first, second]);
    let received = '';
    for (let text = await readSome(); text !== ''; text = await readSome()) received += text;
    const lines = received.split('\n').slice(0, -1);
    expect(lines).toHaveLength(800);
    expect(lines.filter((line) => !/^(a\d+ a{60}|b\d+ b{60})$/.test(line))).toEqual([]);
  });

  it('fails when nobody reads it any more', async () => {
    await reader.close();
    const failure = task.put([record('a')]);
    await expect(failure).rejects.toThrow(
      'Cannot write 1 records to standard output: nothing reads from it any more',
    );
    reader = await open(file, 'w');
  });

  async function readSome(): Promise<string> {
    const chunk = Buffer.alloc(64 * 1024);
    try {
      const { bytesRead } = await reader.read(chunk, 0, chunk.length, null);
      return chunk.toString('utf8', 0, bytesRead);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
      throw error;
    }
  }
});
