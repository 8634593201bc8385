import type { Readable } from 'node:stream';

/**
 * Lines of a stream that somebody may flood: at most about `charsPerInterval` are read per `intervalMs`, then the stream waits, and with it the writer.
 * A longer line than `maxLineChars` is cut. Resolves when the stream has ended.
 */
export function readLinesThrottled(
  stream: Readable,
  onLine: (line: string) => void,
  options: { charsPerInterval: number; intervalMs: number; maxLineChars: number },
): Promise<void> {
  const { charsPerInterval, intervalMs, maxLineChars } = options;
  let budget = charsPerInterval;
  let unfinished = '';
  const timer = setInterval(() => {
    budget = charsPerInterval;
    if (stream.isPaused()) stream.resume();
  }, intervalMs);
  timer.unref();
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    budget -= chunk.length;
    if (budget <= 0) stream.pause();
    const lines = (unfinished + chunk).split('\n');
    unfinished = (lines.pop() ?? '').slice(0, maxLineChars);
    for (const line of lines) onLine(line.slice(0, maxLineChars));
  });
  return new Promise((resolve) => {
    const end = (): void => {
      clearInterval(timer);
      if (unfinished !== '') onLine(unfinished);
      unfinished = '';
      resolve();
    };
    stream.on('error', end);
    stream.on('close', end);
  });
}
