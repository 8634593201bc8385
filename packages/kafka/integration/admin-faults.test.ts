import { startDevBroker } from '@tributary/dev-broker';
import {
  deleteGroupsApi,
  describeConfigsApi,
  describeGroupsApi,
  errorCodes,
  findCoordinatorApi,
  listOffsetsApi,
  metadataApi,
} from '@tributary/wire';
import { expect, it } from 'vitest';
import { adminFor, createTopic } from './brokers.ts';

const quick = { 'retry.backoff.ms': '5', 'default.api.timeout.ms': '5000' };
const once = { times: 1 };
const p0 = { topic: 't', partition: 0 };

async function brokerWithGroup() {
  const broker = await startDevBroker();
  await createTopic(broker, 't');
  await using admin = adminFor(broker);
  await admin.alterGroupOffsets('g', [{ ...p0, offset: 0n }]);
  return broker;
}

it.each([
  { name: 'has moved', api: describeGroupsApi, errorCode: errorCodes.NOT_COORDINATOR },
  {
    name: 'is loading',
    api: describeGroupsApi,
    errorCode: errorCodes.COORDINATOR_LOAD_IN_PROGRESS,
  },
  {
    name: 'is not known yet',
    api: findCoordinatorApi,
    errorCode: errorCodes.COORDINATOR_NOT_AVAILABLE,
  },
])('looks for a coordinator that $name again', async ({ api, errorCode }) => {
  await using broker = await brokerWithGroup();
  await using admin = adminFor(broker, quick);
  broker.control(api.key, { kind: 'error', errorCode }, once);
  expect([...(await admin.describeGroups(['g'])).keys()]).toEqual(['g']);
});

it('looks for a leader that has moved again', async () => {
  await using broker = await brokerWithGroup();
  await using admin = adminFor(broker, quick);
  const errorCode = errorCodes.NOT_LEADER_OR_FOLLOWER;
  broker.control(listOffsetsApi.key, { kind: 'error', errorCode }, once);
  expect(await admin.listOffsets([p0], 'latest')).toEqual([{ ...p0, offset: 0n }]);
});

it('has deleted a group whose answer was lost', async () => {
  await using broker = await brokerWithGroup();
  await using admin = adminFor(broker, quick);
  broker.control(deleteGroupsApi.key, { kind: 'lose-answer' }, once);
  await admin.deleteGroups(['g']);
  expect(await admin.listGroups()).toEqual([]);
});

it.each([
  { name: 'is not known yet', api: findCoordinatorApi, errorCode: 15 },
  { name: 'is loading', api: deleteGroupsApi, errorCode: 14 },
])('has not deleted a group that was never there, though its coordinator $name', async (fault) => {
  await using broker = await brokerWithGroup();
  await using admin = adminFor(broker, quick);
  broker.control(fault.api.key, { kind: 'error', errorCode: fault.errorCode }, once);
  expect(await admin.deleteGroup('nobody')).toBe(false);
});

it('tries as often as retries says', async () => {
  await using broker = await brokerWithGroup();
  await using admin = adminFor(broker, { ...quick, retries: '1' });
  const resource = { type: 'TOPIC', name: 't' } as const;
  const fault = { kind: 'error', errorCode: errorCodes.REQUEST_TIMED_OUT } as const;
  broker.control(describeConfigsApi.key, fault, once);
  expect(await admin.describeConfigs([resource])).toHaveLength(1);
  broker.control(describeConfigsApi.key, fault, { times: 2 });
  await expect(admin.describeConfigs([resource])).rejects.toMatchObject({
    errorName: 'REQUEST_TIMED_OUT',
  });
});

it('ends a call with the reason of its signal, and when the client is closed', async () => {
  await using broker = await brokerWithGroup();
  const admin = adminFor(broker, quick);
  const delay = { kind: 'delay', delayMs: 60_000 } as const;
  broker.control(metadataApi.key, delay);
  await expect(admin.describeTopics(['t'], AbortSignal.timeout(50))).rejects.toThrow('timeout');
  const call = admin.listOffsets([p0], 'latest');
  setTimeout(() => void admin.close(), 50);
  await expect(call).rejects.toMatchObject({ errorName: 'CLOSED' });
});
