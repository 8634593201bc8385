import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  INT32_SCHEMA,
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

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-sink-'));
  file = join(folder, 'out.txt');
  task = new FileStreamSinkTask();
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
});
