import { expect } from 'vitest';
import { newTopic, text, unique, until, valuesOf } from './case-tools.ts';
import type { Judge, Member } from './judge.ts';

export const groupCases: Readonly<Record<string, (judge: Judge) => Promise<void>>> = {
  'consumer group': consumerGroup,
  'committed offsets': committedOffsets,
  'committed offset that is gone': committedOffsetThatIsGone,
  'static membership': staticMembership,
  'partitions added': partitionsAdded,
  'paused partition': pausedPartition,
  groups,
  'deleted offsets': deletedOffsets,
};

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

/** Retention has overtaken the group: it goes on where the log begins now. */
async function committedOffsetThatIsGone(judge: Judge): Promise<void> {
  const topic = await newTopic(judge);
  await judge.produce(
    topic,
    ['0', '1', '2', '3'].map((value) => text(value)),
  );
  const group = unique('group');
  const first = await judge.member(group, topic);
  try {
    await until(() => first.records.length >= 4);
    await first.commit(0, 1);
  } finally {
    await first.leave();
  }
  await judge.deleteRecords(topic, 3);
  const second = await judge.member(group, topic);
  try {
    await until(() => second.records.length >= 1);
    expect(valuesOf(second.records)).toEqual(['3']);
  } finally {
    await second.leave();
  }
}

/** A member finds what was added to its topic and reads it from the start. */
async function partitionsAdded(judge: Judge): Promise<void> {
  const topic = await newTopic(judge);
  await judge.produce(topic, [text('old')]);
  const member = await judge.member(unique('group'), topic);
  try {
    await until(() => member.records.length >= 1);
    await judge.addPartitions(topic, 3);
    await until(async () => (await judge.partitionCount(topic)) === 3);
    await judge.produce(topic, [text('new', 2)]);
    await until(() => member.records.some(({ value }) => value === 'new'));
    expect(member.assignment()).toEqual([0, 1, 2]);
  } finally {
    await member.leave();
  }
}

/** Pausing one partition holds up no other, and nothing of it is lost or read twice. */
async function pausedPartition(judge: Judge): Promise<void> {
  const topic = await newTopic(judge, 2);
  const member = await judge.member(unique('group'), topic);
  const of = (partition: number) =>
    valuesOf(member.records.filter((one) => one.partition === partition));
  try {
    await until(() => member.assignment().length === 2);
    await judge.produce(topic, [text('first', 0), text('first', 1)]);
    await until(() => member.records.length === 2);
    member.pause?.(0);
    await judge.produce(topic, [text('second', 0), text('second', 1)]);
    await until(() => of(1).length === 2);
    await judge.produce(topic, [text('third', 1)]);
    await until(() => of(1).length === 3);
    expect(of(0)).toEqual(['first']);
    member.resume?.(0);
    await until(() => of(0).length >= 2);
    expect([of(0), of(1)]).toEqual([
      ['first', 'second'],
      ['first', 'second', 'third'],
    ]);
  } finally {
    await member.leave();
  }
}

async function deletedOffsets(judge: Judge): Promise<void> {
  const topic = await newTopic(judge, 2);
  const group = unique('group');
  const member = await judge.member(group, topic);
  try {
    await until(() => member.assignment().length === 2);
    await member.commit(0, 0);
    await member.commit(1, 0);
    await expect(judge.deleteOffset?.(group, topic, 0)).rejects.toThrow();
  } finally {
    await member.leave();
  }
  await until(async () => (await judge.describeGroup(group)).members === 0);
  await judge.deleteOffset?.(group, topic, 0);
  expect((await judge.committed(group, topic, 1)).offset).toBe(0);
  expect((await judge.committed(group, topic, 0)).offset).not.toBe(0);
}
