import { RecordBatchBuilder } from './record-batch-builder.ts';
import type { DecodedRecord } from './record-decoder.ts';
import { WireError } from './wire-error.ts';

export type ControlType = 'ABORT' | 'COMMIT';

export interface ControlBatch {
  readonly type: ControlType;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly timestampMs: number;
  readonly baseOffset?: bigint;
  readonly partitionLeaderEpoch?: number;
}

const typeCodes: Record<ControlType, number> = { ABORT: 0, COMMIT: 1 };

/** The marker that ends a transaction in one partition. Key: int16 version 0, int16 type. Value: int16 version 0, int32 coordinator epoch. */
export function encodeControlBatch(batch: ControlBatch): Buffer {
  const key = Buffer.alloc(4);
  key.writeInt16BE(typeCodes[batch.type], 2);
  const value = Buffer.alloc(6);
  value.writeInt32BE(batch.coordinatorEpoch, 2);
  const builder = new RecordBatchBuilder({ maxBytes: 128 });
  builder.append(batch.timestampMs, key, value, []);
  return builder.close({
    baseOffset: batch.baseOffset ?? 0n,
    partitionLeaderEpoch: batch.partitionLeaderEpoch ?? -1,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    isTransactional: true,
    isControl: true,
  });
}

/** What a control record says; undefined for kinds that concern brokers only (leader changes, snapshots). */
export function readControlType(record: DecodedRecord): ControlType | undefined {
  if (record.key === null || record.key.length < 4) {
    throw new WireError(
      `the control record at offset ${record.offset} has no key that names its type`,
    );
  }
  const code = record.key.readInt16BE(2);
  return code === 0 ? 'ABORT' : code === 1 ? 'COMMIT' : undefined;
}
