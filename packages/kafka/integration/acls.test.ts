import { type AclBinding, PartialError } from '@tributary/kafka';
import {
  type ApacheKafka,
  missingForApacheKafka,
  requireOrSkip,
  startApacheKafka,
} from '@tributary/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminFor, createTopic } from './brokers.ts';

const missing = await missingForApacheKafka();
const isAvailable = requireOrSkip('Apache Kafka', missing === null, missing ?? '');

/** The broker learns what its controller did a moment after the answer. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000 });

const read: AclBinding = {
  resourceType: 'TOPIC',
  resourceName: 'orders',
  patternType: 'LITERAL',
  principal: 'User:alice',
  host: '*',
  operation: 'READ',
  permission: 'ALLOW',
};
const write: AclBinding = {
  ...read,
  resourceName: 'ord',
  patternType: 'PREFIXED',
  operation: 'WRITE',
  permission: 'DENY',
};

describe.runIf(isAvailable)('with the authorizer of Apache Kafka, the admin client', () => {
  let broker: ApacheKafka;
  beforeAll(async () => {
    broker = await startApacheKafka({
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    });
  });
  afterAll(() => broker?.[Symbol.asyncDispose]());

  it('creates, finds and deletes ACLs; one that is wrong costs no other', async () => {
    await using admin = adminFor(broker);
    const wrong = { ...read, principal: 'alice' };
    const error = await admin.createAcls([read, wrong, write]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PartialError);
    const { failures } = error as PartialError;
    expect([...failures].map(([index, { errorName }]) => [index, errorName])).toEqual([
      ['1', 'INVALID_REQUEST'],
    ]);
    await eventually(() => admin.describeAcls({})).toHaveLength(2);
    const found = await admin.describeAcls({});
    expect(found).toEqual(expect.arrayContaining([read, write]));
    expect(await admin.describeAcls({ permission: 'DENY' })).toEqual([write]);
    expect(await admin.describeAcls({ principal: 'User:bob' })).toEqual([]);
    const applying = {
      resourceType: 'TOPIC',
      resourceName: 'orders',
      patternType: 'MATCH',
    } as const;
    expect(await admin.describeAcls(applying)).toHaveLength(2);
    expect(await admin.deleteAcls([{ operation: 'READ' }, { principal: 'User:bob' }])).toEqual([
      read,
    ]);
    await eventually(() => admin.describeAcls({})).toEqual([write]);
    expect(await admin.deleteAcls([{}])).toEqual([write]);
  });

  it('tells which operations are allowed, where it is asked', async () => {
    await using admin = adminFor(broker);
    await createTopic(broker, 'allowed');
    const asked = { includeAuthorizedOperations: true };
    await eventually(async () => (await admin.describeTopics(['allowed'])).size).toBe(1);
    const topics = await admin.describeTopics(['allowed'], undefined, asked);
    expect(topics.get('allowed')?.authorizedOperations?.toSorted()).toEqual([
      'ALTER',
      'ALTER_CONFIGS',
      'CREATE',
      'DELETE',
      'DESCRIBE',
      'DESCRIBE_CONFIGS',
      'READ',
      'WRITE',
    ]);
    const cluster = await admin.describeCluster(undefined, asked);
    expect(cluster.authorizedOperations).toContain('CLUSTER_ACTION');
    await admin.alterGroupOffsets('g', [{ topic: 'allowed', partition: 0, offset: 0n }]);
    const groups = await admin.describeGroups(['g'], undefined, asked);
    expect(groups.get('g')?.authorizedOperations?.toSorted()).toEqual([
      'ALTER_CONFIGS',
      'DELETE',
      'DESCRIBE',
      'DESCRIBE_CONFIGS',
      'READ',
    ]);
    expect((await admin.describeCluster()).authorizedOperations).toBeUndefined();
  });
});
