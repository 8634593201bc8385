import { expect, test } from 'vitest';
import { MemoryOffsetStore } from './memory-offset-store.ts';

test('answers in the order of the partitions that are asked for', async () => {
  const store = new MemoryOffsetStore();
  await store.write('c', [
    { partition: { a: 1, b: 2 }, offset: { at: 1 } },
    { partition: { a: 2 }, offset: { at: 2 } },
  ]);
  expect(await store.read('c', [{ a: 2 }, { a: 3 }, { b: 2, a: 1 }])).toEqual([
    { at: 2 },
    null,
    { at: 1 },
  ]);
  expect(await store.read('other', [{ a: 2 }])).toEqual([null]);
});

test('a reset partition is not listed, but stays known', async () => {
  const store = new MemoryOffsetStore();
  store.set('c', { a: 1 }, { at: 1 });
  await store.write('c', [{ partition: { a: 1 }, offset: null }]);
  expect(await store.list('c')).toEqual([]);
  expect([...store.entries()]).toEqual([{ connector: 'c', partition: { a: 1 }, offset: null }]);
});

test('takes all of a write or nothing', async () => {
  const store = new MemoryOffsetStore();
  const entries = [
    { partition: { a: 1 }, offset: { at: 1 } },
    { partition: { a: 2 }, offset: { at: [] } },
  ];
  await expect(store.write('c', entries)).rejects.toThrow('ARRAY');
  expect(await store.list('c')).toEqual([]);
});

test('a copy goes its own way', async () => {
  const store = new MemoryOffsetStore();
  store.set('c', { a: 1 }, { at: 1 });
  const copy = store.copy();
  store.set('c', { a: 1 }, { at: 2 });
  expect(await copy.read('c', [{ a: 1 }])).toEqual([{ at: 1 }]);
});
