import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'full-disk-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** In a process whose files cannot grow beyond 1 KiB: as on a full disk the first write is cut short and the next one fails. */
function appendTo(file: string, config: Record<string, string>): string {
  const source = new URL('../src/index.ts', import.meta.url).href;
  const script = `
    const { FileStreamSink } = await import(${JSON.stringify(source)});
    const task = FileStreamSink.createTask();
    await task.start(${JSON.stringify({ file, ...config })});
    const lines = (letter) => [{ value: letter.repeat(299) }, { value: letter.repeat(299) }];
    await task.put(lines('a'));
    await task.put(lines('b')).catch((error) => console.log(error.message));
    await task.put(lines('c').slice(1)).catch((error) => console.log(error.message));
    await task.stop();`;
  const flags = '--conditions=@tributary/source --input-type=module --eval "$1"';
  const limited = `trap '' XFSZ; ulimit -f 1; exec "$0" ${flags}`;
  return execFileSync('bash', ['-c', limited, process.execPath, script], { encoding: 'utf8' });
}

describe('FileStreamSink on a full disk', () => {
  it('takes back the part of a batch that was written and fails', async () => {
    const file = join(folder, 'out.txt');
    await writeFile(file, 'old\n');
    const printed = appendTo(file, {});
    expect(printed).toContain(`Cannot append 2 records to file '${file}': EFBIG`);
    const a = 'a'.repeat(299);
    const c = 'c'.repeat(299);
    expect((await readFile(file, 'utf8')).split('\n')).toEqual(['old', a, a, c, '']);
  });

  it('takes nothing back from a file that other tasks append to', async () => {
    const file = join(folder, 'out.txt');
    appendTo(file, { 'tasks.max': '2' });
    expect(await readFile(file, 'utf8')).toHaveLength(1024);
  });
});
