import { assignOffsets } from '@tributary/wire';
import type { Clock } from '../clock.ts';
import { DevBrokerError } from '../errors.ts';
import type { BrokerLogger } from '../logger.ts';
import {
  type Batch,
  baseOffsetAt,
  batchHeaderSize,
  batchSizeAt,
  isCommitMarker,
  lastOffsetAt,
  readBatch,
} from './batch.ts';
import type { Storage } from './log-file.ts';
import { createProducerStates, type ProducerStates, recordBatch } from './producer-state.ts';
import { walkSegment } from './recover-segment.ts';
import {
  baseOffsetOf,
  createSegment,
  indexSegmentBatch,
  positionNear,
  type Segment,
  segmentName,
} from './segment.ts';
import {
  createTransactionIndex,
  forgetAbortedBefore,
  indexBatch,
  lastStableOffset,
  type TransactionIndex,
} from './transaction-index.ts';

/** The topic's settings that the log follows; replaced when they change. */
export interface LogConfig {
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** fdatasync after as many records; Infinity leaves it to the operating system. */
  readonly flushRecords: number;
}

export interface LogContext {
  readonly topic: string;
  readonly partition: number;
  readonly folder: string;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly logger: BrokerLogger;
}

export interface LogRead {
  readonly records: Buffer;
  /** The offset behind the last batch read; that of the request when there is none. */
  readonly endOffset: number;
}

const leaderEpoch = 0;

/**
 * The log of one partition: segments, oldest first, the last one open for appends, and what follows from their batches (producers, transactions).
 * Append and read finish before they return. The last segment's checksums are proven at start; what is torn at its end is cut off.
 */
export class PartitionLog {
  config: LogConfig;
  startOffset = 0;
  endOffset = 0;
  /** Segments that begin before it have been compacted. */
  compactedTo = 0;
  readonly producers: ProducerStates = createProducerStates();
  readonly transactions: TransactionIndex = createTransactionIndex();
  /** Told after each append how many bytes came; Infinity when the log is gone. */
  readonly watchers = new Set<(bytes: number) => void>();
  private readonly context: LogContext;
  private readonly segments: Segment[] = [];
  private unflushedRecords = 0;
  private stableOffset = 0;

  constructor(context: LogContext, config: LogConfig, recordedStartOffset: number) {
    this.context = context;
    this.config = config;
    this.recover();
    this.startOffset = Math.max(this.segments[0]?.baseOffset ?? 0, recordedStartOffset);
    this.endOffset = Math.max(this.endOffset, this.startOffset);
    forgetAbortedBefore(this.transactions, this.startOffset);
    this.stableOffset = lastStableOffset(this.transactions, this.endOffset);
  }

  get lastStableOffset(): number {
    return this.stableOffset;
  }

  get sizeBytes(): number {
    return this.segments.reduce((sum, { file }) => sum + file.size, 0);
  }

  /** Oldest first; the last one is open for appends. */
  get segmentList(): readonly Segment[] {
    return this.segments;
  }

  /** Gives the batch its offsets, in place, and writes it with one call. Returns its base offset. Throws StorageError with nothing written. */
  append(bytes: Buffer): number {
    const baseOffset = this.endOffset;
    assignOffsets(bytes, 0, BigInt(baseOffset), leaderEpoch);
    const batch = readBatch(bytes, 0) as Batch;
    const segment = this.segmentFor(batch);
    const position = segment.file.size;
    segment.file.append(bytes);
    this.takeIn(segment, batch, bytes, 0, position);
    this.unflushedRecords += batch.recordCount;
    if (this.unflushedRecords >= this.config.flushRecords) this.flush();
    for (const watcher of this.watchers) watcher(bytes.length);
    return baseOffset;
  }

  /**
   * Whole batches from the one that holds `offset`, none that begins at or behind `limitOffset`, of one segment. At most `maxBytes`,
   * except that a first batch which is larger is returned alone where `mustProgress`.
   */
  read(offset: number, maxBytes: number, limitOffset: number, mustProgress: boolean): LogRead {
    const nothing = { records: noBytes, endOffset: offset };
    if (offset >= limitOffset) return nothing;
    for (let i = this.segmentIndexOf(offset); i < this.segments.length; i++) {
      const segment = this.segments[i] as Segment;
      const read = readSegment(segment, offset, maxBytes, limitOffset, mustProgress);
      // Behind the last batch of a segment that lost its end to compaction the next one goes on.
      if (read !== 'beyond') return read ?? nothing;
    }
    return nothing;
  }

