/** Which partition a record goes to that names none and has no key that counts. (no I/O) */

/** How busy the partitions of one topic are. */
export interface PartitionLoad {
  /** Batches that wait or are in flight; undefined before the partition's first record. */
  queuedBatches(partition: number): number | undefined;
  /** The batch that was begun last takes a record of so many bytes. */
  hasRoom(partition: number, recordBytes: number): boolean;
  /** Its broker has not answered for `partitioner.availability.timeout.ms`. */
  isStalled(partition: number): boolean;
}

export interface PartitionChoice {
  /** `available`: the partitions with a leader, all when none has one; another array only when they changed. */
  next(available: readonly number[], recordBytes: number): number;
}

/**
 * Stays with one partition for about a batch, so that batches fill, then draws another: the fewer batches wait for a partition, the likelier.
 * Uniformly while it is not known of each how many wait, or where that is not to count. Source: Kafka `BuiltInPartitioner`, KIP-480, KIP-794.
 */
export class StickyChoice implements PartitionChoice {
  readonly #batchBytes: number;
  readonly #load: PartitionLoad;
  readonly #isAdaptive: boolean;
  readonly #random: () => number;
  #available: readonly number[] = [];
  #partition = -1;
  #bytes = 0;

  constructor(
    batchBytes: number,
    load: PartitionLoad,
    isAdaptive: boolean,
    random: () => number = Math.random,
  ) {
    // A batch.size of 0 is a batch for each record.
    this.#batchBytes = Math.max(batchBytes, 1);
    this.#load = load;
    this.#isAdaptive = isAdaptive;
    this.#random = random;
  }

  next(available: readonly number[], recordBytes: number): number {
    const hasMoved = available !== this.#available && !available.includes(this.#partition);
    this.#available = available;
    if (hasMoved || this.#isFilled(recordBytes)) {
      this.#partition = this.#draw(available);
      this.#bytes = 0;
    }
    this.#bytes += recordBytes;
    return this.#partition;
  }

  /** To leave a batch that is not full would make it, and the next one there, smaller than they could be: then twice the bytes are the limit. */
  #isFilled(recordBytes: number): boolean {
    if (this.#bytes < this.#batchBytes) return false;
    return this.#bytes >= 2 * this.#batchBytes || !this.#load.hasRoom(this.#partition, recordBytes);
  }

  #draw(available: readonly number[]): number {
    const choices = this.#isAdaptive ? this.#weighted(available) : null;
    if (choices === null) return available[Math.floor(this.#random() * available.length)] ?? 0;
    const total = choices.reduce((sum, { weight }) => sum + weight, 0);
    let left = this.#random() * total;
    for (const { partition, weight } of choices) {
      left -= weight;
      if (left < 0) return partition;
    }
    return choices.at(-1)?.partition ?? 0;
  }

  /** Null when all are alike, unknown, or stalled. */
  #weighted(available: readonly number[]): { partition: number; weight: number }[] | null {
    const choices: { partition: number; queued: number }[] = [];
    for (const partition of available) {
      const queued = this.#load.queuedBatches(partition);
      if (queued === undefined) return null;
      if (!this.#load.isStalled(partition)) choices.push({ partition, queued });
    }
    const most = choices.reduce((max, { queued }) => Math.max(max, queued), 0);
    const isAlike = choices.every(({ queued }) => queued === most);
    if (choices.length === 0 || (isAlike && choices.length === available.length)) return null;
    return choices.map(({ partition, queued }) => ({ partition, weight: most + 1 - queued }));
  }
}

/** Source: Kafka `RoundRobinPartitioner`. */
export class RoundRobinChoice implements PartitionChoice {
  #count = 0;

  next(available: readonly number[]): number {
    return available[this.#count++ % available.length] ?? 0;
  }
}
