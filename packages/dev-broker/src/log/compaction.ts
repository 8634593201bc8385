import { decodeRecords, readBatchHeader } from '@tributary/wire';
import type { Batch } from './batch.ts';
import type { PartitionLog } from './partition-log.ts';
import { lastBatchOffset } from './producer-state.ts';
import type { Segment } from './segment.ts';
import { isAborted } from './transaction-index.ts';

export interface CompactionSettings {
  /** How long a tombstone that is the newest record of its key stays. */
  readonly deleteRetentionMs: number;
  /** Younger segments are left alone. */
  readonly minLagMs: number;
}

/**
 * Removes batches in which no record is needed: each has a newer one of its key, is a tombstone whose time is over, or was aborted. Offsets do not change.
 * Whole batches only: a batch keeps what is old in it as long as one of its records is needed. The last segment and what is not stable yet are left alone;
 * so are transaction markers, and the last batch of each producer, which carries its sequence.
 */
export function compact(log: PartitionLog, nowMs: number, settings: CompactionSettings): void {
  const segments = cleanableSegments(log, nowMs - settings.minLagMs);
  const next = log.segmentList[segments.length];
  if (next === undefined || segments.length === 0 || next.baseOffset <= log.compactedTo) return;
  const newest = newestOffsets(log, segments);
  const unneeded = new Set<number>();
  const tombstonesBeforeMs = nowMs - settings.deleteRetentionMs;
  forEachBatch(log, segments, (batch, bytes) => {
    if (batch.isControl || isLastOfProducer(log, batch)) return;
    const whole = bytes();
    const isNeeded = decodeRecords(whole, readBatchHeader(whole, 0)).some((record) => {
      const { key, value, offset, timestamp } = record;
      if (key === null || newest.get(key.toString('latin1')) !== offset) return false;
      return value !== null || timestamp >= tombstonesBeforeMs;
    });
    if (!isNeeded || isAborted(log.transactions, batch)) unneeded.add(batch.baseOffset);
  });
  if (unneeded.size > 0) {
    for (const segment of segments) {
      log.rewriteSegment(segment, ({ baseOffset }) => !unneeded.has(baseOffset));
    }
  }
  log.compactedTo = next.baseOffset;
}

/** From the front: full, old enough, and ended before every open transaction. */
function cleanableSegments(log: PartitionLog, notAfterMs: number): Segment[] {
  const all = log.segmentList;
  const end = all.findIndex((segment, i) => {
    const nextOffset = all[i + 1]?.baseOffset;
    const isOpen = nextOffset === undefined || nextOffset > log.lastStableOffset;
    return isOpen || segment.maxTimestampMs > notAfterMs;
  });
  return all.slice(0, end);
}

/** Keys as one character per byte. */
function newestOffsets(log: PartitionLog, segments: readonly Segment[]): Map<string, number> {
  const newest = new Map<string, number>();
  forEachBatch(log, segments, (batch, bytes) => {
    if (batch.isControl || isAborted(log.transactions, batch)) return;
    const whole = bytes();
    for (const { key, offset } of decodeRecords(whole, readBatchHeader(whole, 0))) {
      if (key !== null) newest.set(key.toString('latin1'), offset);
    }
  });
  return newest;
}

function forEachBatch(
  log: PartitionLog,
  segments: readonly Segment[],
  visit: (batch: Batch, bytes: () => Buffer) => void,
): void {
  log.findBatch(
    (segment) => segments.includes(segment),
    (batch, bytes) => {
      visit(batch, bytes);
      return false;
    },
  );
}

function isLastOfProducer(log: PartitionLog, batch: Batch): boolean {
  return lastBatchOffset(log.producers, batch.producerId) === batch.baseOffset;
}
