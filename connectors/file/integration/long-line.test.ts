import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileStreamSource } from '../src/index.ts';

it('fails the task for a line of more than 128 MiB, naming the file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'long-line-'));
  const file = join(folder, 'in.txt');
  const task = FileStreamSource.createTask();
  const { signal } = new AbortController();
  try {
    await writeFile(file, 'a\n');
    await truncate(file, 130 * 1024 * 1024);
    task.initialize?.({
      configs: {},
      offsetStorageReader: { offset: async () => null, offsets: async () => [] },
    });
    await task.start({ file, topic: 't' });
    expect((await task.poll(signal))?.map((record) => record.value)).toEqual(['a']);
    await expect(task.poll(signal)).rejects.toThrow(
      `Cannot read file '${file}': no line end in 128 MiB behind position 2`,
    );
  } finally {
    await task.stop();
    await rm(folder, { recursive: true });
  }
});
