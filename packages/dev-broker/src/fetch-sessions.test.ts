import {
  createPartitionsApi,
  createTopicsApi,
  deleteTopicsApi,
  errorCodes,
  fetchApi,
  produceApi,
} from '@tributary/wire';
import { describe, expect, it } from 'vitest';
import { createTestBroker, type TestBroker } from './testing/create-broker.ts';
import { makeBatch } from './testing/make-batch.ts';

async function createTopic(test: TestBroker, name: string, numPartitions = 1): Promise<string> {
  const topics = [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }];
  await test.call(createTopicsApi, 7, { topics });
  return test.broker.topic(name)?.id as string;
}

async function produce(test: TestBroker, name: string, index = 0): Promise<void> {
  const topicData = [{ name, partitionData: [{ index, records: makeBatch(['x', 'y']) }] }];
  await test.call(produceApi, 9, { transactionalId: null, acks: -1, timeoutMs: 1000, topicData });
}

type Asked = readonly [topic: string, partition: number, offset: number];

/** By name, or with version 13 by id. */
async function fetch(
  test: TestBroker,
  [sessionId, sessionEpoch]: readonly [id: number, epoch: number],
  asked: readonly Asked[] = [],
  forgotten: readonly Asked[] = [],
  version = 12,
) {
  const nameOf = (topic: string) => (version >= 13 ? { topicId: topic } : { topic });
  const response = await test.call(fetchApi, version, {
    maxWaitMs: 0,
    minBytes: 1,
    sessionId,
    sessionEpoch,
    topics: asked.map(([topic, partition, offset]) => ({
      ...nameOf(topic),
      partitions: [{ partition, fetchOffset: BigInt(offset), partitionMaxBytes: 10_000 }],
    })),
    forgottenTopicsData: forgotten.map(([topic, partition]) => ({
      ...nameOf(topic),
      partitions: [partition],
    })),
  });
  const told = response.responses.flatMap(({ topic, topicId, partitions }) =>
    partitions.map(({ partitionIndex, errorCode }) => [
      `${version >= 13 ? topicId : topic}-${partitionIndex}`,
      errorCode,
    ]),
  );
  return { errorCode: response.errorCode, id: response.sessionId, told };
}

