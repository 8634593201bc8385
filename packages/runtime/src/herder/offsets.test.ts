import type { Admin, TopicPartitionOffset } from '@tributary/kafka';
import { describe, expect, test } from 'vitest';
import type { HostPool } from '../hosts/host-pool-api.ts';
import { MemoryOffsetStore } from '../storage/memory-offset-store.ts';
import { testLoader } from '../testing/test-plugins.ts';
import type { ConnectorOffset } from './herder.ts';
import {
  modifySinkOffsets,
  modifySourceOffsets,
  type OffsetsContext,
  readOffsets,
} from './offsets.ts';

const source = { name: 'c', 'connector.class': 'test.Source' };
const sink = { name: 'c', 'connector.class': 'test.Sink' };

describe('offsets of a source', () => {
  test('are those of the store', async () => {
    const { context, store } = setUp();
    store.set('c', { file: 'a' }, { position: 1 });
    store.set('other', { file: 'b' }, { position: 2 });
    expect(await readOffsets('c', source, context)).toEqual([
      { partition: { file: 'a' }, offset: { position: 1 } },
    ]);
  });

  test('are written after the connector has agreed, and reset by null', async () => {
    const { context, store } = setUp();
    store.set('c', { file: 'a' }, { position: 1 });
    store.set('c', { file: 'b' }, { position: 2 });
    const changes = [
      { partition: { file: 'a' }, offset: { position: 7 } },
      { partition: { file: 'b' }, offset: null },
    ];
    expect(await modifySourceOffsets('c', source, changes, context)).toBe(
      'The offsets for this connector have been altered successfully',
    );
    expect(await store.list('c')).toEqual([{ partition: { file: 'a' }, offset: { position: 7 } }]);
  });

  test('stay as they are when the connector refuses', async () => {
    const { context, store } = setUp({ refusal: new Error('no such file') });
    store.set('c', { file: 'a' }, { position: 1 });
    const change = [{ partition: { file: 'a' }, offset: { position: 7 } }];
    await expect(modifySourceOffsets('c', source, change, context)).rejects.toThrow('no such file');
    await expect(modifySourceOffsets('c', source, null, context)).rejects.toThrow('no such file');
    expect((await store.list('c'))[0]?.offset).toEqual({ position: 1 });
  });

  test('that nobody vouches for are answered with the warning', async () => {
    const { context } = setUp({ isVouchedFor: false });
    expect(await modifySourceOffsets('c', source, null, context)).toMatch(
      /^The Connect framework-managed offsets .* have been reset successfully\. However/,
    );
  });

  test('of another shape are refused before the connector is asked', async () => {
    const { context, asked } = setUp();
    const change = [{ partition: { file: { nested: 1 } }, offset: null }];
    await expect(modifySourceOffsets('c', source, change, context)).rejects.toThrow(
      'field file contains MAP',
    );
    expect(asked).toEqual([]);
  });
});

