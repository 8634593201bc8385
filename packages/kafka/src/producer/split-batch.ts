import { batches, decodeRecords, RecordBatchBuilder } from '@tributary/wire';
import type { ProducerSettings } from '../config.ts';
import { compressionOf } from './compression-of.ts';
import { ProducerBatch } from './producer-batch.ts';

/** Two batches with the halves of one that the broker found too large, numbered on from it. Source: Kafka `ProducerBatch.split`. */
export function splitBatch(batch: ProducerBatch, settings: ProducerSettings): ProducerBatch[] {
  const encoded = Buffer.from(batch.encoded ?? batch.builder.close());
  const [header] = batches(encoded);
  if (header === undefined) throw new Error('a batch that was sent has no header');
  const records = decodeRecords(encoded, header);
  const recipients = [...batch.recipients()];
  const middle = Math.ceil(records.length / 2);
  return [
    [0, middle],
    [middle, records.length],
  ].map(([from = 0, to = 0]) => {
    const builder = new RecordBatchBuilder({
      // Larger than the records of the whole batch unpacked: they all fit.
      maxBytes: batch.builder.estimatedBytes + 2 * settings['batch.size'],
      ...compressionOf(settings),
    });
    const half = new ProducerBatch(batch.target, builder, {
      number: batch.number,
      createdAt: batch.createdAt,
      reservedBytes:
        from === 0 ? Math.ceil(batch.reservedBytes / 2) : Math.floor(batch.reservedBytes / 2),
    });
    half.isFull = true;
    half.isSplit = true;
    if (batch.baseSequence >= 0) half.baseSequence = (batch.baseSequence + from) % 2 ** 31;
    for (let index = from; index < to; index++) {
      const record = records[index];
      const recipient = recipients[index];
      if (record === undefined || recipient === undefined) {
        throw new Error(`record ${index} of a batch that was sent is not in it`);
      }
      if (!builder.append(record.timestamp, record.key, record.value, record.headers)) {
        throw new Error(`record ${index} of a batch does not fit its half`);
      }
      half.note(recipient.listener, recipient.index);
    }
    return half;
  });
}
