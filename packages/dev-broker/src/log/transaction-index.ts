import type { Batch } from './batch.ts';

/** A transaction that was aborted in a partition. Its records are in the log; readers of committed records skip them. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
  /** Offset of the abort marker. */
  readonly lastOffset: number;
}

/** The transactions of one partition: which run, and where (producer id to first offset), and which were aborted, by rising marker. */
export interface TransactionIndex {
  readonly ongoing: Map<bigint, number>;
  aborted: AbortedTransaction[];
}

export function createTransactionIndex(): TransactionIndex {
  return { ongoing: new Map(), aborted: [] };
}

/** Takes in a batch that is in the log; `isCommit` is known for control batches only. */
export function indexBatch(index: TransactionIndex, batch: Batch, isCommit: boolean): void {
  if (!batch.isTransactional) return;
  const firstOffset = index.ongoing.get(batch.producerId);
  if (!batch.isControl) {
    if (firstOffset === undefined) index.ongoing.set(batch.producerId, batch.baseOffset);
    return;
  }
  if (firstOffset === undefined) return;
  index.ongoing.delete(batch.producerId);
  if (isCommit) return;
  index.aborted.push({ producerId: batch.producerId, firstOffset, lastOffset: batch.lastOffset });
}

/** First offset that a reader of committed records may not see: the start of the oldest running transaction, else the end of the log. */
export function lastStableOffset(index: TransactionIndex, endOffset: number): number {
  let stable = endOffset;
  for (const firstOffset of index.ongoing.values()) stable = Math.min(stable, firstOffset);
  return stable;
}

/** The aborted transactions that touch offsets from `from` up to, not including, `to`. */
export function abortedBetween(
  index: TransactionIndex,
  from: number,
  to: number,
): AbortedTransaction[] {
  return index.aborted.filter(({ firstOffset, lastOffset }) => {
    return lastOffset >= from && firstOffset < to;
  });
}

export function isAborted(index: TransactionIndex, batch: Batch): boolean {
  if (!batch.isTransactional || batch.isControl) return false;
  return index.aborted.some(({ producerId, firstOffset, lastOffset }) => {
    const isInside = batch.baseOffset >= firstOffset && batch.baseOffset <= lastOffset;
    return producerId === batch.producerId && isInside;
  });
}

/** Forgets what lies before the start of the log. */
export function forgetAbortedBefore(index: TransactionIndex, startOffset: number): void {
  index.aborted = index.aborted.filter(({ lastOffset }) => lastOffset >= startOffset);
}
