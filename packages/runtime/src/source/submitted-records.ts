import type { SourceMap, SourceRecord } from '@tributary/sdk';

/** Consecutive records of one source partition within a batch: `next` is the first that is not settled. */
interface Run {
  readonly batch: SubmittedBatch;
  readonly partition: PartitionQueue;
  readonly start: number;
  end: number;
  next: number;
  /** Up to here offsets were made committable. */
  given: number;
}

interface PartitionQueue {
  readonly partition: SourceMap;
  /** Oldest first; settled runs leave at the front only. */
  readonly runs: Run[];
  /** Offset behind the settled front, not taken yet; undefined when there is nothing new. */
  committable: SourceMap | null | undefined;
}

/** The ledger's entry for one call of `submit`; indices are those of the array that was submitted. */
export interface SubmittedBatch {
  readonly records: readonly SourceRecord[];
  readonly runs: readonly Run[];
  /** One byte per record, made only when reports come out of order. */
  settled: Uint8Array | null;
}

export interface CommittableOffset {
  readonly partition: SourceMap;
  readonly offset: SourceMap | null;
}

/**
 * Ledger of the records handed to the producer, oldest first, per source partition. (no I/O)
 * An offset is committable when its record and every older one of its partition are settled: acknowledged, or dropped as errant.
 * Records that were never handed over after all leave the ledger and commit nothing; filtered records are never entered.
 * Memory: one entry per run of consecutive records of a source partition. Settling a record twice has no effect. Called from one spine only.
 * Source: Kafka Connect `SubmittedRecords`.
 */
export class SubmittedRecords {
  readonly #queues = new Map<string, PartitionQueue>();
  #last: { partition: SourceMap; queue: PartitionQueue } | null = null;
  readonly #dirty = new Set<PartitionQueue>();
  #openRuns = 0;

  /** No record waits for its acknowledgement. */
  get isSettled(): boolean {
    return this.#openRuns === 0;
  }

  /** Enters `records` behind everything entered before. Records without a source partition have no offset to keep. */
  submit(records: readonly SourceRecord[]): SubmittedBatch {
    const runs: Run[] = [];
    const batch: SubmittedBatch = { records, runs, settled: null };
    let run: Run | null = null;
    let source: SourceMap | null = null;
    for (let i = 0; i < records.length; i += 1) {
      const { sourcePartition } = records[i] as SourceRecord;
      if (run !== null && sourcePartition === source) {
        run.end = i + 1;
        continue;
      }
      source = sourcePartition;
      if (sourcePartition === null) {
        run = null;
        continue;
      }
      const partition = this.#queueOf(sourcePartition);
      if (run !== null && run.partition === partition) {
        run.end = i + 1;
        continue;
      }
      run = { batch, partition, start: i, end: i + 1, next: i, given: i };
      runs.push(run);
      partition.runs.push(run);
      this.#openRuns += 1;
    }
    return batch;
  }

  /** Records `first` .. `first + count - 1` are acknowledged or dropped for good. */
  settle(batch: SubmittedBatch, first: number, count: number): void {
    const end = first + count;
    const { runs } = batch;
    for (let i = firstRunEndingBehind(runs, first); i < runs.length; i += 1) {
      const run = runs[i] as Run;
      if (run.start >= end) break;
      if (run.next === run.end) continue;
      if (Math.max(first, run.start) <= run.next) {
        if (end <= run.next) continue;
        advance(run, Math.min(end, run.end));
        if (run.next === run.end) this.#openRuns -= 1;
        this.#moveFront(run.partition);
      } else {
        batch.settled ??= new Uint8Array(batch.records.length);
        batch.settled.fill(1, Math.max(first, run.start), Math.min(end, run.end));
      }
    }
  }

  /** Records from index `from` on were not handed over and will not be: call it before anything newer is submitted. */
  withdraw(batch: SubmittedBatch, from: number): void {
    for (const run of batch.runs.toReversed()) {
      if (run.end <= from) break;
      const wasOpen = run.next < run.end;
      run.end = Math.max(from, run.next);
      if (wasOpen && run.next === run.end) this.#openRuns -= 1;
      // Runs without records would stand in the way of nothing, but stay for ever.
      if (run.start >= run.end) run.partition.runs.splice(run.partition.runs.lastIndexOf(run), 1);
      this.#moveFront(run.partition);
      const { runs, committable } = run.partition;
      if (runs.length === 0 && committable === undefined) this.#forget(run.partition);
    }
  }

  /** The newest committable offset of each partition that has a new one. What was taken is not given again: keep it until it is stored. */
  takeCommittable(): CommittableOffset[] {
    const offsets: CommittableOffset[] = [];
    for (const queue of this.#dirty) {
      if (queue.committable === undefined) continue;
      offsets.push({ partition: queue.partition, offset: queue.committable });
      queue.committable = undefined;
      if (queue.runs.length === 0) this.#forget(queue);
    }
    this.#dirty.clear();
    return offsets;
  }

  #moveFront(queue: PartitionQueue): void {
    const { runs } = queue;
    let settledRuns = 0;
    for (const run of runs) {
      if (run.next > run.given) {
        run.given = run.next;
        queue.committable = (run.batch.records[run.next - 1] as SourceRecord).sourceOffset;
        this.#dirty.add(queue);
      }
      if (run.next < run.end) break;
      settledRuns += 1;
    }
    if (settledRuns === 1) runs.shift();
    else if (settledRuns > 1) runs.splice(0, settledRuns);
  }

  #queueOf(partition: SourceMap): PartitionQueue {
    if (this.#last !== null && isSamePartition(this.#last.partition, partition)) {
      return this.#last.queue;
    }
    const key = partitionKey(partition);
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = { partition, runs: [], committable: undefined };
      this.#queues.set(key, queue);
    }
    this.#last = { partition, queue };
    return queue;
  }

  /** A task may see ever new source partitions (files, tables): those at rest take no memory. */
  #forget(queue: PartitionQueue): void {
    this.#queues.delete(partitionKey(queue.partition));
    if (this.#last?.queue === queue) this.#last = null;
  }
}

function advance(run: Run, to: number): void {
  const { settled } = run.batch;
  let next = to;
  if (settled !== null) while (next < run.end && settled[next] === 1) next += 1;
  run.next = next;
}

/** Runs lie in order. */
function firstRunEndingBehind(runs: readonly Run[], index: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runs[middle] as Run).end <= index) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSamePartition(a: SourceMap, b: SourceMap): boolean {
  if (a === b) return true;
  let size = 0;
  for (const field in a) {
    const value = a[field];
    if (value !== b[field] || typeof value === 'object') return false;
    size += 1;
  }
  for (const _ in b) size -= 1;
  return size === 0;
}

/** The same text for the same partition whatever the order of its fields. */
function partitionKey(partition: SourceMap): string {
  return JSON.stringify(
    Object.keys(partition)
      .sort()
      .map((field) => {
        const value = partition[field];
        // Integers are the same partition in either form.
        if (typeof value === 'bigint') {
          const number = Number(value);
          return Number.isSafeInteger(number) ? [field, number] : [field, value.toString(), 2];
        }
        if (value instanceof Uint8Array) return [field, Buffer.from(value).toString('base64'), 1];
        return [field, value];
      }),
  );
}
