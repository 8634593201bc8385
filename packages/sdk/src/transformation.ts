import type { OwnMap } from './own-map.ts';
import type { ConnectRecord } from './record.ts';

/** Record -> record, or null to drop it. Synchronous; never changes its input. Source: Kafka Connect `Transformation`. */
export interface Transformation<R extends ConnectRecord = ConnectRecord> {
  configure(config: Readonly<Record<string, string>>): void;
  apply(record: R): R | null;
  /**
   * Optional: `apply` within a chain. The one part of the record that it may change is a map that `own` holds, and not before a RetriableError.
   * Such a map may go into the record that is returned, nowhere else. A chain of several such transformations copies a map once.
   */
  applyInChain?(record: R, own: OwnMap): R | null;
  close?(): void | Promise<void>;
}

/** Source: Kafka Connect `Predicate`. */
export interface Predicate<R extends ConnectRecord = ConnectRecord> {
  configure(config: Readonly<Record<string, string>>): void;
  test(record: R): boolean;
  close?(): void | Promise<void>;
}
