import { decodeRecords, readBatchHeader } from '@tributary/wire';
import type { PartitionLog } from './partition-log.ts';

export interface FoundRecord {
  readonly offset: number;
  readonly timestampMs: number;
}

/** The first record, by offset, that is at least as new as the timestamp. */
export function findTimestamp(
  log: PartitionLog,
  timestampMs: number,
  isCommittedOnly: boolean,
): FoundRecord | undefined {
  const limitOffset = isCommittedOnly ? log.lastStableOffset : log.endOffset;
  let found: FoundRecord | undefined;
  log.findBatch(
    (segment) => segment.maxTimestampMs >= timestampMs,
    (batch, bytes) => {
      if (batch.baseOffset >= limitOffset) return true;
      if (batch.maxTimestampMs < timestampMs || batch.lastOffset < log.startOffset) return false;
      found = firstRecord(bytes(), (at, offset) => at >= timestampMs && offset >= log.startOffset);
      return found !== undefined;
    },
  );
  return found;
}

/** The first record of those that have the largest timestamp. */
export function findMaxTimestamp(log: PartitionLog): FoundRecord | undefined {
  const maxTimestampMs = Math.max(...log.segmentList.map((segment) => segment.maxTimestampMs));
  if (maxTimestampMs < 0) return undefined;
  return findTimestamp(log, maxTimestampMs, false);
}

function firstRecord(
  bytes: Buffer,
  isWanted: (timestampMs: number, offset: number) => boolean,
): FoundRecord | undefined {
  for (const { timestamp, offset } of decodeRecords(bytes, readBatchHeader(bytes, 0))) {
    if (isWanted(timestamp, offset)) return { offset, timestampMs: timestamp };
  }
  return undefined;
}
