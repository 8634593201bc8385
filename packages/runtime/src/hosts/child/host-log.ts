import { Socket } from 'node:net';
import type { LogLevels } from '../../log-levels.ts';
import { createLoggerFrom, type Logger, type LogLevel, type LogLine } from '../../logger.ts';
import { createTokenBucket, type TokenBucket } from '../token-bucket.ts';
import { currentRun } from './run-context.ts';

const maxMessageChars = 32 * 1024;
const maxUnwrittenBytes = 1024 * 1024;
const maxLineChars = 8 * 1024;

/**
 * The host's log: one JSON object per line (`LogLine`) on a pipe to the control process. Bounded in rate and in what waits; what is too much is counted and dropped.
 * The runtime's lines and what plugins print have bounds of their own, so that a flood of one does not hide the other.
 */
export function createHostLog(fd: number, levels: LogLevels): Logger {
  const pipe = new Socket({ fd, readable: false, writable: true });
  pipe.on('error', () => {});
  pipe.unref();
  const write = (line: LogLine): void => {
    if (pipe.writableLength < maxUnwrittenBytes) pipe.write(`${JSON.stringify(line)}\n`);
  };
  const lines = createTokenBucket({ burst: 5000, perSecond: 1000 });
  const printed = createTokenBucket({ burst: 500, perSecond: 200 });
  const takeFrom =
    (bucket: TokenBucket) =>
    (line: LogLine): void => {
      if (!bucket.take()) return;
      const context = line.context || (currentRun()?.logContext ?? '');
      write({ ...line, context, message: line.message.slice(0, maxMessageChars) });
    };
  setInterval(() => {
    for (const [bucket, what] of [
      [lines, 'log lines'],
      [printed, 'lines that plugins printed'],
    ] as const) {
      const dropped = bucket.takeDropped();
      const message = `${dropped} ${what} were dropped: there were too many`;
      if (dropped > 0) write({ level: 'warn', name: 'tributary.host', context: '', message });
    }
  }, 1000).unref();
  captureStream(process.stdout, 'info', 'stdout', takeFrom(printed));
  captureStream(process.stderr, 'warn', 'stderr', takeFrom(printed));
  return createLoggerFrom(takeFrom(lines), (name) => levels.levelFor(name));
}

/** What plugins print becomes log lines of the run that prints. What they write to the file descriptor itself is read by the control process. */
function captureStream(
  stream: NodeJS.WriteStream,
  level: LogLevel,
  name: string,
  take: (line: LogLine) => void,
): void {
  let unfinished = '';
  stream.write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    const lines = (unfinished + text).split('\n');
    unfinished = (lines.pop() ?? '').slice(0, maxLineChars);
    for (const message of lines) take({ level, name, context: '', message });
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') process.nextTick(done);
    return true;
  };
}
