import {
  type Consumer,
  createConsumer,
  createProducer,
  KafkaError,
  type ProducerRecord,
  type TopicPartition,
} from '@tributary/kafka';
import { expect } from 'vitest';
import { outcome, sendAll } from '../brokers.ts';
import { between, oneOf } from './random.ts';
import { healthyClient, pause, type Setting, type World } from './world.ts';

const topic = 'in';
const partitions = 5;
const recordCount = 60;
const groupId = 'group';

export const groupSetting: Setting = {
  topics: { [topic]: partitions },
  rates: { share: 0.06, hasMembershipErrors: true },
  troubleMs: 25_000,
};

/** What all members did, and what of it must not have happened. */
class Ledger {
  readonly processed = Array.from({ length: partitions }, () => new Set<number>());
  /** Members by the partition that they own. */
  readonly owners = new Map<number, Set<string>>();
  readonly violations: string[] = [];
  /** A session that expires while its member cannot know lets two members believe that a partition is theirs. */
  readonly mayExpire: boolean;

  constructor(mayExpire: boolean) {
    this.mayExpire = mayExpire;
  }

  own(member: string, partition: number): void {
    const owners = this.owners.get(partition) ?? new Set();
    this.owners.set(partition, owners.add(member));
    if (owners.size > 1 && !this.mayExpire) {
      this.violations.push(`partition ${partition} is owned by ${[...owners].join(' and ')}`);
    }
  }

  giveBack(member: string, partition: number): void {
    if (this.owners.get(partition)?.delete(member) !== true) {
      this.violations.push(`${member} gives back partition ${partition}, which it did not own`);
    }
  }

  noteCommit(partition: number, offset: number): void {
    for (let before = 0; before < offset; before++) {
      if (this.processed[partition]?.has(before) === true) continue;
      this.violations.push(`${partition}/${offset} is committed, but ${before} was not processed`);
      return;
    }
  }

  get isComplete(): boolean {
    return this.processed.every(({ size }) => size === recordCount);
  }
}

/**
 * Members join a group and leave it, by leave or without, eager or cooperative, while brokers are in trouble. No partition is owned twice at a time, no record is left out,
 * and no commit goes past what was processed; when all is well again each partition has one owner.
 */
export async function groupStory(world: World): Promise<void> {
  const { random } = world;
  const isCooperative = world.seed % 2 === 0;
  const mayExpire = world.seed % 4 >= 2;
  const ledger = new Ledger(mayExpire);
  world.watch(8, ({ body }) => {
    const { topics } = body as {
      topics: { partitions: { partitionIndex: number; committedOffset: bigint }[] }[];
    };
    for (const { partitionIndex, committedOffset } of topics.flatMap((each) => each.partitions)) {
      ledger.noteCommit(partitionIndex, Number(committedOffset));
    }
  });
  const filling = fill(world);
  const members = new Set<Member>();
  let started = 0;
  const start = (): void => {
    members.add(startMember(world, `m${++started}`, ledger, { isCooperative, mayExpire }));
  };
  for (let count = between(random, 1, 3); count > 0; count--) start();
  while (started < 8) {
    await pause(between(random, 100, 5000));
    const leaving = members.size >= 3 || (members.size > 1 && random() < 0.5);
    if (!leaving) {
      start();
      continue;
    }
    const member = oneOf(random, [...members]);
    members.delete(member);
    await member.stop(oneOf(random, [0, 2000]));
  }
  await filling;
  await world.troubles;
  await world.heal();
  // What hangs on dead connections goes on.
  await pause(30_000);
  while (!ledger.isComplete || !isSettled(ledger, members)) await pause(500);
  // Nothing moves any more.
  await pause(10_000);
  const owners = [...ledger.owners].map(
    ([partition, each]) => `${partition}: ${[...each].join(' and ')}`,
  );
  expect(isSettled(ledger, members), `each partition has one owner: ${owners.join('; ')}`).toBe(
    true,
  );
  for (const member of members) await member.stop(5000);
  expect(ledger.violations).toEqual([]);
}

