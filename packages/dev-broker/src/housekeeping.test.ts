import {
  errorCodes,
  joinGroupApi,
  listGroupsApi,
  offsetCommitApi,
  offsetFetchApi,
} from '@tributary/wire';
import { describe, expect, it } from 'vitest';
import { removeOld } from './housekeeping.ts';
import { createTestBroker, type TestBroker } from './testing/create-broker.ts';
import { makeBatch } from './testing/make-batch.ts';
import { createTopic } from './topics.ts';
import { resumeTransactions } from './transactions/coordinator.ts';

async function commitOffset(test: TestBroker): Promise<void> {
  const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: '' }];
  const topics = [{ name: 't', partitions }];
  await test.call(offsetCommitApi, 8, { groupId: 'g', memberId: '', topics });
}

async function groupsOf(test: TestBroker): Promise<string[]> {
  const { groups } = await test.call(listGroupsApi, 5, { statesFilter: [], typesFilter: [] });
  return groups.map(({ groupId }) => groupId);
}

describe('housekeeping', () => {
  it('keeps the offsets of a group without members for their time, then forgets the group', async () => {
    const test = createTestBroker({ 'offsets.retention.minutes': 10 });
    createTopic(test.broker, 't', 1, {});
    await commitOffset(test);
    test.clock.advance(599_999);
    removeOld(test.broker);
    const again = createTestBroker({ 'offsets.retention.minutes': 10 }, test.storage, test.clock);
    expect(await groupsOf(again)).toEqual(['g']);
    test.clock.advance(600_001);
    removeOld(again.broker);
    expect(await groupsOf(again)).toEqual([]);
    const asked = { groupId: 'g', topics: [{ name: 't', partitionIndexes: [0] }] };
    const { topics } = await again.call(offsetFetchApi, 7, asked);
    expect(topics[0]?.partitions[0]?.committedOffset).toBe(-1n);
  });

  it('leaves no group behind for a member that was refused', async () => {
    const test = createTestBroker();
    const answer = await test.call(joinGroupApi, 5, {
      groupId: 'g',
      sessionTimeoutMs: 1,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    });
    expect(answer.errorCode).toBe(errorCodes.INVALID_SESSION_TIMEOUT);
    expect(await groupsOf(test)).toEqual([]);
  });
});

describe('a start', () => {
  it('carries out the end of a transaction that was decided before a crash', () => {
    const test = createTestBroker();
    createTopic(test.broker, 't', 1, {});
    const producer = { producerId: 7n, producerEpoch: 0, baseSequence: 0, isTransactional: true };
    test.broker.log('t', 0)?.append(makeBatch(['v'], producer));
    const offset = { groupId: 'g', topic: 't', partition: 0, offset: 3, leaderEpoch: 0 };
    test.broker.commit([
      {
        type: 'transaction',
        transactionalId: 'tx',
        producerId: 7,
        producerEpoch: 0,
        lastProducer: null,
        timeoutMs: 60_000,
        status: 'PrepareCommit',
        lastOutcome: null,
        startedMs: test.clock.now(),
        changedMs: test.clock.now(),
        partitions: [['t', 0]],
        groups: ['g'],
        pendingOffsets: [{ ...offset, metadata: '', committedMs: test.clock.now() }],
      },
    ]);
    const { broker } = createTestBroker({}, test.storage);
    expect(broker.log('t', 0)?.lastStableOffset).toBe(0);
    resumeTransactions(broker);
    expect(broker.log('t', 0)?.lastStableOffset).toBe(2);
    expect(broker.state.offsets.get('g')?.get('t')?.get(0)?.offset).toBe(3);
    expect(broker.state.transactions.get('tx')?.status).toBe('Empty');
  });
});
