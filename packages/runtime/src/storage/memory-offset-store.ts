import type { OffsetEntry, OffsetMap } from '../hosts/messages.ts';
import { checkOffsetMap, partitionIdentity } from './offset-json.ts';
import type { OffsetStore } from './offset-store.ts';

/** Offsets for as long as the process lives: for tests, and the index behind FileOffsetStore. */
export class MemoryOffsetStore implements OffsetStore {
  readonly #entries = new Map<string, StoredOffset>();

  async read(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]> {
    return partitions.map((partition) => {
      const stored = this.#entries.get(partitionIdentity(connector, partition));
      return stored?.offset ?? null;
    });
  }

  async write(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    checkEntries(entries);
    for (const { partition, offset } of entries) this.set(connector, partition, offset);
  }

  async list(connector: string): Promise<{ partition: OffsetMap; offset: OffsetMap }[]> {
    const found: { partition: OffsetMap; offset: OffsetMap }[] = [];
    for (const stored of this.#entries.values()) {
      if (stored.connector === connector && stored.offset !== null) {
        found.push({ partition: stored.partition, offset: stored.offset });
      }
    }
    return found;
  }

  async close(): Promise<void> {}

  set(connector: string, partition: OffsetMap, offset: OffsetMap | null): void {
    this.#entries.set(partitionIdentity(connector, partition), { connector, partition, offset });
  }

  /** All entries, null offsets too: a reset partition stays known. */
  entries(): Iterable<StoredOffset> {
    return this.#entries.values();
  }

  copy(): MemoryOffsetStore {
    const copy = new MemoryOffsetStore();
    for (const [identity, stored] of this.#entries) copy.#entries.set(identity, stored);
    return copy;
  }
}

export interface StoredOffset {
  readonly connector: string;
  readonly partition: OffsetMap;
  readonly offset: OffsetMap | null;
}

/** Refuses the whole write before any of it is taken. */
export function checkEntries(entries: readonly OffsetEntry[]): void {
  for (const { partition, offset } of entries) {
    checkOffsetMap(partition);
    if (offset !== null) checkOffsetMap(offset);
  }
}