function isSettled({ owners }: Ledger, members: ReadonlySet<Member>): boolean {
  const names = [...members].map(({ name }) => name);
  return Array.from({ length: partitions }, (_, partition) => [
    ...(owners.get(partition) ?? []),
  ]).every((each) => each.length === 1 && names.includes(each[0] ?? ''));
}

async function fill(world: World): Promise<void> {
  const producer = createProducer({ ...world.config(healthyClient) }, world.deps);
  for (let index = 0; index < recordCount; index += 5) {
    const records = Array.from({ length: partitions * 5 }, (_, at): ProducerRecord => {
      const value = Buffer.from(`${index + Math.floor(at / partitions)}`);
      return { topic, partition: at % partitions, timestamp: null, key: null, value, headers: [] };
    });
    const outcomes = outcome();
    await sendAll(producer, records, outcomes);
    await producer.flush();
    expect(outcomes.errors).toEqual([]);
    await pause(between(world.random, 1, 2000));
  }
  await producer.close(0);
}

interface Member {
  readonly name: string;
  stop(timeoutMs: number): Promise<void>;
}

function startMember(
  world: World,
  name: string,
  ledger: Ledger,
  { isCooperative, mayExpire }: { isCooperative: boolean; mayExpire: boolean },
): Member {
  const { random } = world;
  const consumer = createConsumer(
    {
      ...world.config(name),
      'group.id': groupId,
      'auto.offset.reset': 'earliest',
      'max.poll.records': String(between(random, 1, 20)),
      'session.timeout.ms': mayExpire ? '1500' : '60000',
      'heartbeat.interval.ms': mayExpire ? '300' : '1000',
      'max.poll.interval.ms': mayExpire ? '4000' : '300000',
      'partition.assignment.strategy': isCooperative
        ? 'cooperative-sticky'
        : oneOf(random, ['range', 'roundrobin,range', 'range,sticky']),
    },
    world.deps,
  );
  const owned = new Set<number>();
  const commit = async (given: readonly TopicPartition[]): Promise<void> => {
    const offsets = given.flatMap((each) => {
      const offset = consumer.position(each);
      return offset === undefined ? [] : [{ ...each, offset }];
    });
    await consumer.commit(offsets).catch(ignoreKafkaError);
  };
  let isGone = false;
  const drop = (given: readonly TopicPartition[]): void => {
    // A close that could not wait for the commit.
    if (isGone) return;
    for (const { partition } of given) {
      owned.delete(partition);
      ledger.giveBack(name, partition);
    }
  };
  consumer.subscribe([topic], {
    onAssigned(given) {
      for (const { partition } of given) {
        owned.add(partition);
        ledger.own(name, partition);
      }
    },
    async onRevoked(given) {
      await commit(given);
      drop(given);
    },
    onLost: drop,
  });
  let isOver = false;
  const polling = (async () => {
    while (!isOver) await step(world, consumer, ledger, owned, commit, mayExpire);
  })();
  // Whoever stops the member hears of it.
  polling.catch(() => {});
  return {
    name,
    async stop(timeoutMs) {
      isOver = true;
      await polling;
      await consumer.close(timeoutMs);
      isGone = true;
      for (const partition of owned) ledger.giveBack(name, partition);
    },
  };
}

async function step(
  world: World,
  consumer: Consumer,
  ledger: Ledger,
  owned: ReadonlySet<number>,
  commit: (partitions: readonly TopicPartition[]) => Promise<void>,
  mayExpire: boolean,
): Promise<void> {
  const { random } = world;
  const consumed = await consumer.poll(between(random, 1, 500));
  for (const { partition, records } of consumed) {
    if (!owned.has(partition)) ledger.violations.push(`read partition ${partition} unowned`);
    for (const { offset, value } of records) {
      if (`${value}` !== `${offset}`) ledger.violations.push(`${partition}/${offset} is ${value}`);
      ledger.processed[partition]?.add(offset);
    }
  }
  if (random() < 0.2) await pause(between(random, 1, 200));
  // Longer than the group waits.
  if (mayExpire && !world.isHealed && random() < 0.005) await pause(5000);
  if (random() < 0.3) await commit(consumer.assignment);
}

function ignoreKafkaError(error: unknown): void {
  if (!(error instanceof KafkaError)) throw error;
}
