import { type DecodedRecord, decodeRecords, readBatchHeader } from '@tributary/wire';
import type { Batch } from './batch.ts';
import type { PartitionLog } from './partition-log.ts';
import { lastBatchOffset } from './producer-state.ts';
import { emptyBatch, pruneBatch } from './prune-batch.ts';
import type { Segment } from './segment.ts';
import { isAborted } from './transaction-index.ts';

export interface CompactionSettings {
  /** How long a tombstone that is the newest record of its key stays, and a transaction marker. */
  readonly deleteRetentionMs: number;
  /** Younger segments are left alone. */
  readonly minLagMs: number;
}

/**
 * Removes records that are not needed: they have a newer one of their key, are tombstones whose time is over, or were aborted. Offsets do not change.
 * A transaction marker goes when nothing is left of its transaction and its time is over as that of a tombstone. The last segment and what is not
 * stable yet are left alone; of the last batch of each producer, which carries its sequence, the header stays, and of its last markers, which may carry its epoch, all.
 */
export function compact(log: PartitionLog, nowMs: number, settings: CompactionSettings): void {
  const segments = cleanableSegments(log, nowMs - settings.minLagMs);
  const next = log.segmentList[segments.length];
  if (next === undefined || segments.length === 0 || next.baseOffset <= log.compactedTo) return;
  const newest = newestOffsets(log, segments);
  const changed = new Set<number>();
  // Producers whose transaction, up to here, keeps a batch: it would look open without its marker.
  const withBatches = new Set<bigint>();
  const tombstonesBeforeMs = nowMs - settings.deleteRetentionMs;
  const isNeeded = ({ key, value, offset, timestamp }: DecodedRecord): boolean => {
    if (key === null || newest.get(key.toString('latin1')) !== offset) return false;
    return value !== null || timestamp >= tombstonesBeforeMs;
  };
  forEachBatch(log, segments, (batch, bytes) => {
    if (batch.isControl) {
      const isMeant = withBatches.delete(batch.producerId);
      const isOver = batch.maxTimestampMs < tombstonesBeforeMs;
      if (!isMeant && isOver && !isLastOfProducer(log, batch)) changed.add(batch.baseOffset);
      return;
    }
    const whole = bytes();
    const needed = isAborted(log.transactions, batch)
      ? 0
      : decodeRecords(whole, readBatchHeader(whole, 0)).filter(isNeeded).length;
    const stays = needed > 0 || isLastOfProducer(log, batch);
    if (stays && batch.isTransactional) withBatches.add(batch.producerId);
    if (needed < batch.recordCount || !stays) changed.add(batch.baseOffset);
  });
  if (changed.size > 0) {
    for (const segment of segments) {
      log.rewriteSegment(segment, (batch, bytes) => {
        if (!changed.has(batch.baseOffset)) return bytes;
        if (batch.isControl) return undefined;
        const isLost = isAborted(log.transactions, batch);
        const left = isLost ? undefined : pruneBatch(bytes, isNeeded);
        return left ?? (isLastOfProducer(log, batch) ? emptyBatch(bytes) : undefined);
      });
    }
  }
  // A reader that was told of an aborted transaction without a marker would skip what its producer wrote later.
  log.transactions.aborted = log.transactions.aborted.filter((one) => !changed.has(one.lastOffset));
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

/** Of a producer that is known: the batch with its newest sequence, and the markers behind it, which may have raised its epoch. */
function isLastOfProducer(log: PartitionLog, batch: Batch): boolean {
  if (!log.producers.byId.has(batch.producerId)) return false;
  const last = lastBatchOffset(log.producers, batch.producerId) ?? -1;
  return batch.isControl ? batch.baseOffset > last : batch.baseOffset === last;
}