describe('offsets of a sink', () => {
  const committed = [{ topic: 't', partition: 0, offset: 5n }];

  test('are those of its consumer group', async () => {
    const { context, calls } = setUp({ committed });
    expect(await readOffsets('c', sink, context)).toEqual([
      { partition: { kafka_topic: 't', kafka_partition: 0 }, offset: { kafka_offset: 5 } },
    ]);
    expect(calls).toEqual(['list connect-c', 'close']);
  });

  test.each([
    [{ ...sink, 'consumer.override.group.id': 'own' }, undefined, 'own'],
    [sink, 'common', 'common'],
    [sink, undefined, 'connect-c'],
  ])('are those of the group that its clients use', async (config, consumerGroupId, group) => {
    const { context, calls } = setUp({ committed, consumerGroupId });
    await readOffsets('c', config, context);
    expect(calls[0]).toBe(`list ${group}`);
  });

  test('are set and forgotten as asked, numbers also as text', async () => {
    const { context, calls, asked } = setUp();
    const changes = [change('t', '1', { kafka_offset: '20' }), change('t', 0, null)];
    await modifySinkOffsets('c', sink, changes, context);
    expect(asked).toEqual([
      { topic: 't', partition: 1, offset: 20n },
      { topic: 't', partition: 0, offset: null },
    ]);
    expect(calls).toEqual(['alter connect-c t-1=20', 'forget connect-c t-0', 'close']);
  });

  test('are reset by deleting the group', async () => {
    const { context, calls, asked } = setUp({ committed });
    await modifySinkOffsets('c', sink, null, context);
    expect(asked).toEqual([{ topic: 't', partition: 0, offset: null }]);
    expect(calls).toEqual(['list connect-c', 'delete connect-c', 'close']);
  });

  test.each([
    [change(null, 0, null), 'Kafka topic names must be valid strings and may not be null'],
    [change('t', null, null), 'Kafka partitions must be valid numbers and may not be null'],
    [change('t', 'x', null), "partition value in the provided offsets: 'x'"],
    [change('t', 1.5, null), "partition value in the provided offsets: '1.5'"],
    [change('t', 0, { kafka_offset: 'x' }), "offset value in the provided offsets: 'x'"],
    [change('t', 0, { kafka_offset: null }), "offset value in the provided offsets: 'null'"],
    [change('t', 0, {}), "should either be null or contain the key 'kafka_offset'"],
    [{ partition: { kafka_topic: 't' }, offset: null }, "'kafka_topic' and 'kafka_partition'"],
    [{ partition: null, offset: null }, 'cannot be null or missing'],
  ])('of another shape are refused: %j', async (wrong, message) => {
    const { context, calls } = setUp();
    const answer = modifySinkOffsets('c', sink, [wrong], context);
    await expect(answer).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(message),
    });
    expect(calls).toEqual([]);
  });

  test('of a partition that is not there are refused, and nothing is set', async () => {
    const { context, calls } = setUp();
    const changes = [change('t', 0, { kafka_offset: 1 }), change('t', 9, { kafka_offset: 1 })];
    await expect(modifySinkOffsets('c', sink, changes, context)).rejects.toThrow(
      'Failed to alter consumer group offsets for connector c',
    );
    expect(calls).toEqual(['close']);
  });

  test('of a group that still has members are refused with the reason', async () => {
    const failure = Object.assign(new Error('x'), { errorName: 'NON_EMPTY_GROUP' });
    const { context, calls } = setUp({ failure });
    await expect(modifySinkOffsets('c', sink, null, context)).rejects.toThrow(
      "because its tasks haven't stopped completely yet",
    );
    expect(calls.at(-1)).toBe('close');
  });

  test('that cannot be read say for which connector', async () => {
    const { context, calls } = setUp({ failure: new Error('no broker') });
    await expect(readOffsets('c', sink, context)).rejects.toMatchObject({
      status: 500,
      message: 'Failed to retrieve consumer group offsets for sink connector c',
    });
    expect(calls.at(-1)).toBe('close');
  });
});

function change(topic: unknown, partition: unknown, offset: object | null): ConnectorOffset {
  return {
    partition: { kafka_topic: topic, kafka_partition: partition },
    offset: offset as ConnectorOffset['offset'],
  };
}

/** Kafka has topic "t" with two partitions; `failure` is what every call but `close` ends with. */
function setUp(
  facts: {
    committed?: TopicPartitionOffset[];
    failure?: Error;
    refusal?: Error;
    isVouchedFor?: boolean;
    consumerGroupId?: string | undefined;
  } = {},
) {
  const calls: string[] = [];
  const asked: unknown[] = [];
  const store = new MemoryOffsetStore();
  const perhaps = async (call: string): Promise<void> => {
    calls.push(call);
    if (facts.failure !== undefined) throw facts.failure;
  };
  const admin: Partial<Admin> = {
    async listGroupOffsets(group) {
      await perhaps(`list ${group}`);
      return facts.committed ?? [];
    },
    describeTopics: async () => {
      const placed = { leader: 0, replicas: [0], isr: [0], offlineReplicas: [] };
      const partitions = [0, 1].map((partition) => ({ partition, ...placed }));
      return new Map([['t', { topicId: '', isInternal: false, partitions }]]);
    },
    alterGroupOffsets: (group, offsets) =>
      perhaps(
        `alter ${group} ${offsets.map((each) => `${each.topic}-${each.partition}=${each.offset}`).join()}`,
      ),
    deleteGroupOffsets: (group, partitions) =>
      perhaps(
        `forget ${group} ${partitions.map((each) => `${each.topic}-${each.partition}`).join()}`,
      ),
    async deleteGroup(group) {
      await perhaps(`delete ${group}`);
      return true;
    },
    async close() {
      calls.push('close');
    },
  };
  const context: OffsetsContext = {
    workerId: 'w',
    offsets: store,
    registry: testLoader().registry,
    consumerGroupId: facts.consumerGroupId,
    createAdmin: () => admin as Admin,
    pool: {
      async callAside(_kind: string, body: { offsets: unknown[] }) {
        asked.push(...body.offsets);
        if (facts.refusal !== undefined) throw facts.refusal;
        return { isVouchedFor: facts.isVouchedFor ?? true };
      },
    } as unknown as HostPool,
  };
  return { context, store, calls, asked };
}