describe('a fetch session', () => {
  it('answers what is new alone: records, another start or end of the log, errors each time', async () => {
    const test = createTestBroker();
    await createTopic(test, 'a', 2);
    const asked = [
      ['a', 0, 0],
      ['a', 1, 0],
      ['gone', 0, 0],
    ] as const;
    const unknown = ['gone-0', errorCodes.UNKNOWN_TOPIC_OR_PARTITION];
    const { id, told } = await fetch(test, [0, 0], asked);
    expect(told).toEqual([['a-0', 0], ['a-1', 0], unknown]);
    expect((await fetch(test, [id, 1])).told).toEqual([unknown]);
    await produce(test, 'a', 1);
    expect((await fetch(test, [id, 2])).told).toEqual([['a-1', 0], unknown]);
    // The client has them and asks for what follows; there is nothing.
    expect((await fetch(test, [id, 3], [['a', 1, 2]])).told).toEqual([unknown]);
    await createTopic(test, 'gone');
    expect((await fetch(test, [id, 4])).told).toEqual([['gone-0', 0]]);
    expect((await fetch(test, [id, 5])).told).toEqual([]);
    test.broker.log('a', 1)?.deleteBefore(1);
    expect((await fetch(test, [id, 6])).told).toEqual([['a-1', 0]]);
  });

  it('takes partitions in and forgets them, and ends when it has none', async () => {
    const test = createTestBroker();
    await createTopic(test, 'a', 3);
    for (const partition of [0, 1, 2]) await produce(test, 'a', partition);
    const { id } = await fetch(test, [0, 0], [['a', 0, 0]]);
    expect((await fetch(test, [id, 1], [['a', 1, 0]], [['a', 0, 0]])).told).toEqual([['a-1', 0]]);
    expect(await fetch(test, [id, 2], [], [['a', 1, 0]])).toEqual({
      errorCode: 0,
      id: 0,
      told: [],
    });
    expect(test.broker.fetchSessions.size).toBe(0);
  });

  it('reads what had records behind the others the next time', async () => {
    const test = createTestBroker();
    await createTopic(test, 'a', 2);
    for (const partition of [0, 1]) await produce(test, 'a', partition);
    const both = [
      ['a', 0, 0],
      ['a', 1, 0],
    ] as const;
    const { id } = await fetch(test, [0, 0], both);
    const first = await fetch(test, [id, 1]);
    expect(first.told.map(([name]) => name)).toEqual(['a-0', 'a-1']);
    await fetch(test, [id, 2], [['a', 1, 2]]);
    const next = await fetch(test, [id, 3], [['a', 1, 0]]);
    expect(next.told.map(([name]) => name)).toEqual(['a-1', 'a-0']);
  });

  it('is refused with an epoch that is not the next one, an id that is not known, or other names', async () => {
    const test = createTestBroker();
    const topicId = await createTopic(test, 'a');
    const { id } = await fetch(test, [0, 0], [['a', 0, 0]]);
    expect(await fetch(test, [id, 3])).toMatchObject({
      errorCode: errorCodes.INVALID_FETCH_SESSION_EPOCH,
      told: [],
    });
    expect(await fetch(test, [id + 1, 1])).toMatchObject({
      errorCode: errorCodes.FETCH_SESSION_ID_NOT_FOUND,
      id: 0,
    });
    expect(await fetch(test, [id, 1], [[topicId, 0, 0]], [], 13)).toMatchObject({
      errorCode: errorCodes.FETCH_SESSION_TOPIC_ID_ERROR,
    });
    expect(await fetch(test, [id, 1])).toMatchObject({ errorCode: 0, id });
  });

  it('gives way to the one that its client begins in its place, and ends with epoch -1', async () => {
    const test = createTestBroker();
    await createTopic(test, 'a');
    const { id } = await fetch(test, [0, 0], [['a', 0, 0]]);
    const { id: second } = await fetch(test, [id, 0], [['a', 0, 0]]);
    expect(second).not.toBe(id);
    expect(test.broker.fetchSessions.size).toBe(1);
    expect(await fetch(test, [second, -1])).toEqual({ errorCode: 0, id: 0, told: [] });
    expect(test.broker.fetchSessions.size).toBe(0);
  });

  it('knows its topics by id from version 13 on: one that was made again is another', async () => {
    const test = createTestBroker();
    const before = await createTopic(test, 'a');
    const { id } = await fetch(test, [0, 0], [[before, 0, 0]], [], 13);
    await test.call(deleteTopicsApi, 5, { topicNames: ['a'], timeoutMs: 1000 });
    const after = await createTopic(test, 'a');
    const unknown = [[`${before}-0`, errorCodes.UNKNOWN_TOPIC_ID]];
    expect((await fetch(test, [id, 1], [], [], 13)).told).toEqual(unknown);
    const replaced = await fetch(test, [id, 2], [[after, 0, 0]], [[before, 0, 0]], 13);
    expect(replaced.told).toEqual([[`${after}-0`, 0]]);
  });

  it('waits for the records of all its partitions, though the request names none', async () => {
    const test = createTestBroker();
    await createTopic(test, 'a');
    const { id } = await fetch(test, [0, 0], [['a', 0, 0]]);
    const request = { maxWaitMs: 500, minBytes: 1, sessionId: id, sessionEpoch: 1, topics: [] };
    const waiting = test.call(fetchApi, 12, request);
    await produce(test, 'a');
    expect((await waiting).responses[0]?.partitions[0]?.records?.length).toBeGreaterThan(0);
  });
});

describe('the place for fetch sessions', () => {
  it('is bounded: who finds none gets all answers in full', async () => {
    const test = createTestBroker({ 'max.incremental.fetch.session.cache.slots': 2 });
    await createTopic(test, 'a');
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push((await fetch(test, [0, 0], [['a', 0, 0]])).id);
    expect(ids.map((id) => id > 0)).toEqual([true, true, false]);
    expect(test.broker.fetchSessions.size).toBe(2);
  });

  it('is taken from the one that was not used for long', async () => {
    const test = createTestBroker({ 'max.incremental.fetch.session.cache.slots': 2 });
    await createTopic(test, 'a');
    const { id: stale } = await fetch(test, [0, 0], [['a', 0, 0]]);
    const { id: used } = await fetch(test, [0, 0], [['a', 0, 0]]);
    test.clock.advance(119_000);
    await fetch(test, [used, 1]);
    test.clock.advance(2_000);
    expect((await fetch(test, [0, 0], [['a', 0, 0]])).id).toBeGreaterThan(0);
    expect((await fetch(test, [stale, 1])).errorCode).toBe(errorCodes.FETCH_SESSION_ID_NOT_FOUND);
    expect((await fetch(test, [used, 2])).errorCode).toBe(0);
  });

  it('is taken from an old one by one that has more partitions', async () => {
    const test = createTestBroker({ 'max.incremental.fetch.session.cache.slots': 1 });
    await createTopic(test, 'a');
    const more = { topics: [{ name: 'a', count: 2, assignments: null }], timeoutMs: 1000 };
    await test.call(createPartitionsApi, 3, { ...more, validateOnly: false });
    const { id } = await fetch(test, [0, 0], [['a', 0, 0]]);
    test.clock.advance(119_000);
    await fetch(test, [id, 1]);
    test.clock.advance(2_000);
    expect((await fetch(test, [0, 0], [['a', 0, 0]])).id).toBe(0);
    const two = [
      ['a', 0, 0],
      ['a', 1, 0],
    ] as const;
    expect((await fetch(test, [0, 0], two)).id).toBeGreaterThan(0);
  });
});
