import { RecordBatchBuilder } from '@tributary/wire';
import type { ProducerSettings } from '../config.ts';
import type { DeliveryListener, ProducerRecord } from '../types.ts';
import { compressionOf } from './compression-of.ts';
import { PartitionQueue } from './partition-queue.ts';
import { ProducerBatch } from './producer-batch.ts';

/** Header of a record batch, and what a record takes beside key, value and headers at most. */
const batchOverheadBytes = 61;
const recordOverheadBytes = 21;
/** What it takes to remember whom to tell of a run of records. */
const runBytes = 64;
/** What builders without a batch may keep, beside `buffer.memory`. */
const maxPooledBytes = 4 * 1024 * 1024;

/**
 * Records wait here for their request, in one queue of batches per partition. (no I/O)
 * Bounded by `buffer.memory`: a batch takes `batch.size` of it (more for a larger record) from its first record until its request has ended, and some for each `send` that has records in it.
 * Source: Kafka `RecordAccumulator`.
 */
export class Accumulator {
  readonly #settings: ProducerSettings;
  readonly #byTopic = new Map<string, Map<number, PartitionQueue>>();
  readonly #queues: PartitionQueue[] = [];
  readonly #pool: RecordBatchBuilder[] = [];
  /** Batches whose listeners were not told yet. */
  readonly #unsettled = new Set<ProducerBatch>();
  #usedBytes = 0;
  #lastNumber = 0;

  constructor(settings: ProducerSettings) {
    this.#settings = settings;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get isEmpty(): boolean {
    return this.#unsettled.size === 0;
  }

  /** Of the batch that was made last. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  hasUnsettledUpTo(number: number): boolean {
    for (const batch of this.#unsettled) if (batch.number <= number) return true;
    return false;
  }

  get queues(): readonly PartitionQueue[] {
    return this.#queues;
  }

  /** False when there is no memory for the batch that the record would need. Throws WireError for a record that no batch can hold. */
  append(
    topic: string,
    partition: number,
    record: ProducerRecord,
    listener: DeliveryListener,
    index: number,
    nowMs: number,
  ): boolean {
    const queue = this.#queueOf(topic, partition);
    const timestamp = record.timestamp ?? nowMs;
    const last = queue.batches.at(-1);
    if (last !== undefined && !last.isFull) {
      const isNewRun = !last.isNextOfRun(listener, index);
      if (isNewRun && this.#usedBytes + runBytes > this.#settings['buffer.memory']) return false;
      if (last.builder.append(timestamp, record.key, record.value, record.headers)) {
        last.note(listener, index);
        if (isNewRun) {
          this.#usedBytes += runBytes;
          last.reservedBytes += runBytes;
        }
        return true;
      }
      last.isFull = true;
    }
    const reservedBytes = Math.max(this.#settings['batch.size'], estimateBytes(record)) + runBytes;
    // A batch.size above buffer.memory must not stop everything.
    if (this.#usedBytes > 0 && this.#usedBytes + reservedBytes > this.#settings['buffer.memory']) {
      return false;
    }
    const builder = this.#takeBuilder();
    builder.append(timestamp, record.key, record.value, record.headers);
    const number = ++this.#lastNumber;
    const batch = new ProducerBatch(queue.target, builder, {
      number,
      createdAt: nowMs,
      reservedBytes,
    });
    batch.note(listener, index);
    this.#usedBytes += reservedBytes;
    this.#unsettled.add(batch);
    queue.batches.push(batch);
    return true;
  }

  /** The batch's listeners were told. */
  noteSettled(batch: ProducerBatch): void {
    this.#unsettled.delete(batch);
  }

  /** The batch has left its queue and nothing reads its buffer any more. */
  release(batch: ProducerBatch): void {
    this.#usedBytes -= batch.reservedBytes;
    const pooledBytes = (this.#pool.length + 1) * this.#settings['batch.size'];
    if (batch.isSplit || pooledBytes > maxPooledBytes) return;
    batch.builder.reset();
    this.#pool.push(batch.builder);
  }

  /** The batch was split; its halves share its memory. */
  noteSplit(batch: ProducerBatch, halves: readonly ProducerBatch[]): void {
    this.#unsettled.delete(batch);
    for (const half of halves) this.#unsettled.add(half);
  }

  /** The partition's queue, if a record has gone there. */
  queueFor(topic: string, partition: number): PartitionQueue | undefined {
    return this.#byTopic.get(topic)?.get(partition);
  }

  #takeBuilder(): RecordBatchBuilder {
    return (
      this.#pool.pop() ??
      new RecordBatchBuilder({
        maxBytes: this.#settings['batch.size'],
        ...compressionOf(this.#settings),
      })
    );
  }

  #queueOf(topic: string, partition: number): PartitionQueue {
    let partitions = this.#byTopic.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      this.#byTopic.set(topic, partitions);
    }
    let queue = partitions.get(partition);
    if (queue === undefined) {
      queue = new PartitionQueue({ topic, partition });
      partitions.set(partition, queue);
      this.#queues.push(queue);
    }
    return queue;
  }
}

/** Upper bound of what a record takes in a batch of its own. */
export function estimateBytes(record: ProducerRecord): number {
  let bytes = batchOverheadBytes + recordOverheadBytes;
  bytes += record.key?.length ?? 0;
  bytes += record.value?.length ?? 0;
  for (const header of record.headers) {
    bytes += 10 + Buffer.byteLength(header.key) + (header.value?.length ?? 0);
  }
  return bytes;
}
