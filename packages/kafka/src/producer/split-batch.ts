import { batches, type CompressionType, decodeRecords, RecordBatchBuilder } from '@tributary/wire';
import type { ProducerSettings } from '../config.ts';
import { ProducerBatch } from './producer-batch.ts';

/** Two batches with the halves of one that the broker found too large. Source: Kafka `ProducerBatch.split`. */
export function splitBatch(batch: ProducerBatch, settings: ProducerSettings): ProducerBatch[] {
  const encoded = Buffer.from(batch.encoded ?? batch.builder.close());
  const [header] = batches(encoded);
  if (header === undefined) return [batch];
  const records = decodeRecords(encoded, header);
  const recipients = [...batch.recipients()];
  const middle = Math.ceil(records.length / 2);
  return [
    [0, middle],
    [middle, records.length],
  ].map(([from = 0, to = 0]) => {
    const builder = new RecordBatchBuilder({
      maxBytes: encoded.length * 2 + settings['batch.size'],
      compression: settings['compression.type'] as CompressionType,
    });
    const half = new ProducerBatch(
      batch.target,
      builder,
      batch.createdAt,
      Math.ceil(batch.reservedBytes / 2),
    );
    half.isFull = true;
    half.isSplit = true;
    for (let index = from; index < to; index++) {
      const record = records[index];
      const recipient = recipients[index];
      if (record === undefined || recipient === undefined) continue;
      builder.append(record.timestamp, record.key, record.value, record.headers);
      half.note(recipient.listener, recipient.index);
    }
    return half;
  });
}
