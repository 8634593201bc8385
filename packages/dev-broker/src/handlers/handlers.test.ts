import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  createPartitionsApi,
  createTopicsApi,
  deleteTopicsApi,
  describeConfigsApi,
  endTxnApi,
  errorCodes,
  fetchApi,
  incrementalAlterConfigsApi,
  initProducerIdApi,
  listOffsetsApi,
  metadataApi,
  offsetCommitApi,
  offsetFetchApi,
  produceApi,
  txnOffsetCommitApi,
} from '@tributary/wire';
import { describe, expect, it } from 'vitest';
import { createTestBroker, type TestBroker } from '../testing/create-broker.ts';
import { makeBatch } from '../testing/make-batch.ts';

async function createTopic(test: TestBroker, name = 't', configs: Record<string, string> = {}) {
  const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
  const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: entries };
  return (await test.call(createTopicsApi, 7, { topics: [topic] })).topics[0];
}

async function produce(test: TestBroker, records: Buffer, transactionalId: string | null = null) {
  const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
  const request = { transactionalId, acks: -1, timeoutMs: 1000, topicData };
  return (await test.call(produceApi, 9, request)).responses[0]?.partitionResponses[0];
}

async function fetch(
  test: TestBroker,
  fetchOffset: number,
  given: Partial<Record<string, number>> = {},
) {
  const partition = {
    partition: 0,
    fetchOffset: BigInt(fetchOffset),
    partitionMaxBytes: 1_000_000,
  };
  const topics = [{ topic: 't', partitions: [partition] }];
  const request = { maxWaitMs: 0, minBytes: 1, topics, ...given };
  return (await test.call(fetchApi, 11, request)).responses[0]?.partitions[0];
}

async function latest(test: TestBroker, isolationLevel = 0) {
  const topics = [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -1n }] }];
  const response = await test.call(listOffsetsApi, 5, { replicaId: -1, isolationLevel, topics });
  return response.topics[0]?.partitions[0]?.offset;
}

