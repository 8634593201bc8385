import { type CompressionType, RecordBatchBuilder } from '@tributary/wire';
import type { ProducerSettings } from '../config.ts';
import type { DeliveryListener, ProducerRecord, TopicPartition } from '../types.ts';
import { ProducerBatch } from './producer-batch.ts';

/** Header of a record batch, and what a record takes beside key, value and headers at most. */
const batchOverheadBytes = 61;
const recordOverheadBytes = 21;
const maxPooledBuilders = 64;

/** The batches of one partition, oldest first. */
export interface PartitionQueue {
  readonly target: TopicPartition;
  readonly batches: ProducerBatch[];
  /** A batch of it is on the wire, or waits out its back-off: nothing behind it may overtake it. */
  inFlight: number;
  notBefore: number;
}

/**
 * Records wait here for their request, in one queue of batches per partition. (no I/O)
 * Bounded by `buffer.memory`: a batch takes `batch.size` of it (more for a larger record) from its first record until it is acknowledged or failed.
 * Source: Kafka `RecordAccumulator`.
 */
export class Accumulator {
  readonly #settings: ProducerSettings;
  readonly #queues = new Map<string, Map<number, PartitionQueue>>();
  readonly #pool: RecordBatchBuilder[] = [];
  #usedBytes = 0;
  #batchCount = 0;

  constructor(settings: ProducerSettings) {
    this.#settings = settings;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Batches that are neither acknowledged nor failed. */
  get batchCount(): number {
    return this.#batchCount;
  }

  *queues(): Generator<PartitionQueue> {
    for (const partitions of this.#queues.values()) yield* partitions.values();
  }

  /** False when there is no memory for the batch that the record would need. */
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
      if (last.builder.append(timestamp, record.key, record.value, record.headers)) {
        last.note(listener, index);
        return true;
      }
      last.isFull = true;
    }
    const reservedBytes = Math.max(this.#settings['batch.size'], estimateBytes(record));
    // A single record may be larger than all of the memory; it is let in when it is alone.
    if (this.#usedBytes > 0 && this.#usedBytes + reservedBytes > this.#settings['buffer.memory']) {
      return false;
    }
    const batch = new ProducerBatch(queue.target, this.#takeBuilder(), nowMs, reservedBytes);
    batch.builder.append(timestamp, record.key, record.value, record.headers);
    batch.note(listener, index);
    this.#usedBytes += reservedBytes;
    this.#batchCount++;
    queue.batches.push(batch);
    return true;
  }

  /** The batch is acknowledged or failed, and no longer in its queue. */
  release(batch: ProducerBatch): void {
    this.#usedBytes -= batch.reservedBytes;
    this.#batchCount--;
    if (this.#pool.length < maxPooledBuilders && !batch.isSplit) {
      batch.builder.reset();
      this.#pool.push(batch.builder);
    }
  }

  /** The batch was split in two, which share its memory. Its builder may be on the wire still and is not used again. */
  noteSplit(): void {
    this.#batchCount++;
  }

  #takeBuilder(): RecordBatchBuilder {
    return (
      this.#pool.pop() ??
      new RecordBatchBuilder({
        maxBytes: this.#settings['batch.size'],
        compression: this.#settings['compression.type'] as CompressionType,
      })
    );
  }

  #queueOf(topic: string, partition: number): PartitionQueue {
    let partitions = this.#queues.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      this.#queues.set(topic, partitions);
    }
    let queue = partitions.get(partition);
    if (queue === undefined) {
      queue = { target: { topic, partition }, batches: [], inFlight: 0, notBefore: 0 };
      partitions.set(partition, queue);
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
