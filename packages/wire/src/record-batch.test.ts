import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compressionTypes } from './compression.ts';
import { encodeControlBatch, readControlType } from './control-batch.ts';
import { crc32c } from './crc32c.ts';
import { Reader } from './reader.ts';
import {
  assignOffsets,
  batches,
  checkCrc,
  type RecordBatchHeader,
  readBatchHeader,
  rewriteProducerFields,
  setLogAppendTime,
} from './record-batch.ts';
import { RecordBatchBuilder } from './record-batch-builder.ts';
import { type DecodedRecord, decodeRecords } from './record-decoder.ts';
import { WireError } from './wire-error.ts';
import { Writer } from './writer.ts';

interface Golden<In, Expect> {
  cases: { name: string; in: In; expect: Expect; error?: { message: string } }[];
}
interface GoldenRecord {
  offset?: number;
  timestamp: number;
  key: string | null;
  value: string | null;
  headers: { key: string; value: string | null }[];
}
interface GoldenBatch {
  baseOffset: number;
  compression: 'none';
  timestampType: 'CreateTime' | 'LogAppendTime';
  logAppendTime?: number;
  leaderEpoch: number;
  producerId: number;
  producerEpoch: number;
  baseSequence: number;
  transactional: boolean;
  control: boolean;
  records: GoldenRecord[];
  marker?: 'COMMIT' | 'ABORT';
  coordinatorEpoch: number;
  timestamp: number;
}

// Recorded from the classes of Apache Kafka 4.3.1 (Java 17).
const reading = golden<{ bytes: string }, { batches: object[] }>('record-batch-read');
const writing = golden<GoldenBatch, { bytes: string }>('record-batch-write');
const varints = golden<
  { what: string; value: string; bytes: string },
  { bytes: string; crc: number }
>('varints');

describe('varints and checksums of Apache Kafka', () => {
  test.each(varints.cases)('$name', ({ in: given, expect: wanted }) => {
    if (given.what === 'crc32c') {
      expect(crc32c(Buffer.from(given.bytes, 'base64'))).toBe(wanted.crc);
      return;
    }
    const writer = new Writer();
    const reader = new Reader(Buffer.from(wanted.bytes, 'base64'));
    if (given.what === 'varint') {
      writer.varint(Number(given.value));
      expect(reader.varint()).toBe(Number(given.value));
    } else {
      writer.varlong(BigInt(given.value));
      expect(reader.varlong()).toBe(BigInt(given.value));
    }
    expect(writer.finish().toString('base64')).toBe(wanted.bytes);
    expect(reader.remaining).toBe(0);
  });
});

describe('reading batches of Apache Kafka', () => {
  test.each(reading.cases)('$name', ({ in: given, expect: wanted, error }) => {
    const buffer = Buffer.from(given.bytes, 'base64');
    const read = () => [...batches(buffer)].map((header) => goldenBatch(buffer, header));
    if (error === undefined) expect(read()).toEqual(wanted.batches);
    else expect(read).toThrow(WireError);
  });
});

describe('writing batches as Apache Kafka', () => {
  test.each(writing.cases)('$name', ({ in: given, expect: wanted }) => {
    expect(write(given).toString('base64')).toBe(wanted.bytes);
  });
});

describe('RecordBatchBuilder', () => {
  test('refuses what does not fit but takes a first record of any size', () => {
    const builder = new RecordBatchBuilder({ maxBytes: 200 });
    expect(builder.append(0, null, Buffer.alloc(500, 1), [])).toBe(true);
    const before = builder.estimatedBytes;
    expect(builder.append(0, null, Buffer.alloc(1), [])).toBe(false);
    expect([builder.recordCount, builder.estimatedBytes]).toEqual([1, before]);
    builder.reset();
    let taken = 0;
    while (builder.append(taken, null, Buffer.alloc(10), [])) taken++;
    const batch = builder.close();
    expect(batch.length).toBeLessThanOrEqual(200);
    expect(batch.length + 17).toBeGreaterThan(200);
    expect(batch.length).toBe(builder.estimatedBytes);
    expect(decodeRecords(batch, readBatchHeader(batch, 0))).toHaveLength(taken);
  });

  test('is empty after reset', () => {
    const builder = new RecordBatchBuilder({ maxBytes: 1000 });
    builder.append(99, Buffer.from('a'), Buffer.from('b'), [{ key: 'h', value: null }]);
    const first = Buffer.from(builder.close());
    builder.reset();
    expect(() => builder.close()).toThrow(WireError);
    builder.append(99, Buffer.from('a'), Buffer.from('b'), [{ key: 'h', value: null }]);
    expect(builder.close()).toEqual(first);
  });

  test.each(compressionTypes)('closes twice into the same %s batch, whatever it holds', (type) => {
    for (const value of [Buffer.alloc(900), noise(900), noise(100_000)]) {
      const builder = new RecordBatchBuilder({ maxBytes: 1000, compression: type });
      builder.append(7, null, value, []);
      const first = Buffer.from(builder.close({ baseSequence: 1 }));
      expect(builder.close({ baseSequence: 1 })).toEqual(first);
      const again = builder.close({ baseSequence: 2 });
      const header = readBatchHeader(again, 0);
      expect(header.baseSequence).toBe(2);
      checkCrc(again, header);
      expect(decodeRecords(again, header)[0]?.value).toEqual(value);
    }
  });

  test('keeps timestamps that lie far apart', () => {
    const builder = new RecordBatchBuilder({ maxBytes: 1000 });
    const timestamps = [
      1_700_000_000_000,
      0,
      1_700_000_000_000 + 2 ** 30,
      -1,
      2 ** 52,
      1_700_000_000_001,
    ];
    for (const timestamp of timestamps) builder.append(timestamp, null, null, []);
    const batch = builder.close();
    const header = readBatchHeader(batch, 0);
    expect(decodeRecords(batch, header).map((record) => record.timestamp)).toEqual(timestamps);
    expect(header.maxTimestamp).toBe(2n ** 52n);
  });

  test('refuses a timestamp that is no whole number', () => {
    const builder = new RecordBatchBuilder({ maxBytes: 1000 });
    expect(() => builder.append(1.5, null, null, [])).toThrow('1.5 is not a valid timestamp');
    builder.append(1, null, null, []);
    expect(() => builder.append(Number.NaN, null, null, [])).toThrow(WireError);
    expect(builder.recordCount).toBe(1);
  });
});

