import { describe, expect, it } from 'vitest';
import { silentLogger } from '../logger.ts';
import { openJournal } from './journal.ts';
import type { Storage } from './log-file.ts';
import { createMemoryStorage } from './memory-storage.ts';

interface Change {
  readonly key: string;
  readonly value: string;
}

function open(storage: Storage) {
  const state = new Map<string, string>();
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  const snapshot = () => [...state].map(([key, value]) => ({ key, value }));
  const apply = ({ key, value }: Change) => void state.set(key, value);
  const journal = openJournal<Change>({ storage, path: 'j', logger, snapshot }, apply);
  const set = (...changes: Change[]) => {
    journal.append(changes);
    changes.forEach(apply);
  };
  return { state, warnings, set };
}

describe('journal', () => {
  it('gives back all changes in order', () => {
    const storage = createMemoryStorage();
    const first = open(storage);
    first.set({ key: 'a', value: '1' }, { key: 'b', value: 'ü\n' });
    first.set({ key: 'a', value: '2' });
    expect([...open(storage).state]).toEqual([
      ['a', '2'],
      ['b', 'ü\n'],
    ]);
  });

  it('drops a torn last line as a whole and goes on behind the line before', () => {
    const storage = createMemoryStorage();
    const first = open(storage);
    first.set({ key: 'a', value: '1' });
    const sound = storage.open('j').size;
    first.set({ key: 'b', value: '2' }, { key: 'c', value: '3' });
    storage.open('j').truncate(storage.open('j').size - 5);
    const second = open(storage);
    expect([...second.state.keys()]).toEqual(['a']);
    expect(second.warnings[0]).toMatch(`"j" at byte ${sound}`);
    second.set({ key: 'd', value: '4' });
    expect([...open(storage).state.keys()]).toEqual(['a', 'd']);
  });

  it('refuses damage before the last line', () => {
    const storage = createMemoryStorage();
    const file = storage.open('j');
    file.append(Buffer.from('00000000 [{"key":"a"}]\n'));
    file.append(Buffer.from('00000000 [{"key":"b"}]\n'));
    expect(() => open(storage)).toThrow(/the line at byte 0 has a wrong checksum/);
  });

  it('replaces itself by a snapshot when most of it is history', () => {
    const storage = createMemoryStorage();
    const first = open(storage);
    const value = 'x'.repeat(100_000);
    for (let i = 0; i < 60; i++) first.set({ key: 'same', value: value + i });
    expect(storage.open('j').size).toBeLessThan(4 * 1024 * 1024);
    expect(open(storage).state.get('same')).toBe(`${value}59`);
  });

  it('changes nothing when the disk is full', () => {
    const storage = createMemoryStorage();
    const first = open(storage);
    storage.isFull = true;
    expect(() => first.set({ key: 'a', value: '1' })).toThrow(/full/);
    expect(first.state.size).toBe(0);
  });
});
