import type { PartitionLog } from './partition-log.ts';

/** Removes segments, oldest first, whose newest record is older than `retentionMs` or that the log can lose and still have `retentionBytes`. -1: no limit. */
export function applyRetention(
  log: PartitionLog,
  nowMs: number,
  retentionMs: number,
  retentionBytes: number,
): void {
  const segments = log.segmentList;
  let surplusBytes = retentionBytes < 0 ? -1 : log.sizeBytes - retentionBytes;
  let deleteBefore = log.startOffset;
  for (const [i, segment] of segments.entries()) {
    const { file, maxTimestampMs, createdMs } = segment;
    if (file.size === 0) break;
    const newestMs = maxTimestampMs >= 0 ? maxTimestampMs : createdMs;
    const isOld = retentionMs >= 0 && nowMs - newestMs > retentionMs;
    surplusBytes -= file.size;
    // By size the last segment is never removed.
    const isSurplus = surplusBytes >= 0 && i < segments.length - 1;
    if (!isOld && !isSurplus) break;
    deleteBefore = segments[i + 1]?.baseOffset ?? log.endOffset;
  }
  log.deleteBefore(Math.min(deleteBefore, log.lastStableOffset));
}