describe.each(compressionTypes)('a batch with compression %s', (compression) => {
  const bytesOrNull = fc.option(fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data)));
  const record = fc.record({
    timestamp: fc.oneof(fc.integer({ min: -1, max: 2 ** 31 - 1 }), fc.maxSafeNat()),
    key: bytesOrNull,
    value: bytesOrNull,
    headers: fc.array(fc.record({ key: fc.string({ unit: 'grapheme' }), value: bytesOrNull }), {
      maxLength: 3,
    }),
  });
  const builder = new RecordBatchBuilder({ maxBytes: 1_000_000, compression });

  test('gives back its records', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 80 }),
        fc.bigInt({ min: 0n, max: 2n ** 52n }),
        (records, baseOffset) => {
          builder.reset();
          for (const { timestamp, key, value, headers } of records) {
            expect(builder.append(timestamp, key, value, headers)).toBe(true);
          }
          const batch = builder.close({ baseOffset, isTransactional: true });
          const header = readBatchHeader(batch, 0);
          checkCrc(batch, header);
          expect(header).toMatchObject({
            compression,
            isTransactional: true,
            lastOffsetDelta: records.length - 1,
            recordCount: records.length,
            baseTimestamp: BigInt(records[0]?.timestamp ?? 0),
            maxTimestamp: BigInt(Math.max(...records.map(({ timestamp }) => timestamp))),
          });
          const expected = records.map((one, index) => ({
            offset: Number(baseOffset) + index,
            ...one,
          }));
          expect(decodeRecords(batch, header)).toEqual(expected);
        },
      ),
      { seed: 3, numRuns: 40 },
    );
  });
});

describe('changes in place', () => {
  const builder = new RecordBatchBuilder({ maxBytes: 1000 });
  for (let index = 0; index < 3; index++) builder.append(1000 + index, null, Buffer.from('v'), []);

  test('offsets and epoch are given without touching the checksum', () => {
    const log = Buffer.concat([Buffer.alloc(5), builder.close()]);
    assignOffsets(log, 5, 2n ** 40n, 7);
    const header = readBatchHeader(log, 5);
    checkCrc(log, header);
    expect([header.baseOffset, header.partitionLeaderEpoch]).toEqual([2n ** 40n, 7]);
    expect(decodeRecords(log, header).map((record) => record.offset - 2 ** 40)).toEqual([0, 1, 2]);
  });

  test('producer fields are rewritten with a new checksum', () => {
    const batch = Buffer.from(builder.close({ producerId: 1n, producerEpoch: 0, baseSequence: 4 }));
    rewriteProducerFields(batch, {
      producerId: 2n ** 33n,
      producerEpoch: 3,
      baseSequence: 2 ** 31 - 1,
    });
    const header = readBatchHeader(batch, 0);
    checkCrc(batch, header);
    expect(header).toMatchObject({
      producerId: 2n ** 33n,
      producerEpoch: 3,
      baseSequence: 2147483647,
    });
  });

  test('the log append time counts for every record', () => {
    const batch = Buffer.from(builder.close());
    setLogAppendTime(batch, 0, 77n);
    const header = readBatchHeader(batch, 0);
    checkCrc(batch, header);
    expect(header.timestampType).toBe('LogAppendTime');
    expect(decodeRecords(batch, header).map((record) => record.timestamp)).toEqual([77, 77, 77]);
  });
});