  /** Goes over the batch headers of the segments that are wanted, oldest first, until `visit` returns true; `bytes` reads the whole batch. */
  findBatch(
    isWanted: (segment: Segment) => boolean,
    visit: (batch: Batch, bytes: () => Buffer) => boolean,
  ): void {
    for (const segment of this.segments) {
      if (!isWanted(segment)) continue;
      for (let position = 0; position < segment.file.size; ) {
        const batch = readBatch(segment.file.read(position, batchHeaderSize), 0) as Batch;
        const bytes = () => segment.file.read(position, batch.size);
        if (visit(batch, bytes)) return;
        position += batch.size;
      }
    }
  }

  /** Moves the start of the log forward and removes segments that lie before it. */
  deleteBefore(offset: number): void {
    if (offset <= this.startOffset) return;
    this.startOffset = Math.min(offset, this.endOffset);
    if (this.startOffset === this.endOffset && this.active.file.size > 0) this.roll();
    while (this.segments.length > 1) {
      const next = this.segments[1] as Segment;
      if (next.baseOffset > this.startOffset) break;
      const [segment] = this.segments.splice(0, 1) as [Segment];
      segment.file.close();
      this.context.storage.remove(segment.path);
    }
    forgetAbortedBefore(this.transactions, this.startOffset);
  }

  flush(): void {
    this.active.file.flush();
    this.unflushedRecords = 0;
  }

  close(): void {
    if (this.unflushedRecords > 0) this.flush();
    for (const { file } of this.segments) file.close();
  }

  /**
   * Writes a segment anew, beside it, with what `rewrite` makes of each batch (undefined: nothing), and puts it in its place. A segment that loses
   * all of them is removed. Offsets must not change.
   * The segment must not be the last one.
   */
  rewriteSegment(
    segment: Segment,
    rewrite: (batch: Batch, bytes: Buffer) => Buffer | undefined,
  ): void {
    const { storage, clock } = this.context;
    const temporaryPath = `${segment.path}.cleaned`;
    storage.remove(temporaryPath);
    const file = storage.open(temporaryPath);
    let hasChanged = false as boolean;
    try {
      walkSegment(segment.file, segment.baseOffset, false, (batch, bytes, at) => {
        // A copy: what was read may be the memory of the old file.
        const whole = Buffer.from(bytes.subarray(at, at + batch.size));
        const rewritten = rewrite(batch, whole);
        if (rewritten !== undefined) file.append(rewritten);
        hasChanged ||= rewritten !== whole;
      });
      file.flush();
    } finally {
      file.close();
    }
    if (!hasChanged) return storage.remove(temporaryPath);
    const index = this.segments.indexOf(segment);
    segment.file.close();
    if (file.size === 0) {
      this.segments.splice(index, 1);
      storage.remove(segment.path);
      return storage.remove(temporaryPath);
    }
    storage.rename(temporaryPath, segment.path);
    const opened = storage.open(segment.path);
    const { baseOffset, path } = segment;
    const rewritten = createSegment(baseOffset, path, opened, clock.now());
    walkSegment(opened, baseOffset, false, (batch, _, __, position) => {
      indexSegmentBatch(rewritten, batch, position);
    });
    this.segments[index] = rewritten;
  }

  /** Begins a new segment at the end of the log. */
  roll(): void {
    this.active.file.flush();
    this.openSegment(this.endOffset);
  }

  private get active(): Segment {
    return this.segments.at(-1) as Segment;
  }

  private segmentFor(batch: Batch): Segment {
    const { file, createdMs, firstTimestampMs } = this.active;
    if (file.size === 0) return this.active;
    const isFull = file.size + batch.size > this.config.segmentBytes;
    // As in Kafka by the time of the records, so that old records which are copied do not fill a segment each.
    const ageMs =
      firstTimestampMs >= 0
        ? batch.maxTimestampMs - firstTimestampMs
        : this.context.clock.now() - createdMs;
    const isOld = ageMs > this.config.segmentMs;
    if (isFull || isOld) this.roll();
    return this.active;
  }

