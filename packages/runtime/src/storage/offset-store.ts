import type { OffsetEntry, OffsetMap } from '../hosts/messages.ts';

/** Source offsets of all connectors. Source: Kafka Connect `OffsetBackingStore`. */
export interface OffsetStore {
  /** One answer per partition, in order; null where nothing is stored. */
  read(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]>;
  /** Resolves when the entries are durable, all or none. */
  write(connector: string, entries: readonly OffsetEntry[]): Promise<void>;
  /** Every partition of the connector that has an offset. */
  list(connector: string): Promise<{ partition: OffsetMap; offset: OffsetMap }[]>;
  close(): Promise<void>;
}
