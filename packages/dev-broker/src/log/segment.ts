import type { Batch } from './batch.ts';
import type { LogFile } from './log-file.ts';

/**
 * One file of a partition's log: record batches as the clients sent them, with offset and leader epoch filled in, one after the other.
 * Its name is the base offset in twenty digits and `.log`, as in Kafka. The index is kept in memory and built again from the batch headers at start.
 */
export interface Segment {
  readonly baseOffset: number;
  readonly path: string;
  readonly file: LogFile;
  /** Sparse: a batch at least every `indexIntervalBytes`; parallel arrays, rising. */
  readonly indexOffsets: number[];
  readonly indexPositions: number[];
  /** Of the first record's batch; -1 while empty. */
  firstTimestampMs: number;
  maxTimestampMs: number;
  /** Offset of the first record of the batch that has the largest timestamp. */
  maxTimestampOffset: number;
  /** When the segment was begun or, after a start, first seen. */
  readonly createdMs: number;
}

const indexIntervalBytes = 4096;

export function createSegment(
  baseOffset: number,
  path: string,
  file: LogFile,
  createdMs: number,
): Segment {
  return {
    baseOffset,
    path,
    file,
    indexOffsets: [],
    indexPositions: [],
    firstTimestampMs: -1,
    maxTimestampMs: -1,
    maxTimestampOffset: -1,
    createdMs,
  };
}

export function segmentName(baseOffset: number): string {
  return `${String(baseOffset).padStart(20, '0')}.log`;
}

/** Undefined for any other file. */
export function baseOffsetOf(fileName: string): number | undefined {
  return /^\d{20}\.log$/.test(fileName) ? Number(fileName.slice(0, 20)) : undefined;
}

/** Takes in a batch that lies at `position` of the file. */
export function indexSegmentBatch(segment: Segment, batch: Batch, position: number): void {
  const last = segment.indexPositions.at(-1);
  if (last === undefined || position - last >= indexIntervalBytes) {
    segment.indexOffsets.push(batch.baseOffset);
    segment.indexPositions.push(position);
  }
  // Compaction leaves a batch without records.
  if (batch.recordCount === 0) return;
  if (segment.firstTimestampMs === -1) segment.firstTimestampMs = batch.maxTimestampMs;
  if (batch.maxTimestampMs > segment.maxTimestampMs) {
    segment.maxTimestampMs = batch.maxTimestampMs;
    segment.maxTimestampOffset = batch.baseOffset;
  }
}

/** Position of an indexed batch at or before the one that holds the offset. */
export function positionNear(segment: Segment, offset: number): number {
  const offsets = segment.indexOffsets;
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return segment.indexPositions[low] ?? 0;
}
