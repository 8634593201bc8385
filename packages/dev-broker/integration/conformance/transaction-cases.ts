import { expect } from 'vitest';
import { newTopic, readUntil, unique, until, valuesOf } from './case-tools.ts';
import type { FoundRecord, Judge, TransactionalSender } from './judge.ts';

export const transactionCases: Readonly<Record<string, (judge: Judge) => Promise<void>>> = {
  transactions,
  'overlapping transactions': overlappingTransactions,
  'aborted over many fetches': abortedOverManyFetches,
  'fenced producer': fencedProducer,
  'offsets in transactions': offsetsInTransactions,
};

const committedOnly = { isCommittedOnly: true };
const isAtEnd = (records: readonly FoundRecord[]) => records.at(-1)?.value === 'end';

async function transactions(judge: Judge): Promise<void> {
  const topic = await newTopic(judge);
  const sender = await judge.transactional(unique('tx'));
  await sendOne(sender, topic, ['committed 0', 'committed 1'], true);
  await sendOne(sender, topic, ['aborted 2', 'aborted 3'], false);
  await sendOne(sender, topic, ['committed 4'], true);
  await sendOne(sender, topic, ['aborted 5'], false);
  await sendOne(sender, topic, ['end'], true);
  await sender.close();
  const all = ['committed 0', 'committed 1', 'aborted 2', 'aborted 3', 'committed 4'];
  expect(valuesOf(await readUntil(judge, topic, isAtEnd))).toEqual([...all, 'aborted 5', 'end']);
  const committed = ['committed 0', 'committed 1', 'committed 4', 'end'];
  expect(valuesOf(await readUntil(judge, topic, isAtEnd, committedOnly))).toEqual(committed);
}

/** Of two producers in one partition, whose records lie between each other's, the one that aborts takes nothing of the other with it. */
async function overlappingTransactions(judge: Judge): Promise<void> {
  const topic = await newTopic(judge);
  const [one, two] = [
    await judge.transactional(unique('a')),
    await judge.transactional(unique('b')),
  ];
  const [first, second] = [await one.begin(), await two.begin()];
  await first.send(topic, ['aborted 0']);
  await second.send(topic, ['committed 1']);
  await first.send(topic, ['aborted 2']);
  await second.send(topic, ['committed 3']);
  await first.abort();
  await second.send(topic, ['committed 4']);
  await sendOne(one, topic, ['committed 5'], true);
  await second.commit();
  await sendOne(one, topic, ['aborted 6'], false);
  await sendOne(two, topic, ['end'], true);
  await one.close();
  await two.close();
  const committed = ['committed 1', 'committed 3', 'committed 4', 'committed 5', 'end'];
  expect(valuesOf(await readUntil(judge, topic, isAtEnd, committedOnly))).toEqual(committed);
}

/** The broker names an aborted transaction with each fetch that has some of it. */
async function abortedOverManyFetches(judge: Judge): Promise<void> {
  const topic = await newTopic(judge);
  const sender = await judge.transactional(unique('tx'));
  for (const round of [0, 1, 2]) {
    const aborted = await sender.begin();
    for (let i = 0; i < 8; i++) await aborted.send(topic, [`aborted ${'x'.repeat(1000)}`]);
    await aborted.abort();
    const committed = await sender.begin();
    for (let i = 0; i < 3; i++) await committed.send(topic, [`${round} ${i} ${'y'.repeat(1000)}`]);
    await committed.commit();
  }
  await sendOne(sender, topic, ['end'], true);
  await sender.close();
  const found = await readUntil(judge, topic, isAtEnd, { ...committedOnly, fetchBytes: 2500 });
  const expected = [0, 1, 2].flatMap((round) => [0, 1, 2].map((i) => `${round} ${i}`));
  expect(valuesOf(found).map((value) => value?.replace(/ y+$/, ''))).toEqual([...expected, 'end']);
}

/** A second producer with the id ends what the first has begun, and the first can do no more. */
async function fencedProducer(judge: Judge): Promise<void> {
  const topic = await newTopic(judge);
  const id = unique('tx');
  const older = await judge.transactional(id);
  const zombie = await older.begin();
  await zombie.send(topic, ['of the older']);
  const newer = await judge.transactional(id);
  await expect(
    (async () => {
      await zombie.send(topic, ['of the older, too late']);
      await zombie.commit();
    })(),
  ).rejects.toThrow();
  await sendOne(newer, topic, ['end'], true);
  await newer.close();
  await older.close().catch(() => {});
  expect(valuesOf(await readUntil(judge, topic, isAtEnd, committedOnly))).toEqual(['end']);
}

/** They count with the commit, and not with an abort. */
async function offsetsInTransactions(judge: Judge): Promise<void> {
  const topic = await newTopic(judge);
  const group = unique('group');
  const sender = await judge.transactional(unique('tx'));
  for (const [offset, isCommitted] of [
    [3, true],
    [5, false],
  ] as const) {
    const transaction = await sender.begin();
    await transaction.send(topic, [`value ${offset}`]);
    await transaction.sendOffset?.(group, topic, 0, offset);
    await (isCommitted ? transaction.commit() : transaction.abort());
    await until(async () => (await judge.committed(group, topic, 0)).offset === 3);
  }
  await sender.close();
}

async function sendOne(
  sender: TransactionalSender,
  topic: string,
  values: readonly string[],
  isCommitted: boolean,
): Promise<void> {
  const transaction = await sender.begin();
  for (const value of values) await transaction.send(topic, [value]);
  await (isCommitted ? transaction.commit() : transaction.abort());
}
