import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FoundRecord, Judge, MemberOptions, SentRecord } from './judge.ts';

export const deadlineMs = 20_000;

export async function newTopic(
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
export async function readUntil(
  judge: Judge,
  topic: string,
  isDone: (records: readonly FoundRecord[]) => boolean,
  how: MemberOptions = {},
): Promise<FoundRecord[]> {
  const member = await judge.member(unique('reader'), topic, how);
  try {
    await until(() => isDone(member.records));
    return [...member.records];
  } finally {
    await member.leave();
  }
}

export function text(value: string, partition = 0): SentRecord {
  return { partition, key: null, value };
}

export function valuesOf(records: readonly SentRecord[]): (string | null)[] {
  return records.map(({ value }) => value);
}

export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain for: ${isTrue}`);
    await sleep(10);
  }
}

export function unique(prefix: string): string {
  return `${prefix}-${randomUUID()}`;
}
