import { write } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const writeAt = promisify(write);
/** What Linux keeps together in a pipe (PIPE_BUF): lines of several writers do not mix. */
const pieceBytes = 4096;
const lineFeed = 10;
const pauseMs = 20;
/** As long as a consumer may be busy by default before it loses its partitions. */
const patienceMs = 300_000;

/**
 * Writes all of `lines` to a pipe, terminal or file that others may write to as well, whole lines at a time.
 * Waits while a pipe is full. Rejects with the system's error, `EPIPE` when nobody reads any more, or `EAGAIN` when nothing was taken for five minutes.
 */
export async function writeLines(fd: number, lines: Buffer): Promise<void> {
  for (let at = 0; at < lines.length; ) {
    const end = endOfPiece(lines, at);
    await writePiece(fd, lines.subarray(at, end));
    at = end;
  }
}

/** As many lines as a pipe keeps together, at least one. */
function endOfPiece(lines: Buffer, start: number): number {
  if (lines.length - start <= pieceBytes) return lines.length;
  const lastFeed = lines.lastIndexOf(lineFeed, start + pieceBytes - 1);
  if (lastFeed >= start) return lastFeed + 1;
  const nextFeed = lines.indexOf(lineFeed, start);
  return nextFeed < 0 ? lines.length : nextFeed + 1;
}

async function writePiece(fd: number, piece: Buffer): Promise<void> {
  let waitedMs = 0;
  for (let at = 0; at < piece.length; ) {
    try {
      const { bytesWritten } = await writeAt(fd, piece, at, piece.length - at, null);
      at += bytesWritten;
      waitedMs = 0;
    } catch (error) {
      const isFull = (error as NodeJS.ErrnoException).code === 'EAGAIN';
      if (!isFull || waitedMs >= patienceMs) throw error;
      await sleep(pauseMs);
      waitedMs += pauseMs;
    }
  }
}
