import { setTimeout as sleep } from 'node:timers/promises';
import { type DevBroker, startDevBroker } from '@tributary/dev-broker';
import type { KafkaError, RebalanceListener, TopicPartition } from '@tributary/kafka';
import { RecordBatchBuilder } from '@tributary/wire';
import { expect, it } from 'vitest';
import {
  adminFor,
  consumerFor,
  createTopic,
  outcome,
  pollUntil,
  producerFor,
  quiet,
  record,
  recordingLogger,
  sendAll,
  until,
  valuesOf,
} from './brokers.ts';

const keys = {
  fetch: 1,
  listOffsets: 2,
  metadata: 3,
  offsetCommit: 8,
  offsetFetch: 9,
  joinGroup: 11,
  heartbeat: 12,
};
const p0: TopicPartition = { topic: 't', partition: 0 };
const numbers = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${index}`);
/** Every fetch then names its partitions. */
const withoutSessions = { config: { 'max.incremental.fetch.session.cache.slots': 0 } };
const impatient = { 'retry.backoff.ms': '5', 'retry.backoff.max.ms': '20' };

/** An answer of Metadata in which nobody leads. */
function withoutLeaders(response: unknown): unknown {
  const { topics, ...rest } = response as { topics: { partitions: object[] }[] };
  return {
    ...rest,
    topics: topics.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((partition) => ({
        ...partition,
        errorCode: 5,
        leaderId: -1,
      })),
    })),
  };
}

async function produce(
  broker: DevBroker,
  topic: string,
  values: readonly string[],
  partition = 0,
): Promise<void> {
  await using producer = producerFor(broker);
  const listener = outcome();
  await sendAll(
    producer,
    values.map((value) => record(topic, value, partition)),
    listener,
  );
  await producer.flush();
  expect(listener.errors).toEqual([]);
}

it.for([
  { name: 'NOT_LEADER_OR_FOLLOWER', fault: { kind: 'error', errorCode: 6 } as const },
  { name: 'UNKNOWN_TOPIC_OR_PARTITION', fault: { kind: 'error', errorCode: 3 } as const },
  { name: 'KAFKA_STORAGE_ERROR', fault: { kind: 'error', errorCode: 56 } as const },
  { name: 'closed connections', fault: { kind: 'close' } as const },
  { name: 'lost answers', fault: { kind: 'lose-answer' } as const },
])('reads everything once and in order through $name', async ({ fault }) => {
  await using broker = await startDevBroker();
  const all = numbers(3000);
  await produce(broker, 't', all);
  await using consumer = consumerFor(broker, { ...impatient, 'max.partition.fetch.bytes': '2000' });
  let requests = 0;
  broker.control(keys.fetch, () => ((requests += 1) % 3 === 0 ? fault : undefined), { times: 8 });
  consumer.subscribe(['t'], quiet);
  expect(await pollUntil(consumer, ({ length }) => length >= 3000)).toEqual(all);
  expect(consumer.position(p0)).toBe(3000n);
});

it('looks again for a leader where metadata has named none, as brokers do while they stop and start', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await produce(broker, 't', ['before']);
  await using consumer = consumerFor(broker, impatient);
  consumer.subscribe(['t'], quiet);
  expect(await pollUntil(consumer, ({ length }) => length === 1)).toEqual(['before']);
  let answers = 0;
  broker.control(keys.metadata, () =>
    ++answers <= 2 ? { kind: 'change', change: withoutLeaders } : undefined,
  );
  broker.control(keys.fetch, { kind: 'error', errorCode: 6 }, { times: 1 });
  while (answers < 2) await consumer.poll(10);
  await produce(broker, 't', ['after']);
  expect(await pollUntil(consumer, ({ length }) => length === 1)).toEqual(['after']);
});

it('goes on through an outage in the middle, without a record lost or repeated', async () => {
  await using broker = await startDevBroker();
  const all = numbers(2000);
  await produce(broker, 't', all);
  await using consumer = consumerFor(broker, { 'max.partition.fetch.bytes': '2000' });
  consumer.subscribe(['t'], quiet);
  const first = await pollUntil(consumer, ({ length }) => length >= 500);
  await broker.stop();
  const meanwhile = valuesOf(await consumer.poll(300));
  await broker.start();
  const rest = await pollUntil(consumer, (values) => values.at(-1) === '1999');
  expect([...first, ...meanwhile, ...rest]).toEqual(all);
});

it('retries a commit through errors of the coordinator, and commits what it was given', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 't', numbers(10));
  await using consumer = consumerFor(broker, impatient);
  consumer.subscribe(['t'], quiet);
  await pollUntil(consumer, ({ length }) => length === 10);
  const codes = [14, 15, 16, 7, 3];
  broker.control(
    keys.offsetCommit,
    () => {
      const errorCode = codes.shift();
      return errorCode === undefined ? undefined : { kind: 'error', errorCode };
    },
    { times: 5 },
  );
  await consumer.commit([{ ...p0, offset: 7n }]);
  await using admin = adminFor(broker);
  expect(await admin.listGroupOffsets('group')).toEqual([{ ...p0, offset: 7n }]);
});

it('refuses to commit partitions that were given back, and keeps the membership that came since', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't', 2);
  await produce(broker, 't', numbers(10), 0);
  await using one = consumerFor(broker, { ...impatient, 'heartbeat.interval.ms': '50' });
  const revoked: TopicPartition[] = [];
  const given: TopicPartition[][] = [];
  one.subscribe(['t'], {
    ...quiet,
    onAssigned: (partitions) => void given.push([...partitions]),
    onRevoked: (partitions) => void revoked.push(...partitions),
  });
  await pollUntil(one, ({ length }) => length === 10);
  await using two = consumerFor(broker, impatient);
  two.subscribe(['t'], quiet);
  const polls = (async () => {
    while (given.length < 2 || two.assignment.length === 0) await two.poll(20);
  })();
  while (given.length < 2) await one.poll(20);
  await polls;
  expect(revoked).toHaveLength(2);
  expect(one.assignment).toHaveLength(1);
  const lost = { topic: 't', partition: 1 - (one.assignment[0]?.partition ?? 0) };
  await expect(one.commit([{ ...lost, offset: 3n }])).rejects.toMatchObject({
    errorName: 'REBALANCE_IN_PROGRESS',
  });
  const kept = one.assignment[0] as TopicPartition;
  await one.commit([{ ...kept, offset: 3n }]);
});

it('lets onRevoked commit while the group rebalances, and awaits it', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't', 2);
  await produce(broker, 't', numbers(10), 0);
  await using one = consumerFor(broker, { ...impatient, 'heartbeat.interval.ms': '50' });
  const events: string[] = [];
  one.subscribe(['t'], {
    ...quiet,
    async onAssigned() {
      events.push('assigned');
      await sleep(20);
      events.push('opened');
    },
    async onRevoked() {
      if (events.length > 2) return;
      events.push('revoked');
      await sleep(50);
      await one.commit([{ ...p0, offset: 10n }]);
      events.push('committed');
    },
  });
  await pollUntil(one, ({ length }) => length === 10);
  await using two = consumerFor(broker, impatient);
  two.subscribe(['t'], quiet);
  const polls = (async () => {
    while (events.length < 6) await two.poll(20);
  })();
  while (events.length < 6) expect(valuesOf(await one.poll(20))).toEqual([]);
  await polls;
  expect(events).toEqual(['assigned', 'opened', 'revoked', 'committed', 'assigned', 'opened']);
  await using admin = adminFor(broker);
  expect(await admin.listGroupOffsets('group')).toMatchObject([{ ...p0, offset: 10n }]);
});

it('calls onLost, commits nothing and joins again when the group has dropped it', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 't', numbers(10));
  await using consumer = consumerFor(broker, { ...impatient, 'heartbeat.interval.ms': '20' });
  const events: string[] = [];
  consumer.subscribe(['t'], {
    onAssigned: () => void events.push('assigned'),
    onRevoked: () => void events.push('revoked'),
    async onLost() {
      const refused = await consumer
        .commit([{ ...p0, offset: 5n }])
        .catch((e: KafkaError) => e.errorName);
      events.push(`lost ${refused}`);
    },
  });
  await pollUntil(consumer, ({ length }) => length === 10);
  const illegalGeneration = 22;
  broker.control(keys.heartbeat, { kind: 'error', errorCode: illegalGeneration }, { times: 1 });
  const again: string[] = [];
  while (again.length < 10) again.push(...valuesOf(await consumer.poll(20)));
  expect(events).toEqual(['assigned', 'lost UNKNOWN_MEMBER_ID', 'assigned']);
  // Nothing was committed: all comes again.
  expect(again).toEqual(numbers(10));
});

it('leaves the group when nobody polls for max.poll.interval.ms, so that others go on', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 't', numbers(10));
  await using stalled = consumerFor(broker, {
    ...impatient,
    'max.poll.interval.ms': '300',
    'heartbeat.interval.ms': '50',
  });
  const events: string[] = [];
  stalled.subscribe(['t'], {
    onAssigned: () => void events.push('assigned'),
    onRevoked: () => void events.push('revoked'),
    onLost: () => void events.push('lost'),
  });
  await pollUntil(stalled, ({ length }) => length === 10);
  await using other = consumerFor(broker, impatient);
  other.subscribe(['t'], quiet);
  const startedAt = Date.now();
  expect(await pollUntil(other, ({ length }) => length === 10)).toEqual(numbers(10));
  expect(Date.now() - startedAt).toBeLessThan(5000);
  await stalled.poll(0);
  expect(events).toEqual(['assigned', 'lost']);
});

it('leaves the group when a rebalance callback hangs for max.poll.interval.ms', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 't', numbers(10));
  await using stalled = consumerFor(broker, {
    ...impatient,
    'max.poll.interval.ms': '300',
    'heartbeat.interval.ms': '50',
  });
  let release = (): void => {};
  stalled.subscribe(['t'], {
    ...quiet,
    onAssigned: () => new Promise((resolve) => (release = resolve)),
  });
  const poll = stalled.poll(0).then(() => stalled.poll(5000));
  await until(() => stalled.assignment.length === 1);
  await using other = consumerFor(broker, impatient);
  other.subscribe(['t'], quiet);
  expect(await pollUntil(other, ({ length }) => length === 10, 5000)).toEqual(numbers(10));
  release();
  await stalled.close(100);
  await poll.catch(() => {});
});

it('does not forget a subscription that changes while it joins', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 'a', ['in a']);
  await produce(broker, 'b', ['in b']);
  await using consumer = consumerFor(broker, impatient);
  broker.control(keys.joinGroup, { kind: 'delay', delayMs: 100 }, { times: 2 });
  consumer.subscribe(['a'], quiet);
  await consumer.poll(20);
  consumer.subscribe(['b'], quiet);
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['in b']);
});

it('finds a topic that is created after the subscription, without waiting for metadata.max.age.ms', async () => {
  await using broker = await startDevBroker({ config: { 'auto.create.topics.enable': false } });
  await createTopic(broker, 'early');
  const logger = recordingLogger();
  await using consumer = consumerFor(broker, {}, logger);
  consumer.subscribe(['early', 'late'], quiet);
  await consumer.poll(300);
  expect(logger.lines.filter((line) => line.includes('"late" does not exist yet'))).toHaveLength(1);
  await createTopic(broker, 'late');
  await produce(broker, 'late', ['found']);
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['found']);
});

it('rejects the poll for a topic that may not be read', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await using consumer = consumerFor(broker);
  broker.control(keys.metadata, { kind: 'error', errorCode: 29 });
  consumer.subscribe(['t'], quiet);
  await expect(pollUntil(consumer, () => false, 2000)).rejects.toMatchObject({
    errorName: 'TOPIC_AUTHORIZATION_FAILED',
    message: expect.stringContaining('"t"'),
  });
});

it('reads the other partitions while the position of one cannot be found', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't', 2);
  await produce(broker, 't', ['good'], 0);
  await produce(broker, 't', ['late'], 1);
  await using consumer = consumerFor(broker, impatient);
  let isBroken = true;
  broker.control(keys.listOffsets, ({ body }) => {
    const { topics } = body as { topics: { partitions: { partitionIndex: number }[] }[] };
    const asked = topics.flatMap(({ partitions }) => partitions.map((each) => each.partitionIndex));
    if (!isBroken || !asked.includes(1)) return undefined;
    const partitions = asked.map((partitionIndex) => ({
      partitionIndex,
      errorCode: partitionIndex === 1 ? 5 : 0,
      timestamp: -1n,
      offset: partitionIndex === 1 ? -1n : 0n,
      leaderEpoch: 0,
    }));
    return { kind: 'answer', response: { throttleTimeMs: 0, topics: [{ name: 't', partitions }] } };
  });
  consumer.subscribe(['t'], quiet);
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['good']);
  isBroken = false;
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['late']);
});

it('hands out what was read before a damaged batch, stops at it, and goes on only when sought past it', async () => {
  await using broker = await startDevBroker(withoutSessions);
  await createTopic(broker, 't');
  for (const value of ['a', 'b', 'c']) await produce(broker, 't', [value]);
  await using consumer = consumerFor(broker, impatient);
  broker.control(keys.fetch, ({ body }) => damaged(body, 1n));
  consumer.subscribe(['t'], quiet);
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['a']);
  for (const _ of [1, 2]) {
    await expect(pollUntil(consumer, () => false, 2000)).rejects.toMatchObject({
      errorName: 'CORRUPT_RESPONSE',
      message: expect.stringContaining('offset 1'),
    });
    expect(consumer.position(p0)).toBe(1n);
  }
  consumer.seek(p0, 2n);
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['c']);
});

it('hands out what it has buffered before it resets a position that is out of range', async () => {
  await using broker = await startDevBroker(withoutSessions);
  await produce(broker, 't', numbers(100));
  await using consumer = consumerFor(broker, {
    ...impatient,
    'max.poll.records': '10',
    'auto.offset.reset': 'latest',
    'max.partition.fetch.bytes': '500',
  });
  consumer.subscribe(['t'], quiet);
  while (consumer.position(p0) === undefined) await consumer.poll(20);
  broker.control(keys.fetch, ({ body }) =>
    fetchOffsetOf(body) > 50n ? fetchAnswer(body, { errorCode: 1 }) : undefined,
  );
  consumer.seek(p0, 0n);
  const read = await pollUntil(consumer, ({ length }) => length >= 50);
  await sleep(100);
  read.push(...valuesOf(await consumer.poll(100)));
  expect(read).toEqual(numbers(read.length));
});

it.for([
  { policy: 'earliest', expected: ['old', 'young', 'next'] },
  { policy: 'latest', expected: ['next'] },
  { policy: 'by_duration:PT1H', expected: ['young', 'next'] },
  // Nothing is that young: what comes next is.
  { policy: 'by_duration:PT0S', expected: ['next'] },
])('starts a group without offsets by auto.offset.reset=$policy', async ({ policy, expected }) => {
  await using broker = await startDevBroker();
  await using producer = producerFor(broker);
  const ageMs = { old: 7_200_000, young: 60_000 };
  for (const [value, age] of Object.entries(ageMs)) {
    const timestamp = Date.now() - age;
    await sendAll(producer, [{ ...record('t', value), timestamp }], outcome());
    await producer.flush();
  }
  await using consumer = consumerFor(broker, { 'auto.offset.reset': policy });
  const read: string[] = [];
  consumer.subscribe(['t'], {
    ...quiet,
    onAssigned: async () => void (await consumer.positions()),
  });
  while (consumer.position(p0) === undefined) read.push(...valuesOf(await consumer.poll(10)));
  await produce(broker, 't', ['next']);
  read.push(...(await pollUntil(consumer, (values) => values.includes('next'))));
  expect(read).toEqual(expected);
});

it('rejects the poll with auto.offset.reset=none', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 't', numbers(3));
  await using consumer = consumerFor(broker, { 'auto.offset.reset': 'none' });
  consumer.subscribe(['t'], quiet);
  await expect(pollUntil(consumer, () => false, 3000)).rejects.toMatchObject({
    errorName: 'NO_OFFSET',
    message: 'Undefined offset with no reset policy for partitions: t-0',
  });
});

it('fails a fenced static member and does not take its place back', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 't', numbers(3));
  const identity = { ...impatient, 'group.instance.id': 'one', 'heartbeat.interval.ms': '50' };
  await using first = consumerFor(broker, identity);
  first.subscribe(['t'], quiet);
  await pollUntil(first, ({ length }) => length === 3);
  await using second = consumerFor(broker, identity);
  second.subscribe(['t'], quiet);
  while (second.assignment.length === 0) await second.poll(50);
  await expect(pollUntil(first, () => false, 3000)).rejects.toMatchObject({
    errorName: 'FENCED_INSTANCE_ID',
  });
});

it('closes in time though the broker does not answer, and tells the group that it leaves', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 't', numbers(3));
  const consumer = consumerFor(broker, impatient);
  let hangs = 0;
  const listener: RebalanceListener = {
    ...quiet,
    onRevoked: () => consumer.commit([{ ...p0, offset: 1n }]),
  };
  consumer.subscribe(['t'], listener);
  await pollUntil(consumer, ({ length }) => length === 3);
  broker.control(keys.offsetCommit, () => {
    hangs += 1;
    return { kind: 'delay', delayMs: 10_000 };
  });
  const startedAt = Date.now();
  await consumer.close(200);
  expect(Date.now() - startedAt).toBeLessThan(1500);
  expect(hangs).toBe(1);
});

it('lets another member take over at once after close', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 't', numbers(3));
  const first = consumerFor(broker);
  first.subscribe(['t'], quiet);
  await pollUntil(first, ({ length }) => length === 3);
  await first.close(0);
  await using second = consumerFor(broker);
  second.subscribe(['t'], quiet);
  const startedAt = Date.now();
  await pollUntil(second, ({ length }) => length === 3);
  expect(Date.now() - startedAt).toBeLessThan(3000);
});

function fetchOffsetOf(body: unknown): bigint {
  const { topics } = body as { topics: { partitions: { fetchOffset: bigint }[] }[] };
  return topics[0]?.partitions[0]?.fetchOffset ?? -1n;
}

/** Answers a fetch at or before `offset` with batches a, b and c, of which the one at `offset` has a byte flipped. */
function damaged(body: unknown, offset: bigint) {
  const from = fetchOffsetOf(body);
  if (from > offset) return undefined;
  const records = Buffer.concat(
    ['a', 'b', 'c'].flatMap((value, index) =>
      BigInt(index) < from ? [] : [batchOf(value, index, BigInt(index) === offset)],
    ),
  );
  return fetchAnswer(body, { records });
}

/** Answers the one partition that the request names. */
function fetchAnswer(body: unknown, facts: { errorCode?: number; records?: Buffer }) {
  const { topics } = body as { topics: { topic: string; topicId: string }[] };
  const { topic, topicId } = topics[0] ?? { topic: '', topicId: '' };
  const partition = {
    partitionIndex: 0,
    errorCode: 0,
    highWatermark: 3n,
    lastStableOffset: 3n,
    logStartOffset: 0n,
    abortedTransactions: null,
    preferredReadReplica: -1,
    records: null,
    ...facts,
  };
  const response = {
    throttleTimeMs: 0,
    errorCode: 0,
    sessionId: 0,
    responses: [{ topic, topicId, partitions: [partition] }],
    nodeEndpoints: [],
  };
  return { kind: 'answer', response } as const;
}

function batchOf(value: string, offset: number, isDamaged: boolean): Buffer {
  const builder = new RecordBatchBuilder({ maxBytes: 1000 });
  builder.append(1000, null, Buffer.from(value), []);
  const batch = Buffer.from(builder.close({ baseOffset: BigInt(offset) }));
  if (isDamaged) batch.writeUInt8(batch.readUInt8(67) ^ 0xff, 67);
  return batch;
}

it('tells a cooperative member of its loss though it is noticed on the way to a rebalance', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't', 2);
  await produce(broker, 't', numbers(10));
  await using consumer = consumerFor(broker, {
    ...impatient,
    'client.id': 'lost',
    'heartbeat.interval.ms': '50',
    'partition.assignment.strategy': 'cooperative-sticky',
  });
  const events: string[] = [];
  const note = (what: string) => (partitions: readonly TopicPartition[]) =>
    void events.push(`${what} ${partitions.length}`);
  consumer.subscribe(['t'], {
    onAssigned: note('assigned'),
    onRevoked: note('revoked'),
    onLost: note('lost'),
  });
  await pollUntil(consumer, ({ length }) => length === 10);
  await consumer.commit([{ ...p0, offset: 5n }]);
  const { memberId } = consumer.groupMetadata;
  let isRefreshing = false;
  broker.control(
    keys.metadata,
    ({ clientId }) => {
      if (clientId !== 'lost') return undefined;
      isRefreshing = true;
      return { kind: 'delay', delayMs: 1000 };
    },
    { times: 1 },
  );
  broker.control(keys.heartbeat, { kind: 'error', errorCode: 27 }, { times: 1 });
  while (!isRefreshing) await consumer.poll(20);
  await using admin = adminFor(broker);
  await admin.removeMembers([{ groupId: 'group', memberId }]);
  expect(await pollUntil(consumer, ({ length }) => length === 5)).toEqual(numbers(10).slice(5));
  expect(events).toEqual(['assigned 2', 'lost 2', 'assigned 2']);
});

it('does not make a topic again that matched a pattern and was deleted', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 'a1');
  await createTopic(broker, 'a2');
  await using consumer = consumerFor(broker, { ...impatient, 'metadata.max.age.ms': '100' });
  consumer.subscribe(/a.*/, quiet);
  while (consumer.assignment.length !== 2) await consumer.poll(50);
  await using admin = adminFor(broker);
  await admin.deleteTopics(['a2']);
  // The leader looks at what it assigned, and at what matches.
  for (let polls = 0; polls < 10; polls++) await consumer.poll(100);
  expect(consumer.assignment).toEqual([{ topic: 'a1', partition: 0 }]);
  expect(JSON.stringify(await admin.listTopics())).not.toContain('a2');
});

it('closes in time while it joins a group at a broker that says nothing', async () => {
  await using broker = await startDevBroker();
  const consumer = consumerFor(broker);
  let isAsked = false;
  broker.control(keys.metadata, () => {
    isAsked = true;
    return { kind: 'delay', delayMs: 5000 };
  });
  consumer.subscribe(['t'], quiet);
  while (!isAsked) await consumer.poll(20);
  const start = performance.now();
  await consumer.close(500);
  expect(performance.now() - start).toBeLessThan(2500);
});

it('does not try a commit again under a later generation, when others have committed since', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 't', numbers(5));
  await using consumer = consumerFor(broker, {
    'client.id': 'lost',
    'heartbeat.interval.ms': '50',
    'retry.backoff.ms': '3000',
    'retry.backoff.max.ms': '3000',
  });
  consumer.subscribe(['t'], quiet);
  await pollUntil(consumer, ({ length }) => length === 5);
  const { memberId } = consumer.groupMetadata;
  broker.control(keys.offsetCommit, { kind: 'error', errorCode: 16 }, { times: 1 });
  const committing = consumer.commit([{ ...p0, offset: 1n }]).then(
    () => 'committed',
    ({ errorName }: KafkaError) => errorName,
  );
  await sleep(100);
  await using admin = adminFor(broker);
  await admin.removeMembers([{ groupId: 'group', memberId }]);
  await using other = consumerFor(broker, impatient);
  other.subscribe(['t'], quiet);
  await pollUntil(other, ({ length }) => length === 5);
  await other.commit([{ ...p0, offset: 5n }]);
  await other.close(1000);
  const deadline = Date.now() + 2000;
  while (Date.now() < deadline) await consumer.poll(50);
  expect(consumer.position(p0)).toBe(5n);
  expect(await committing).toBe('REBALANCE_IN_PROGRESS');
  expect(await admin.listGroupOffsets('group')).toMatchObject([{ ...p0, offset: 5n }]);
});

it.for([
  { name: 'refused', spoil: { errorCode: 29, records: null } },
  { name: 'damaged', spoil: { records: Buffer.alloc(40, 7) } },
])(
  'waits to be heard, then backs off, when one partition is $name, and reads the others',
  async ({ spoil }) => {
    await using broker = await startDevBroker(withoutSessions);
    await createTopic(broker, 't', 2);
    await produce(broker, 't', ['bad'], 0);
    await produce(broker, 't', ['good'], 1);
    await using consumer = consumerFor(broker, { 'fetch.max.wait.ms': '50' });
    let asked = 0;
    broker.control(keys.fetch, ({ body }) => {
      const { topics } = body as { topics: readonly { partitions: readonly TopicPartition[] }[] };
      if (!topics.some(({ partitions }) => partitions.some(({ partition }) => partition === 0))) {
        return undefined;
      }
      asked += 1;
      return { kind: 'change', change: (answer) => spoilt(answer, spoil) };
    });
    consumer.subscribe(['t'], quiet);
    const read: string[] = [];
    let failures = 0;
    const poll = async (): Promise<void> => {
      try {
        read.push(...valuesOf(await consumer.poll(50)));
      } catch {
        failures += 1;
      }
    };
    while (asked === 0 || failures === 0) await poll();
    await poll();
    const before = asked;
    await sleep(500);
    expect(asked - before).toBeLessThan(4);
    await produce(broker, 't', ['more'], 1);
    const deadline = Date.now() + 10_000;
    while (!read.includes('more') && Date.now() < deadline) await poll();
    expect(read).toEqual(['good', 'more']);
  },
);

function spoilt(answer: unknown, change: object): unknown {
  const response = answer as { responses: { partitions: { partitionIndex: number }[] }[] };
  const responses = response.responses.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((each) =>
      each.partitionIndex === 0 ? { ...each, ...change } : each,
    ),
  }));
  return { ...response, responses };
}
