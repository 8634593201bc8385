import {
  apiVersionsApi,
  createTopicsApi,
  endTxnApi,
  errorCodes,
  fetchApi,
  initProducerIdApi,
  offsetFetchApi,
  produceApi,
  txnOffsetCommitApi,
} from '@tributary/wire';
import { expect, it } from 'vitest';
import { createTestBroker, type TestBroker } from '../testing/create-broker.ts';
import { makeBatch } from '../testing/make-batch.ts';

const transactionalId = 'tx';

interface Producer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

async function begin(test: TestBroker): Promise<Producer> {
  const topic = { name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
  await test.call(createTopicsApi, 7, { topics: [topic] });
  return init(test);
}

async function init(test: TestBroker): Promise<Producer> {
  const asked = { transactionalId, transactionTimeoutMs: 1000 };
  const { producerId, producerEpoch } = await test.call(initProducerIdApi, 5, asked);
  return { producerId, producerEpoch };
}

async function write(test: TestBroker, producer: Producer, value: string, baseSequence = 0) {
  const records = makeBatch([value], { ...producer, baseSequence, isTransactional: true });
  const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
  const request = { transactionalId, acks: -1, timeoutMs: 1000, topicData };
  const { responses } = await test.call(produceApi, 12, request);
  return responses[0]?.partitionResponses[0]?.errorCode;
}

function end(test: TestBroker, producer: Producer, committed: boolean) {
  return test.call(endTxnApi, 5, { transactionalId, ...producer, committed });
}

async function commitOffset(test: TestBroker, producer: Producer, offset: bigint) {
  const partitions = [
    { partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: '' },
  ];
  const request = {
    transactionalId,
    groupId: 'g',
    ...producer,
    topics: [{ name: 't', partitions }],
  };
  const { topics } = await test.call(txnOffsetCommitApi, 5, request);
  return topics[0]?.partitions[0]?.errorCode;
}

async function lastStableOffset(test: TestBroker) {
  const partition = { partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 };
  const topics = [{ topic: 't', partitions: [partition] }];
  const request = { maxWaitMs: 0, minBytes: 1, isolationLevel: 1, topics };
  return (await test.call(fetchApi, 11, request)).responses[0]?.partitions[0]?.lastStableOffset;
}

it('is announced as a feature, unless the broker is told otherwise', async () => {
  const features = async (config: Record<string, number>) =>
    (await createTestBroker(config).call(apiVersionsApi, 3, {})).finalizedFeatures;
  expect(await features({})).toEqual([
    { name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 2 },
  ]);
  expect(await features({ 'transaction.version': 0 })).toEqual([]);
});

it('partitions and groups are added with what is sent, and each end raises the epoch', async () => {
  const test = createTestBroker();
  const first = await begin(test);
  expect(await write(test, first, 'a')).toBe(0);
  expect(await commitOffset(test, first, 5n)).toBe(0);
  expect(await lastStableOffset(test)).toBe(0n);
  const second = { ...first, producerEpoch: first.producerEpoch + 1 };
  expect(await end(test, first, true)).toMatchObject({ errorCode: 0, ...second });
  expect(await lastStableOffset(test)).toBe(2n);
  const groups = [{ groupId: 'g', topics: [{ name: 't', partitionIndexes: [0] }] }];
  const fetched = await test.call(offsetFetchApi, 8, { groups });
  expect(fetched.groups[0]?.topics[0]?.partitions[0]?.committedOffset).toBe(5n);
  expect(await write(test, second, 'b')).toBe(0);
  expect(await end(test, second, false)).toMatchObject({
    errorCode: 0,
    producerEpoch: first.producerEpoch + 2,
  });
});

it('what is late has an older epoch, and begins nothing', async () => {
  const test = createTestBroker();
  const first = await begin(test);
  await write(test, first, 'a');
  await end(test, first, true);
  expect(await write(test, first, 'late', 1)).toBe(errorCodes.INVALID_PRODUCER_EPOCH);
  expect(await commitOffset(test, first, 9n)).toBe(errorCodes.INVALID_PRODUCER_EPOCH);
  expect(await lastStableOffset(test)).toBe(2n);
});

it('nothing overtakes the first batch behind a raised epoch', async () => {
  const test = createTestBroker();
  const first = await begin(test);
  await write(test, first, 'a');
  const { producerId, producerEpoch } = await end(test, first, true);
  const second = { producerId, producerEpoch };
  expect(await write(test, second, 'c', 1)).toBe(errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER);
  expect(await write(test, second, 'b')).toBe(0);
  expect(await write(test, second, 'c', 1)).toBe(0);
});

it('an end that is repeated has the same answer, also after a restart, and another end is refused', async () => {
  const test = createTestBroker();
  const first = await begin(test);
  await write(test, first, 'a');
  const answer = await end(test, first, true);
  for (const one of [test, createTestBroker({}, test.storage)]) {
    expect(await end(one, first, true)).toEqual(answer);
    expect((await end(one, first, false)).errorCode).toBe(errorCodes.INVALID_TXN_STATE);
  }
});

it('an abort of nothing raises the epoch; a commit of nothing is refused', async () => {
  const test = createTestBroker();
  const first = await begin(test);
  expect((await end(test, first, true)).errorCode).toBe(errorCodes.INVALID_TXN_STATE);
  const { producerEpoch } = first;
  expect(await end(test, first, false)).toMatchObject({ producerEpoch: producerEpoch + 1 });
  expect(await end(test, first, false)).toMatchObject({ producerEpoch: producerEpoch + 1 });
});

it('a producer that another has replaced, or whose time was over, is fenced', async () => {
  const test = createTestBroker();
  const old = await begin(test);
  await write(test, old, 'a');
  const young = await init(test);
  for (const committed of [true, false]) {
    expect((await end(test, old, committed)).errorCode).toBe(errorCodes.PRODUCER_FENCED);
  }
  await write(test, young, 'b');
  test.clock.advance(1001);
  for (const committed of [true, false]) {
    expect((await end(test, young, committed)).errorCode).toBe(errorCodes.PRODUCER_FENCED);
  }
  expect(await write(test, young, 'c', 1)).toBe(errorCodes.INVALID_PRODUCER_EPOCH);
});

it('the last epoch is followed by another producer id', { timeout: 60_000 }, async () => {
  const test = createTestBroker();
  let producer = await begin(test);
  const { producerId } = producer;
  for (let ends = 0; producer.producerId === producerId; ends++) {
    expect(ends).toBeLessThan(33_000);
    const last = producer;
    producer = await end(test, last, false);
    if (producer.producerId !== producerId) {
      expect([last.producerEpoch, producer.producerEpoch]).toEqual([32_765, 0]);
      expect((await end(test, last, false)).producerId).toBe(producer.producerId);
    }
  }
});
