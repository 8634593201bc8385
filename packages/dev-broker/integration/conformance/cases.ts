import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { FoundRecord, Judge, Member, SentRecord } from './judge.ts';

/** Black-box cases for any client and any broker. Each has topics and groups of its own. The names are those of the Java program's cases. */
export const cases: Readonly<Record<string, (judge: Judge) => Promise<void>>> = {
  ...Object.fromEntries(
    ['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((codec) => [
      `round trip, ${codec}`,
      (judge: Judge) => roundTrip(judge, codec),
    ]),
  ),
  'idempotent producer': idempotentProducer,
  transactions,
  'consumer group': consumerGroup,
  'committed offsets': committedOffsets,
  'static membership': staticMembership,
  topics,
  configs,
  groups,
  'offsets by timestamp': offsetsByTimestamp,
  'delete records': deleteRecords,
  compaction,
};

const deadlineMs = 20_000;

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

async function transactions(judge: Judge): Promise<void> {
  const topic = await newTopic(judge);
  await judge.transactions([
    { topic, values: ['committed 0', 'committed 1'], isCommitted: true },
    { topic, values: ['aborted 2', 'aborted 3'], isCommitted: false },
    { topic, values: ['committed 4'], isCommitted: true },
    { topic, values: ['aborted 5'], isCommitted: false },
    { topic, values: ['end'], isCommitted: true },
  ]);
  const isAtEnd = (records: readonly FoundRecord[]) => records.at(-1)?.value === 'end';
  const all = ['committed 0', 'committed 1', 'aborted 2', 'aborted 3', 'committed 4'];
  expect(valuesOf(await readUntil(judge, topic, isAtEnd, false))).toEqual([
    ...all,
    'aborted 5',
    'end',
  ]);
  expect(valuesOf(await readUntil(judge, topic, isAtEnd, true))).toEqual([
    'committed 0',
    'committed 1',
    'committed 4',
    'end',
  ]);
}

async function consumerGroup(judge: Judge): Promise<void> {
  const topic = await newTopic(judge, 4);
  await judge.produce(
    topic,
    Array.from({ length: 40 }, (_, i) => text(String(i), i % 4)),
  );
  const group = unique('group');
  const one = await judge.member(group, topic);
  try {
    await until(() => one.records.length >= 40 && one.assignment().length === 4);
    const two = await judge.member(group, topic);
    try {
      await until(() => one.assignment().length === 2 && two.assignment().length === 2);
      const owned = [...one.assignment(), ...two.assignment()].sort((a, b) => a - b);
      expect(owned).toEqual([0, 1, 2, 3]);
      expect(await judge.describeGroup(group)).toMatchObject({ members: 2 });
    } finally {
      await two.leave();
    }
    await until(() => one.assignment().length === 4);
  } finally {
    await one.leave();
  }
}

async function committedOffsets(judge: Judge): Promise<void> {
  const topic = await newTopic(judge);
  await judge.produce(
    topic,
    ['0', '1', '2', '3', '4'].map((value) => text(value)),
  );
  const group = unique('group');
  const first = await judge.member(group, topic);
  try {
    await until(() => first.records.length >= 5);
    await first.commit(0, 3);
  } finally {
    await first.leave();
  }
  expect(await judge.committed(group, topic, 0)).toMatchObject({ offset: 3 });
  const second = await judge.member(group, topic);
  try {
    await until(() => second.records.length >= 2);
    expect(valuesOf(second.records)).toEqual(['3', '4']);
  } finally {
    await second.leave();
  }
}

/** A static member that goes and comes back has its partitions again at once, though it never said that it left. */
async function staticMembership(judge: Judge): Promise<void> {
  const topic = await newTopic(judge, 2);
  const group = unique('group');
  const one = await judge.member(group, topic, { instanceId: 'one' });
  const two = await judge.member(group, topic, { instanceId: 'two' });
  let again: Member | undefined;
  try {
    await until(() => one.assignment().length === 1 && two.assignment().length === 1);
    const [owned, kept] = [one.assignment(), two.assignment()];
    await one.leave();
    expect(await judge.describeGroup(group)).toMatchObject({ members: 2 });
    again = await judge.member(group, topic, { instanceId: 'one' });
    await until(() => again?.assignment().length === 1);
    expect(again.assignment()).toEqual(owned);
    expect(two.assignment()).toEqual(kept);
  } finally {
    await again?.leave();
    await two.leave();
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

async function configs(judge: Judge): Promise<void> {
  const topic = await newTopic(judge, 1, { 'retention.ms': '1234567' });
  expect(await judge.config(topic, 'retention.ms')).toBe('1234567');
  expect(await judge.config(topic, 'cleanup.policy')).toBe('delete');
  if (judge.setConfig === undefined) return;
  await judge.setConfig(topic, 'retention.ms', '42000');
  await until(async () => (await judge.config(topic, 'retention.ms')) === '42000');
  await expect(judge.setConfig(topic, 'retention.ms', 'soon')).rejects.toThrow();
}

async function groups(judge: Judge): Promise<void> {
  const topic = await newTopic(judge);
  await judge.produce(
    topic,
    Array.from({ length: 10 }, (_, i) => text(String(i))),
  );
  const group = unique('group');
  const member = await judge.member(group, topic);
  try {
    await until(() => member.assignment().length === 1);
    await member.commit(0, 0);
    expect(await judge.groups()).toContain(group);
    expect((await judge.describeGroup(group)).members).toBe(1);
    await expect(judge.deleteGroup(group)).rejects.toThrow();
  } finally {
    await member.leave();
  }
  await until(async () => (await judge.describeGroup(group)).members === 0);
  if (judge.setOffset !== undefined) {
    await judge.setOffset(group, topic, 0, 7);
    expect((await judge.committed(group, topic, 0)).offset).toBe(7);
  }
  await judge.deleteGroup(group);
  expect(await judge.groups()).not.toContain(group);
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

async function newTopic(
  judge: Judge,
  partitions = 1,
  configs: Record<string, string> = {},
): Promise<string> {
  const topic = unique('topic');
  await judge.createTopic(topic, partitions, configs);
  await until(async () => (await judge.topics()).includes(topic));
  return topic;
}

/** Reads in a new group from the start. */
async function readUntil(
  judge: Judge,
  topic: string,
  isDone: (records: readonly FoundRecord[]) => boolean,
  isCommittedOnly = false,
): Promise<FoundRecord[]> {
  const member = await judge.member(unique('reader'), topic, { isCommittedOnly });
  try {
    await until(() => isDone(member.records));
    return [...member.records];
  } finally {
    await member.leave();
  }
}

function text(value: string, partition = 0): SentRecord {
  return { partition, key: null, value };
}

function valuesOf(records: readonly SentRecord[]): (string | null)[] {
  return records.map(({ value }) => value);
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain for: ${isTrue}`);
    await sleep(10);
  }
}

function unique(prefix: string): string {
  return `${prefix}-${randomUUID()}`;
}
