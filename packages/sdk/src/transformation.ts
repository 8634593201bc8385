import type { ConnectRecord } from './record.ts';

/** Record -> record, or null to drop it. Synchronous; never changes its input. Source: Kafka Connect `Transformation`. */
export interface Transformation<R extends ConnectRecord = ConnectRecord> {
  configure(config: Readonly<Record<string, string>>): void;
  apply(record: R): R | null;
  close?(): void | Promise<void>;
}

/** Source: Kafka Connect `Predicate`. */
export interface Predicate<R extends ConnectRecord = ConnectRecord> {
  configure(config: Readonly<Record<string, string>>): void;
  test(record: R): boolean;
  close?(): void | Promise<void>;
}