describe('decodeRecords', () => {
  test('skips records below the wanted offset', () => {
    const builder = new RecordBatchBuilder({ maxBytes: 1000 });
    for (let index = 0; index < 5; index++) builder.append(0, null, Buffer.from([index]), []);
    const batch = builder.close({ baseOffset: 10n });
    const records = decodeRecords(batch, readBatchHeader(batch, 0), { fromOffset: 13 });
    expect(records.map((record) => record.offset)).toEqual([13, 14]);
  });

  test('names a compression that does not exist, and another format', () => {
    const builder = new RecordBatchBuilder({ maxBytes: 1000 });
    builder.append(0, null, null, []);
    const batch = Buffer.from(builder.close());
    batch.writeInt16BE(5, 21);
    expect(() => readBatchHeader(batch, 0)).toThrow('compression 5');
    batch.writeInt8(1, 16);
    expect(() => readBatchHeader(batch, 0)).toThrow('format 1');
  });

  test('any single damaged byte is found, by the checksum or before it', () => {
    const builder = new RecordBatchBuilder({ maxBytes: 1000 });
    builder.append(5, Buffer.from('key'), Buffer.from('value'), [
      { key: 'h', value: Buffer.from('x') },
    ]);
    builder.append(6, null, null, []);
    const batch = Buffer.from(builder.close());
    for (let at = 16; at < batch.length; at++) {
      const damaged = Buffer.from(batch);
      damaged[at] = (damaged[at] as number) ^ 0x41;
      expect(() => checkCrc(damaged, readBatchHeader(damaged, 0))).toThrow(WireError);
    }
  });

  test('damage behind an unchecked checksum never reads outside the batch', () => {
    const builder = new RecordBatchBuilder({ maxBytes: 1000 });
    builder.append(5, Buffer.from('key'), Buffer.from('value'), [
      { key: 'h', value: Buffer.from('x') },
    ]);
    builder.append(6, null, null, []);
    const batch = Buffer.from(builder.close());
    for (let at = 57; at < batch.length; at++) {
      for (let value = 0; value < 256; value++) {
        const damaged = Buffer.from(batch);
        damaged[at] = value;
        try {
          decodeRecords(damaged, readBatchHeader(damaged, 0));
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }
    }
  });
});

function golden<In, Expect>(name: string): Golden<In, Expect> {
  return JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8'));
}

function goldenBatch(buffer: Buffer, header: RecordBatchHeader): object {
  checkCrc(buffer, header);
  const records = decodeRecords(buffer, header);
  if (header.isControl)
    expect(readControlType(records[0] as DecodedRecord)).toMatch(/COMMIT|ABORT/);
  return {
    baseOffset: Number(header.baseOffset),
    lastOffset: Number(header.baseOffset) + header.lastOffsetDelta,
    leaderEpoch: header.partitionLeaderEpoch,
    magic: header.magic,
    compression: header.compression,
    timestampType: header.timestampType,
    maxTimestamp: Number(header.maxTimestamp),
    producerId: Number(header.producerId),
    producerEpoch: header.producerEpoch,
    baseSequence: header.baseSequence,
    transactional: header.isTransactional,
    control: header.isControl,
    crc: header.crc,
    size: header.sizeInBytes,
    records: records.map((record) => ({
      offset: record.offset,
      timestamp: record.timestamp,
      key: base64(record.key),
      value: base64(record.value),
      headers: record.headers.map(({ key, value }) => ({ key, value: base64(value) })),
    })),
  };
}

function write(given: GoldenBatch): Buffer {
  if (given.marker !== undefined) {
    return encodeControlBatch({
      type: given.marker,
      producerId: BigInt(given.producerId),
      producerEpoch: given.producerEpoch,
      coordinatorEpoch: given.coordinatorEpoch,
      timestampMs: given.timestamp,
      baseOffset: BigInt(given.baseOffset),
      partitionLeaderEpoch: given.leaderEpoch,
    });
  }
  const builder = new RecordBatchBuilder({ maxBytes: 1_000_000, compression: given.compression });
  for (const { timestamp, key, value, headers } of given.records) {
    builder.append(
      timestamp,
      bytes(key),
      bytes(value),
      headers.map((header) => ({ key: header.key, value: bytes(header.value) })),
    );
  }
  const batch = builder.close({
    baseOffset: BigInt(given.baseOffset),
    partitionLeaderEpoch: given.leaderEpoch,
    producerId: BigInt(given.producerId),
    producerEpoch: given.producerEpoch,
    baseSequence: given.baseSequence,
    isTransactional: given.transactional,
    isControl: given.control,
  });
  if (given.logAppendTime !== undefined) setLogAppendTime(batch, 0, BigInt(given.logAppendTime));
  return batch;
}

function bytes(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, 'base64');
}

function base64(value: Buffer | null): string | null {
  return value === null ? null : value.toString('base64');
}

/** Bytes that no codec makes smaller, the same each time. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 24;
    }),
  );
}
