import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Writes `count` numbered lines of about 100 bytes: every 1,000th is empty, every 7th has multi-byte text, one in the middle is 900 kB long.
 * The numbers make each line unlike any other, so that a missing, repeated or misplaced one is seen.
 */
export async function writeLinesFile(path: string, count: number): Promise<void> {
  const file = await open(path, 'w');
  try {
    const chunkLines = 20_000;
    for (let first = 0; first < count; first += chunkLines) {
      const lines: string[] = [];
      for (let index = first; index < Math.min(count, first + chunkLines); index++) {
        lines.push(lineOf(index, count));
      }
      await file.write(`${lines.join('\n')}\n`);
    }
  } finally {
    await file.close();
  }
}

function lineOf(index: number, count: number): string {
  if (index % 1000 === 999) return '';
  const number = String(index).padStart(9, '0');
  if (index === Math.floor(count / 2)) return `${number} ${'x'.repeat(900_000)}`;
  const text =
    index % 7 === 0 ? 'grüße, 世界, 🌍; '.repeat(3) : 'the quick brown fox jumps over it; ';
  return `${number} ${text.repeat(3)}`.slice(0, index % 7 === 0 ? 60 : 99);
}

export async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** Resolves when the file has at least `bytes`; rejects at the deadline or when `isAlive` says no. */
export async function waitForSize(
  path: string,
  bytes: number,
  options: { timeoutMs: number; isAlive?: () => boolean },
): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    const size = await sizeOf(path);
    if (size >= bytes) return;
    if (options.isAlive?.() === false)
      throw new Error(`The writer of "${path}" ended at ${size} of ${bytes} bytes`);
    if (Date.now() > deadline) {
      throw new Error(`"${path}" has ${size} of ${bytes} bytes after ${options.timeoutMs} ms`);
    }
    await sleep(20);
  }
}

export async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
