import { RecordBatchBuilder } from '@tributary/wire';

export interface BatchFields {
  readonly timestampMs?: number;
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
}

/** A batch as a producer sends it, with the values as records; `key=value` gives a key too, `key=null` a tombstone. */
export function makeBatch(values: readonly string[], fields: BatchFields = {}): Buffer {
  const { timestampMs = 1_700_000_000_000, ...rest } = fields;
  const builder = new RecordBatchBuilder({ maxBytes: 1024 * 1024 });
  for (const text of values) {
    const [key, value] = text.includes('=') ? text.split('=') : [null, text];
    const bytes = value === 'null' ? null : Buffer.from(value ?? '');
    builder.append(timestampMs, key == null ? null : Buffer.from(key), bytes, []);
  }
  return Buffer.from(builder.close(rest));
}
