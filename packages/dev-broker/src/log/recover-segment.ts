import { type Batch, batchHeaderSize, batchSizeAt, hasRightCrc, readBatch } from './batch.ts';
import type { LogFile } from './log-file.ts';

/**
 * Walks over the batches of a segment file from the front. Stops at the first batch that is cut short, has an impossible header, goes back in offsets or,
 * where `isCrcChecked`, has a wrong checksum. Returns the size of the sound part.
 * `visit` gets the batch, the bytes it lies in (headers always, records only where the checksum is checked or it is a control batch) and where.
 */
export function walkSegment(
  file: LogFile,
  firstOffset: number,
  isCrcChecked: boolean,
  visit: (batch: Batch, bytes: Buffer, at: number, position: number) => void,
): number {
  let position = 0;
  let nextOffset = firstOffset;
  let window = file.read(0, windowBytes);
  let windowStart = 0;
  for (;;) {
    let at = position - windowStart;
    // Headers alone are enough for sealed segments, but their batches lie in the window mostly anyway.
    if (at + batchHeaderSize > window.length || isCutShort(window, at)) {
      const needed = at + batchHeaderSize <= window.length ? batchSizeAt(window, at) : 0;
      window = file.read(position, Math.max(windowBytes, needed));
      windowStart = position;
      at = 0;
    }
    const batch = readBatch(window, at);
    if (batch === undefined || at + batch.size > window.length) return position;
    if (batch.magic !== 2 || batch.baseOffset < nextOffset || batch.lastOffsetDelta < 0) {
      return position;
    }
    if (isCrcChecked && !hasRightCrc(window, at)) return position;
    visit(batch, window, at, position);
    position += batch.size;
    nextOffset = batch.lastOffset + 1;
  }
}

const windowBytes = 4 * 1024 * 1024;

function isCutShort(window: Buffer, at: number): boolean {
  return at + batchSizeAt(window, at) > window.length;
}
