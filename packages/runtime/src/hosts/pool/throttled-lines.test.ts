import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTokenBucket } from '../token-bucket.ts';
import { readLinesThrottled } from './throttled-lines.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a flood is read in portions, and nothing but the flood waits', async () => {
  const stream = new PassThrough({ highWaterMark: 16 });
  const lines: string[] = [];
  const bounds = { charsPerInterval: 10, intervalMs: 100, maxLineChars: 100 };
  const end = readLinesThrottled(stream, (line) => lines.push(line), bounds);
  for (let index = 0; index < 4; index++) stream.write(`line ${index}\nmore\n`);
  await turn();
  expect(lines).toEqual(['line 0', 'more']);
  await vi.advanceTimersByTimeAsync(100);
  await turn();
  expect(lines.length).toBe(4);
  stream.end('unfinished');
  for (let index = 0; index < 5; index++) {
    await vi.advanceTimersByTimeAsync(100);
    await turn();
  }
  await end;
  expect(lines.length).toBe(9);
  expect(lines.at(-1)).toBe('unfinished');
});

test('a line without an end is cut', async () => {
  const stream = new PassThrough();
  const lines: string[] = [];
  const bounds = { charsPerInterval: 1000, intervalMs: 100, maxLineChars: 10 };
  const end = readLinesThrottled(stream, (line) => lines.push(line), bounds);
  for (let index = 0; index < 20; index++) stream.write('x'.repeat(20));
  stream.end('\nnext\n');
  await end;
  expect(lines).toEqual(['x'.repeat(10), 'next']);
});

test('a token bucket lets a burst through, then its rate, and counts the rest', () => {
  let now = 0;
  const bucket = createTokenBucket({ burst: 2, perSecond: 10, now: () => now });
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
  now = 100;
  expect([bucket.take(), bucket.take()]).toEqual([true, false]);
  expect(bucket.takeDropped()).toBe(2);
  expect(bucket.takeDropped()).toBe(0);
});
