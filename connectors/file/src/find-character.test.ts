import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCharacter } from './find-character.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-character-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function find(content: string | Uint8Array, characters: number): Promise<number> {
  const file = join(folder, 'file');
  await writeFile(file, content);
  await using handle = await open(file);
  return await findCharacter(handle, characters, new AbortController().signal);
}

describe('findCharacter', () => {
  it('is the same number in an ASCII file, whatever its size', async () => {
    const text = 'a line\n'.repeat(400_000);
    for (const characters of [0, 1, 7, 1_048_576, 2_000_000, text.length]) {
      expect(await find(text, characters)).toBe(characters);
    }
  });

  it('counts a character beyond the basic plane as two', async () => {
    expect(await find('é😀\nb', 4)).toBe(7);
  });

  it('finds every line of a file whose characters lie across chunks', async () => {
    const lines = Array.from(
      { length: 30_000 },
      (_, i) => `${i} grüße € 😀 ${'字'.repeat(i % 40)}\n`,
    );
    const text = lines.join('');
    expect(Buffer.byteLength(text)).toBeGreaterThan(2 * 1024 * 1024);
    for (const count of [1, 9_000, 15_000, 22_222, 30_000]) {
      const before = lines.slice(0, count).join('');
      expect(await find(text, before.length)).toBe(Buffer.byteLength(before));
    }
  });

  it('finds its way without a single ASCII character', async () => {
    const text = '字'.repeat(500_000);
    expect(await find(text, 400_000)).toBe(1_200_000);
  });

  it('counts bytes that are no UTF-8 as their line was read', async () => {
    const bytes = Buffer.concat([
      Buffer.from([0x41, 0xff, 0x80, 0xe2, 0x82, 0x0a]),
      Buffer.from('b\n'),
    ]);
    const firstLine = bytes.subarray(0, 6).toString('utf8');
    expect(await find(bytes, firstLine.length)).toBe(6);
  });

  it('gives a number within a character that is cut at the end of the file', async () => {
    expect(await find(Uint8Array.of(0xe2, 0x82), 1)).toBeGreaterThan(0);
    expect(await find(Uint8Array.of(0x80, 0x80, 0x80), 9)).toBeGreaterThan(3);
  });

  it('takes characters behind the end for bytes', async () => {
    expect(await find('é\n', 5)).toBe(6);
    expect(await find('', 5)).toBe(5);
  });
});
