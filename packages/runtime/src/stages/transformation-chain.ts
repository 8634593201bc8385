import type { ConnectRecord, Predicate, Transformation } from '@tributary/sdk';

/** A transformation behind its predicate. */
export interface Link<R extends ConnectRecord = ConnectRecord> {
  readonly className: string;
  /** Null drops the record. */
  apply(record: R): R | null;
  close(): Promise<void>;
}

/** Source: Kafka Connect `TransformationStage`. */
export function createLink<R extends ConnectRecord>(
  className: string,
  transformation: Transformation<R>,
  predicate: Predicate<R> | null,
  isNegated: boolean,
): Link<R> {
  return {
    className,
    apply:
      predicate === null
        ? (record) => transformation.apply(record) ?? null
        : (record) =>
            predicate.test(record) === isNegated ? record : (transformation.apply(record) ?? null),
    async close() {
      try {
        await transformation.close?.();
      } finally {
        await predicate?.close?.();
      }
    },
  };
}
