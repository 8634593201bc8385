import { type DecodedRecord, decodeRecords, readBatchHeader } from '@tributary/wire';
import type { Batch } from './batch.ts';
import type { PartitionLog } from './partition-log.ts';
import { lastBatchOffset } from './producer-state.ts';
import { pruneBatch } from './prune-batch.ts';
import type { Segment } from './segment.ts';
import { isAborted } from './transaction-index.ts';

export interface CompactionSettings {
  /** How long a tombstone that is the newest record of its key stays. */
  readonly deleteRetentionMs: number;
  /** Younger segments are left alone. */
  readonly minLagMs: number;
}

/**
 * Removes records that are not needed: they have a newer one of their key, are tombstones whose time is over, or were aborted. Offsets do not change.
 * The last segment and what is not stable yet are left alone; so are transaction markers, and the last batch of each producer, which carries its
 * sequence, where nothing would be left of it.
 */
export function compact(log: PartitionLog, nowMs: number, settings: CompactionSettings): void {
  const segments = cleanableSegments(log, nowMs - settings.minLagMs);
  const next = log.segmentList[segments.length];
  if (next === undefined || segments.length === 0 || next.baseOffset <= log.compactedTo) return;
  const newest = newestOffsets(log, segments);
  const changed = new Set<number>();
  const tombstonesBeforeMs = nowMs - settings.deleteRetentionMs;
  const isNeeded = ({ key, value, offset, timestamp }: DecodedRecord): boolean => {
    if (key === null || newest.get(key.toString('latin1')) !== offset) return false;
    return value !== null || timestamp >= tombstonesBeforeMs;
  };
  forEachBatch(log, segments, (batch, bytes) => {
    if (batch.isControl) return;
    const whole = bytes();
    const needed = isAborted(log.transactions, batch)
      ? 0
      : decodeRecords(whole, readBatchHeader(whole, 0)).filter(isNeeded).length;
    if (needed === batch.recordCount || (needed === 0 && isLastOfProducer(log, batch))) return;
    changed.add(batch.baseOffset);
  });
  if (changed.size > 0) {
    for (const segment of segments) {
      log.rewriteSegment(segment, (batch, bytes) => {
        if (!changed.has(batch.baseOffset)) return bytes;
        return isAborted(log.transactions, batch) ? undefined : pruneBatch(bytes, isNeeded);
      });
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