  private takeIn(
    segment: Segment,
    batch: Batch,
    bytes: Buffer,
    at: number,
    position: number,
  ): void {
    indexSegmentBatch(segment, batch, position);
    recordBatch(this.producers, batch);
    if (batch.isTransactional) {
      indexBatch(this.transactions, batch, batch.isControl && isCommitMarker(bytes, at));
    }
    this.endOffset = batch.lastOffset + 1;
    this.stableOffset = lastStableOffset(this.transactions, this.endOffset);
  }

  private recover(): void {
    const { storage, folder } = this.context;
    const baseOffsets = storage
      .list(folder)
      .map(baseOffsetOf)
      .filter((offset) => offset !== undefined)
      .sort((a, b) => a - b);
    for (const [i, baseOffset] of baseOffsets.entries()) {
      this.recoverSegment(this.openSegment(baseOffset), i === baseOffsets.length - 1);
    }
    if (this.segments.length === 0) this.openSegment(0);
  }

  private recoverSegment(segment: Segment, isLast: boolean): void {
    const { file } = segment;
    this.endOffset = Math.max(this.endOffset, segment.baseOffset);
    const soundSize = walkSegment(file, this.endOffset, isLast, (batch, bytes, at, position) => {
      this.takeIn(segment, batch, bytes, at, position);
    });
    const tornBytes = file.size - soundSize;
    if (tornBytes === 0) return;
    const { topic, partition, logger } = this.context;
    if (!isLast) {
      throw new DevBrokerError(
        'TRB_BROKER_FOLDER_CORRUPT',
        `Cannot read the log of topic "${topic}" partition ${partition}: "${segment.path}" is damaged at byte ${soundSize}; restore the file or delete the data folder`,
      );
    }
    logger.warn(
      `Cut a torn end off the log of topic "${topic}" partition ${partition} at offset ${this.endOffset}: ${tornBytes} bytes`,
    );
    file.truncate(soundSize);
  }

  private openSegment(baseOffset: number): Segment {
    const path = `${this.context.folder}/${segmentName(baseOffset)}`;
    const file = this.context.storage.open(path);
    const segment = createSegment(baseOffset, path, file, this.context.clock.now());
    this.segments.push(segment);
    return segment;
  }

  private segmentIndexOf(offset: number): number {
    let index = this.segments.length - 1;
    while (index > 0 && (this.segments[index] as Segment).baseOffset > offset) index--;
    return index;
  }
}

const noBytes = Buffer.alloc(0);
// Batches that begin less than this behind an index entry have none of their own.
const indexSlackBytes = 4096;

/** 'beyond' when the segment ends before the offset, undefined when nothing may be returned. */
function readSegment(
  segment: Segment,
  offset: number,
  maxBytes: number,
  limitOffset: number,
  mustProgress: boolean,
): LogRead | 'beyond' | undefined {
  const { file } = segment;
  const position = positionNear(segment, offset);
  let bytes = file.read(position, Math.max(maxBytes, batchHeaderSize) + indexSlackBytes);
  let start = 0;
  for (;;) {
    if (start + batchHeaderSize > bytes.length) return 'beyond';
    if (lastOffsetAt(bytes, start) >= offset) break;
    start += batchSizeAt(bytes, start);
  }
  const firstSize = batchSizeAt(bytes, start);
  if (firstSize > maxBytes) {
    if (!mustProgress || baseOffsetAt(bytes, start) >= limitOffset) return undefined;
    if (start + firstSize > bytes.length) {
      bytes = file.read(position + start, firstSize);
      start = 0;
    }
    const records = bytes.subarray(start, start + firstSize);
    return { records, endOffset: lastOffsetAt(records, 0) + 1 };
  }
  let end = start;
  let endOffset = offset;
  while (end + batchHeaderSize <= bytes.length) {
    const next = end + batchSizeAt(bytes, end);
    if (next > bytes.length || next - start > maxBytes) break;
    if (baseOffsetAt(bytes, end) >= limitOffset) break;
    endOffset = lastOffsetAt(bytes, end) + 1;
    end = next;
  }
  return end === start ? undefined : { records: bytes.subarray(start, end), endOffset };
}
