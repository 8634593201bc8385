import {
  ConnectError,
  type ConnectRecord,
  OwnMap,
  type Predicate,
  type Transformation,
} from '@tributary/sdk';

/** A transformation behind its predicate. */
export interface Link<R extends ConnectRecord = ConnectRecord> {
  readonly className: string;
  /** Null drops the record. */
  apply(record: R): R | null;
  close(): Promise<void>;
}

/** What the links of one chain share. */
export interface ChainPlace {
  readonly own: OwnMap;
  /** Here each record enters the chain: what `own` holds is of an earlier one. */
  readonly isFirst: boolean;
}

/** Source: Kafka Connect `TransformationStage`. */
export function createLink<R extends ConnectRecord>(
  className: string,
  transformation: Transformation<R>,
  predicate: Predicate<R> | null,
  isNegated: boolean,
  { own, isFirst }: ChainPlace = { own: new OwnMap(), isFirst: true },
): Link<R> {
  const isTrusted = transformation.applyInChain !== undefined && predicate === null;
  // A predicate, too, or a transformation that knows nothing of own maps may keep the record.
  const clears = isFirst || !isTrusted;
  return {
    className,
    apply(record) {
      if (clears) own.clear();
      if (predicate !== null && predicate.test(record) === isNegated) return record;
      const result =
        transformation.applyInChain === undefined
          ? transformation.apply(record)
          : transformation.applyInChain(record, own);
      return result === record ? record : recordOrNull(className, result);
    },
    async close() {
      try {
        await transformation.close?.();
      } finally {
        await predicate?.close?.();
      }
    },
  };
}

/** Plug-ins need not be typed: a promise or a copy of a record's members would fail later, in the name of a converter. */
function recordOrNull<R extends ConnectRecord>(
  className: string,
  result: R | null | void,
): R | null {
  if (result === null || result === undefined) return null;
  if (typeof (result as Partial<R>).newRecord === 'function') return result;
  const isPromise = typeof (result as { then?: unknown }).then === 'function';
  throw new ConnectError(
    `Transformation ${className} returned ${isPromise ? 'a promise' : 'something that is no record'}: ` +
      'apply must return a record (record.newRecord({...})) or null, synchronously',
  );
}