describe('Metadata', () => {
  it('makes a topic only where client and broker allow it', async () => {
    const test = createTestBroker({ 'num.partitions': 2 });
    const asked = { topics: [{ name: 'new' }] };
    const refused = await test.call(metadataApi, 9, { ...asked, allowAutoTopicCreation: false });
    expect(refused.topics[0]?.errorCode).toBe(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
    const made = await test.call(metadataApi, 9, asked);
    expect(made.topics[0]).toMatchObject({ errorCode: 0, name: 'new' });
    expect(made.topics[0]?.partitions).toHaveLength(2);
    const closed = createTestBroker({ 'auto.create.topics.enable': false });
    const unknown = await closed.call(metadataApi, 9, asked);
    expect(unknown.topics[0]?.errorCode).toBe(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
    const bad = await test.call(metadataApi, 9, { topics: [{ name: 'a b' }] });
    expect(bad.topics[0]?.errorCode).toBe(errorCodes.INVALID_TOPIC_EXCEPTION);
  });

  it('finds a topic by its id, with no name or an empty one beside it', async () => {
    const test = createTestBroker();
    await createTopic(test);
    const topicId = test.broker.topic('t')?.id as string;
    for (const name of [null, '']) {
      const { topics } = await test.call(metadataApi, 13, { topics: [{ topicId, name }] });
      expect(topics[0]).toMatchObject({ errorCode: 0, name: 't', topicId });
    }
    const other = { topicId: 'BBBBBBBBBBBBBBBBBBBBBA', name: '' };
    const { topics } = await test.call(metadataApi, 13, { topics: [other] });
    expect(topics[0]?.errorCode).toBe(errorCodes.UNKNOWN_TOPIC_ID);
  });
});

describe('CreateTopics', () => {
  it('names what is wrong with a topic and makes nothing', async () => {
    const test = createTestBroker();
    expect(await createTopic(test, 'a.b')).toMatchObject({ errorCode: 0, numPartitions: 1 });
    expect((await createTopic(test, 'a.b'))?.errorCode).toBe(errorCodes.TOPIC_ALREADY_EXISTS);
    expect((await createTopic(test, 'a_b'))?.errorCode).toBe(errorCodes.INVALID_TOPIC_EXCEPTION);
    expect(await createTopic(test, 'c', { 'retention.ms': 'soon' })).toMatchObject({
      errorCode: errorCodes.INVALID_CONFIG,
      errorMessage: expect.stringContaining('retention.ms'),
    });
    expect([...test.broker.state.topics.keys()]).toEqual(['a.b']);
  });
});

describe('DeleteTopics', () => {
  it('forgets records and committed offsets: a topic of the same name begins at 0', async () => {
    const test = createTestBroker();
    await createTopic(test);
    await produce(test, makeBatch(['a']));
    const removed = await test.call(deleteTopicsApi, 5, { topicNames: ['t', 'x'], timeoutMs: 0 });
    expect(removed.responses.map(({ errorCode }) => errorCode)).toEqual([0, 3]);
    await createTopic(test);
    expect(await latest(test)).toBe(0n);
  });
});

describe('Produce', () => {
  it('appends, and refuses damaged, oversized, empty and foreign batches one by one', async () => {
    const test = createTestBroker({ 'message.max.bytes': 500 });
    await createTopic(test);
    expect(await produce(test, makeBatch(['a', 'b']))).toMatchObject({
      errorCode: 0,
      baseOffset: 0n,
    });
    const damaged = makeBatch(['a']);
    damaged.writeUInt8(99, 65);
    expect((await produce(test, damaged))?.errorCode).toBe(errorCodes.CORRUPT_MESSAGE);
    expect((await produce(test, makeBatch(['x'.repeat(600)])))?.errorCode).toBe(
      errorCodes.MESSAGE_TOO_LARGE,
    );
    expect((await produce(test, Buffer.alloc(0)))?.errorCode).toBe(errorCodes.INVALID_RECORD);
    const two = Buffer.concat([makeBatch(['a']), makeBatch(['b'])]);
    expect((await produce(test, two))?.errorCode).toBe(errorCodes.INVALID_RECORD);
    expect(await latest(test)).toBe(2n);
  });

  it('answers a repeated idempotent batch with its first offset and writes it once', async () => {
    const test = createTestBroker();
    await createTopic(test);
    const { producerId } = await test.call(initProducerIdApi, 4, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    });
    const batch = (baseSequence: number) => {
      return makeBatch(['a'], { producerId, producerEpoch: 0, baseSequence });
    };
    await produce(test, makeBatch(['before']));
    expect((await produce(test, batch(0)))?.baseOffset).toBe(1n);
    expect((await produce(test, batch(0)))?.baseOffset).toBe(1n);
    expect((await produce(test, batch(2)))?.errorCode).toBe(
      errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER,
    );
    expect(await latest(test)).toBe(2n);
  });

  it('stamps batches of a topic with LogAppendTime so that their checksum stays right', async () => {
    const test = createTestBroker();
    await createTopic(test, 't', { 'message.timestamp.type': 'LogAppendTime' });
    const answer = await produce(test, makeBatch(['a'], { timestampMs: 5 }));
    expect(answer?.logAppendTimeMs).toBe(BigInt(test.clock.now()));
    const copy = createTestBroker({}, test.storage);
    expect((await fetch(copy, 0))?.records?.readBigInt64BE(35)).toBe(BigInt(test.clock.now()));
  });

  it('refuses a record without key where records are compacted', async () => {
    const test = createTestBroker();
    await createTopic(test, 't', { 'cleanup.policy': 'compact' });
    expect((await produce(test, makeBatch(['a'])))?.errorCode).toBe(errorCodes.INVALID_RECORD);
    expect((await produce(test, makeBatch(['k=a'])))?.errorCode).toBe(0);
  });

  it('answers a full disk with an error and takes the same batch when there is space', async () => {
    const test = createTestBroker();
    await createTopic(test);
    test.storage.isFull = true;
    expect((await produce(test, makeBatch(['a'])))?.errorCode).toBe(errorCodes.KAFKA_STORAGE_ERROR);
    test.storage.isFull = false;
    expect((await produce(test, makeBatch(['a'])))?.baseOffset).toBe(0n);
  });
});

describe('Fetch', () => {
  it('waits for records until its time is over, and is woken by a produce', async () => {
    const test = createTestBroker();
    await createTopic(test);
    const empty = fetch(test, 0, { maxWaitMs: 500 });
    test.clock.advance(500);
    expect((await empty)?.records).toHaveLength(0);
    const woken = fetch(test, 0, { maxWaitMs: 500 });
    await produce(test, makeBatch(['a']));
    expect((await woken)?.records?.length).toBeGreaterThan(0);
  });

  it('waits for minBytes over several batches', async () => {
    const test = createTestBroker();
    await createTopic(test);
    const size = makeBatch(['a']).length;
    let isDone = false;
    const waiting = fetch(test, 0, { maxWaitMs: 500, minBytes: size + 1 }).then((answer) => {
      isDone = true;
      return answer;
    });
    await produce(test, makeBatch(['a']));
    expect(isDone).toBe(false);
    await produce(test, makeBatch(['b']));
    expect((await waiting)?.records).toHaveLength(2 * size);
  });

  it('refuses offsets outside the log with its bounds', async () => {
    const test = createTestBroker();
    await createTopic(test);
    await produce(test, makeBatch(['a']));
    expect(await fetch(test, 2)).toMatchObject({
      errorCode: errorCodes.OFFSET_OUT_OF_RANGE,
      highWatermark: 1n,
      logStartOffset: 0n,
    });
  });
});

describe('configs', () => {
  it('are changed one by one, shown with their source, and kept', async () => {
    const test = createTestBroker();
    await createTopic(test, 't', { 'segment.bytes': '2000' });
    const configs = [
      { name: 'cleanup.policy', configOperation: 2, value: 'compact' },
      { name: 'segment.bytes', configOperation: 1, value: null },
    ];
    const resource = { resourceType: 2, resourceName: 't' };
    const altered = await test.call(incrementalAlterConfigsApi, 1, {
      resources: [{ ...resource, configs }],
      validateOnly: false,
    });
    expect(altered.responses[0]?.errorCode).toBe(0);
    const again = createTestBroker({}, test.storage);
    const configurationKeys = ['cleanup.policy', 'segment.bytes'];
    const shown = await again.call(describeConfigsApi, 4, {
      resources: [{ ...resource, configurationKeys }],
    });
    expect(shown.results[0]?.configs).toMatchObject([
      { name: 'cleanup.policy', value: 'delete,compact', configSource: 1 },
      { name: 'segment.bytes', value: '1073741824', configSource: 5 },
    ]);
  });
});

describe('OffsetCommit and OffsetFetch', () => {
  it('keep offsets with metadata over a restart and refuse unknown partitions alone', async () => {
    const test = createTestBroker();
    await createTopic(test);
    const commit = (partitionIndex: number) => {
      return {
        partitionIndex,
        committedOffset: 7n,
        committedMetadata: 'm',
        committedLeaderEpoch: 0,
      };
    };
    const committed = await test.call(offsetCommitApi, 8, {
      groupId: 'g',
      memberId: '',
      topics: [{ name: 't', partitions: [commit(0), commit(1)] }],
    });
    expect(committed.topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([0, 3]);
    const again = createTestBroker({}, test.storage);
    const fetched = await again.call(offsetFetchApi, 7, { groupId: 'g', topics: null });
    expect(fetched.topics).toMatchObject([
      { name: 't', partitions: [{ partitionIndex: 0, committedOffset: 7n, metadata: 'm' }] },
    ]);
    const none = await again.call(offsetFetchApi, 8, {
      groups: [{ groupId: 'g', topics: [{ name: 't', partitionIndexes: [5] }] }],
    });
    expect(none.groups[0]?.topics[0]?.partitions[0]?.committedOffset).toBe(-1n);
  });
});

describe('CreatePartitions', () => {
  it('takes assignments only where each new partition has one, to this broker', async () => {
    const test = createTestBroker();
    await createTopic(test);
    const raise = async (assignments: { brokerIds: number[] }[] | null) => {
      const topics = [{ name: 't', count: 3, assignments }];
      const request = { topics, timeoutMs: 1000, validateOnly: false };
      return (await test.call(createPartitionsApi, 3, request)).results[0]?.errorCode;
    };
    for (const wrong of [[], [{ brokerIds: [1] }], [{ brokerIds: [1] }, { brokerIds: [2] }]]) {
      expect(await raise(wrong)).toBe(errorCodes.INVALID_REPLICA_ASSIGNMENT);
    }
    expect(test.broker.topic('t')?.partitions).toBe(1);
    expect(await raise([{ brokerIds: [1] }, { brokerIds: [1] }])).toBe(0);
    expect(test.broker.topic('t')?.partitions).toBe(3);
  });
});

describe('transactions', () => {
  const id = { transactionalId: 'tx' };

  async function begin(test: TestBroker) {
    const request = { ...id, transactionTimeoutMs: 60_000 };
    const { producerId, producerEpoch, errorCode } = await test.call(initProducerIdApi, 4, request);
    expect(errorCode).toBe(0);
    return { producerId, producerEpoch };
  }

  type Producer = Awaited<ReturnType<typeof begin>>;

  async function add(test: TestBroker, producer: Producer) {
    const response = await test.call(addPartitionsToTxnApi, 3, {
      v3AndBelowTransactionalId: 'tx',
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: [{ name: 't', partitions: [0] }],
    });
    return response.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode;
  }

  function write(test: TestBroker, producer: Producer, baseSequence = 0) {
    return produce(
      test,
      makeBatch(['v'], { ...producer, baseSequence, isTransactional: true }),
      'tx',
    );
  }

  async function end(test: TestBroker, producer: Producer, committed: boolean) {
    return (await test.call(endTxnApi, 3, { ...id, ...producer, committed })).errorCode;
  }

  it('hold back readers of committed records until they end, and list what was aborted', async () => {
    const test = createTestBroker();
    await createTopic(test);
    const producer = await begin(test);
    expect((await write(test, producer))?.errorCode).toBe(errorCodes.INVALID_TXN_STATE);
    expect(await add(test, producer)).toBe(0);
    expect((await write(test, producer))?.errorCode).toBe(0);
    await produce(test, makeBatch(['beside']));
    expect(await latest(test, 1)).toBe(0n);
    expect((await fetch(test, 0, { isolationLevel: 1 }))?.records).toHaveLength(0);
    expect(await end(test, producer, false)).toBe(0);
    expect(await end(test, producer, false)).toBe(0);
    expect(await end(test, producer, true)).toBe(errorCodes.INVALID_TXN_STATE);
    expect(await latest(test, 1)).toBe(3n);
    const again = createTestBroker({}, test.storage);
    for (const one of [test, again]) {
      expect(await fetch(one, 0, { isolationLevel: 1 })).toMatchObject({
        lastStableOffset: 3n,
        abortedTransactions: [{ producerId: producer.producerId, firstOffset: 0n }],
      });
      expect((await fetch(one, 3, { isolationLevel: 1 }))?.abortedTransactions).toEqual([]);
    }
  });

  it('fence the former producer and abort what it left open', async () => {
    const test = createTestBroker();
    await createTopic(test);
    const former = await begin(test);
    await add(test, former);
    await write(test, former);
    const latter = await begin(test);
    expect(latter.producerId).toBe(former.producerId);
    expect(latter.producerEpoch).toBeGreaterThan(former.producerEpoch);
    expect(await latest(test, 1)).toBe(2n);
    expect(await end(test, former, true)).toBe(errorCodes.PRODUCER_FENCED);
    expect((await write(test, former, 1))?.errorCode).toBe(errorCodes.INVALID_PRODUCER_EPOCH);
    await add(test, latter);
    expect((await write(test, latter))?.errorCode).toBe(0);
    expect(await end(test, latter, true)).toBe(0);
  });

  it('give a producer that asks again for its next epoch the same answer', async () => {
    const test = createTestBroker();
    const former = await begin(test);
    const request = { ...id, ...former, transactionTimeoutMs: 60_000 };
    const first = await test.call(initProducerIdApi, 4, request);
    expect(first).toMatchObject({ errorCode: 0, producerEpoch: former.producerEpoch + 1 });
    expect(await test.call(initProducerIdApi, 4, request)).toEqual(first);
    await begin(test);
    const late = await test.call(initProducerIdApi, 4, request);
    expect(late.errorCode).toBe(errorCodes.PRODUCER_FENCED);
  });

  it('begin for an unknown id whatever its producer believes to be', async () => {
    const test = createTestBroker();
    const believed = { producerId: 0n, producerEpoch: 0, transactionTimeoutMs: 60_000 };
    const first = await test.call(initProducerIdApi, 5, { ...id, ...believed });
    expect(first).toMatchObject({ errorCode: 0, producerEpoch: 0 });
    const other = { ...id, ...believed, producerId: first.producerId + 1n };
    expect((await test.call(initProducerIdApi, 5, other)).errorCode).toBe(
      errorCodes.PRODUCER_FENCED,
    );
  });

  it('are aborted when they take longer than their producer said', async () => {
    const test = createTestBroker();
    await createTopic(test);
    const producer = await begin(test);
    await add(test, producer);
    await write(test, producer);
    test.clock.advance(60_000);
    expect(await latest(test, 1)).toBe(2n);
    expect(await end(test, producer, true)).toBe(errorCodes.PRODUCER_FENCED);
  });

  it('carry committed offsets only when they commit', async () => {
    const test = createTestBroker();
    await createTopic(test);
    const producer = await begin(test);
    const offsetOf = async (requireStable = false) => {
      const topics = [{ name: 't', partitionIndexes: [0] }];
      const answer = await test.call(offsetFetchApi, 7, { groupId: 'g', topics, requireStable });
      return answer.topics[0]?.partitions[0];
    };
    const commit = async (committedOffset: bigint) => {
      await test.call(addOffsetsToTxnApi, 3, { ...id, ...producer, groupId: 'g' });
      const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: '' }];
      const topics = [{ name: 't', partitions }];
      const request = { ...id, ...producer, groupId: 'g', topics };
      const answer = await test.call(txnOffsetCommitApi, 3, request);
      return answer.topics[0]?.partitions[0]?.errorCode;
    };
    expect(await commit(5n)).toBe(0);
    expect((await offsetOf())?.committedOffset).toBe(-1n);
    expect((await offsetOf(true))?.errorCode).toBe(errorCodes.UNSTABLE_OFFSET_COMMIT);
    expect(await end(test, producer, true)).toBe(0);
    expect((await offsetOf(true))?.committedOffset).toBe(5n);
    expect(await commit(9n)).toBe(0);
    expect(await end(test, producer, false)).toBe(0);
    expect((await offsetOf())?.committedOffset).toBe(5n);
  });

  it('finish what was decided when the disk was full in between', async () => {
    const test = createTestBroker();
    await createTopic(test);
    const producer = await begin(test);
    await add(test, producer);
    await write(test, producer);
    test.storage.isFull = true;
    expect(await end(test, producer, true)).toBe(errorCodes.COORDINATOR_NOT_AVAILABLE);
    test.storage.isFull = false;
    expect(await end(test, producer, true)).toBe(0);
    expect(await latest(test, 1)).toBe(2n);
  });
});
