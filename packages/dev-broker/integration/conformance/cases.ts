import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { deadlineMs, newTopic, readUntil, text, until, valuesOf } from './case-tools.ts';
import { groupCases } from './group-cases.ts';
import type { Judge, SentRecord } from './judge.ts';
import { transactionCases } from './transaction-cases.ts';

/** Black-box cases for any client and any broker. Each has topics and groups of its own. The names are those of the Java program's cases. */
export const cases: Readonly<Record<string, (judge: Judge) => Promise<void>>> = {
  ...Object.fromEntries(
    ['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((codec) => [
      `round trip, ${codec}`,
      (judge: Judge) => roundTrip(judge, codec),
    ]),
  ),
  'idempotent producer': idempotentProducer,
  ...transactionCases,
  ...groupCases,
  topics,
  configs,
  'a topic made again': topicMadeAgain,
  'broker timestamps': brokerTimestamps,
  'offsets by timestamp': offsetsByTimestamp,
  'delete records': deleteRecords,
  compaction,
};

async function roundTrip(judge: Judge, codec: string): Promise<void> {
  const topic = await newTopic(judge);
  const sent = Array.from({ length: 300 }, (_, i) => ({
    partition: 0,
    key: i % 3 === 0 ? null : `key ${i}`,
    value: i % 5 === 0 ? null : i % 7 === 0 ? '' : `value ${'x'.repeat(100)} ${i}`,
    headers: { first: `header ${i}`, empty: '' },
    timestampMs: 1_700_000_000_000 + i,
  }));
  await judge.produce(topic, sent, { codec });
  const found = await readUntil(judge, topic, ({ length }) => length >= sent.length);
  expect(found).toEqual(sent.map((record, offset) => ({ ...record, offset })));
}

async function idempotentProducer(judge: Judge): Promise<void> {
  const topic = await newTopic(judge, 2);
  const sent = Array.from({ length: 200 }, (_, i) => text(String(i), i % 2));
  await judge.produce(topic, sent, { isIdempotent: true });
  const found = await readUntil(judge, topic, ({ length }) => length >= sent.length);
  for (const partition of [0, 1]) {
    const of = (records: readonly SentRecord[]) =>
      records.filter((one) => one.partition === partition).map(({ value }) => value);
    expect(of(found)).toEqual(of(sent));
  }
}

async function topics(judge: Judge): Promise<void> {
  const topic = await newTopic(judge, 2);
  expect(await judge.topics()).toContain(topic);
  expect(await judge.partitionCount(topic)).toBe(2);
  await judge.addPartitions(topic, 5);
  await until(async () => (await judge.partitionCount(topic)) === 5);
  await expect(judge.addPartitions(topic, 3)).rejects.toThrow();
  await expect(judge.createTopic('not a name', 1)).rejects.toThrow();
  await judge.deleteTopic(topic);
  await until(async () => !(await judge.topics()).includes(topic));
  await expect(judge.deleteTopic(topic)).rejects.toThrow();
}

/** What was deleted is not read under the same name. */
async function topicMadeAgain(judge: Judge): Promise<void> {
  const topic = await newTopic(judge);
  await judge.produce(topic, [text('of the first'), text('of the first, too')]);
  await judge.deleteTopic(topic);
  await until(async () => !(await judge.topics()).includes(topic));
  await judge.createTopic(topic, 2);
  await until(async () => (await judge.topics()).includes(topic));
  expect(await judge.endOffset(topic)).toBe(0);
  await judge.produce(topic, [text('of the second')]);
  const found = await readUntil(judge, topic, ({ length }) => length >= 1);
  expect(found.map(({ value, offset }) => [value, offset])).toEqual([['of the second', 0]]);
}

/** With LogAppendTime the broker says when a record came, whatever its producer said. */
async function brokerTimestamps(judge: Judge): Promise<void> {
  const topic = await newTopic(judge, 1, { 'message.timestamp.type': 'LogAppendTime' });
  const begin = Date.now();
  await judge.produce(
    topic,
    [1000, 5000].map((timestampMs) => ({ ...text('x'), timestampMs })),
  );
  for (const { timestampMs } of await readUntil(judge, topic, ({ length }) => length >= 2)) {
    expect(timestampMs).toBeGreaterThanOrEqual(begin);
    expect(timestampMs).toBeLessThanOrEqual(Date.now());
  }
}

async function configs(judge: Judge): Promise<void> {
  const topic = await newTopic(judge, 1, { 'retention.ms': '1234567' });
  expect(await judge.config(topic, 'retention.ms')).toBe('1234567');
  expect(await judge.config(topic, 'cleanup.policy')).toBe('delete');
  if (judge.setConfig === undefined) return;
  await judge.setConfig(topic, 'retention.ms', '42000');
  await until(async () => (await judge.config(topic, 'retention.ms')) === '42000');
  await expect(judge.setConfig(topic, 'retention.ms', 'soon')).rejects.toThrow();
}

async function offsetsByTimestamp(judge: Judge): Promise<void> {
  const topic = await newTopic(judge);
  const records = [1000, 2000, 9000, 3000].map((timestampMs) => ({ ...text('x'), timestampMs }));
  await judge.produce(topic, records);
  for (const [timestampMs, offset] of [
    [1000, 0],
    [1001, 1],
    [2500, 2],
    [9000, 2],
  ] as const) {
    expect(await judge.offsetAt(topic, timestampMs)).toBe(offset);
  }
  expect([await judge.startOffset(topic), await judge.endOffset(topic)]).toEqual([0, 4]);
}

async function deleteRecords(judge: Judge): Promise<void> {
  const topic = await newTopic(judge);
  await judge.produce(
    topic,
    ['0', '1', '2', '3'].map((value) => text(value)),
  );
  await judge.deleteRecords(topic, 2);
  expect([await judge.startOffset(topic), await judge.endOffset(topic)]).toEqual([2, 4]);
  const found = await readUntil(judge, topic, ({ length }) => length >= 2);
  expect(valuesOf(found)).toEqual(['2', '3']);
  await expect(judge.deleteRecords(topic, 5)).rejects.toThrow();
}

/** Readers see the newest record of each key at its old offset, and holes where the others were. */
async function compaction(judge: Judge): Promise<void> {
  const topic = await newTopic(judge, 1, {
    'cleanup.policy': 'compact',
    'segment.ms': '50',
    'min.cleanable.dirty.ratio': '0',
  });
  const keyed = (i: number) => ({ ...text(String(i)), key: `key ${i % 3}` });
  await judge.produce(topic, [0, 1, 2, 3].map(keyed));
  // Of this batch some records stay.
  await judge.produce(topic, [4, 5, 6, 7, 8].map(keyed));
  const marker = { ...text('end'), key: 'last' };
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    // Segments are rolled by an append.
    await sleep(100);
    await judge.produce(topic, [marker]);
    const end = await judge.endOffset(topic);
    const found = await readUntil(judge, topic, (records) => records.at(-1)?.offset === end - 1);
    const left = found.filter(({ key }) => key !== 'last').map(({ offset }) => offset);
    if (Date.now() < deadline && left.length > 3) continue;
    expect(left).toEqual([6, 7, 8]);
    return;
  }
}
