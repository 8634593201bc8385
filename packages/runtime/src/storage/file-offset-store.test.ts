import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileOffsetStore } from './file-offset-store.ts';
import { decodeHashMap, encodeHashMap } from './java-hash-map.ts';

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-offsets-'));
  file = join(folder, 'connect.offsets');
});
afterEach(() => rm(folder, { recursive: true }));

it('has what was written, in this run and the next', async () => {
  const store = await FileOffsetStore.open(file);
  await store.write('c', [{ partition: { filename: 'a', n: 1 }, offset: { position: 42 } }]);
  for (const each of [store, await FileOffsetStore.open(file)]) {
    expect(await each.read('c', [{ n: 1, filename: 'a' }, { filename: 'b' }])).toEqual([
      { position: 42 },
      null,
    ]);
    expect(await each.read('other', [{ filename: 'a', n: 1 }])).toEqual([null]);
  }
});

it('keeps every digit of a large integer', async () => {
  const store = await FileOffsetStore.open(file);
  const lsn = 9_007_199_254_740_993n;
  await store.write('c', [{ partition: { p: 1 }, offset: { lsn } }]);
  expect(await (await FileOffsetStore.open(file)).read('c', [{ p: 1 }])).toEqual([{ lsn }]);
});

it('writes what came meanwhile in one go, and answers each writer when it is on disk', async () => {
  const store = await FileOffsetStore.open(file);
  const writes = Array.from({ length: 50 }, (_, position) =>
    store.write('c', [{ partition: { filename: 'a' }, offset: { position } }]),
  );
  await Promise.all(writes);
  expect(await (await FileOffsetStore.open(file)).read('c', [{ filename: 'a' }])).toEqual([
    { position: 49 },
  ]);
});

it('forgets a partition that is reset, and does not list it', async () => {
  const store = await FileOffsetStore.open(file);
  await store.write('c', [
    { partition: { filename: 'a' }, offset: { position: 1 } },
    { partition: { filename: 'b' }, offset: { position: 2 } },
  ]);
  await store.write('c', [{ partition: { filename: 'a' }, offset: null }]);
  expect(await store.list('c')).toEqual([
    { partition: { filename: 'b' }, offset: { position: 2 } },
  ]);
});

it('carries entries along that are not its own', async () => {
  const foreign = [Buffer.from('something else'), Buffer.from('1')] as const;
  await writeFile(file, encodeHashMap([foreign]));
  const store = await FileOffsetStore.open(file);
  await store.write('c', [{ partition: { filename: 'a' }, offset: { position: 1 } }]);
  const entries = decodeHashMap(await readFile(file)).map(([key]) => key.toString());
  expect(entries).toEqual(['something else', '["c",{"filename":"a"}]']);
});

it('takes nothing of a write that is not valid', async () => {
  const store = await FileOffsetStore.open(file);
  const invalid = { partition: { filename: 'b' }, offset: { position: { deep: 1 } } };
  const write = store.write('c', [
    { partition: { filename: 'a' }, offset: { position: 1 } },
    invalid,
  ]);
  await expect(write).rejects.toThrow(
    'Offsets may only contain primitive types as values, but field position contains MAP',
  );
  expect(await store.list('c')).toEqual([]);
});

it('keeps the old file when a write fails, and succeeds when the cause is gone', async () => {
  const store = await FileOffsetStore.open(file);
  await store.write('c', [{ partition: { filename: 'a' }, offset: { position: 1 } }]);
  await rename(folder, `${folder}-away`);
  const failed = store.write('c', [{ partition: { filename: 'a' }, offset: { position: 2 } }]);
  await expect(failed).rejects.toThrow(`Cannot write source offsets to "${file}"`);
  expect(await store.read('c', [{ filename: 'a' }])).toEqual([{ position: 1 }]);
  await rename(`${folder}-away`, folder);
  await store.write('c', [{ partition: { filename: 'a' }, offset: { position: 3 } }]);
  expect(await (await FileOffsetStore.open(file)).list('c')).toHaveLength(1);
});
