import {
  addPartitionsToTxnApi,
  apiVersionsApi,
  encodeRequest,
  errorCodes,
  fetchApi,
  heartbeatApi,
  metadataApi,
  produceApi,
} from '@tributary/wire';
import { expect, it } from 'vitest';
import { startDevBroker } from '../src/index.ts';
import { makeBatch } from '../src/testing/make-batch.ts';
import { connectRaw } from './raw-client.ts';

const produceRequest = (value: string) => ({
  acks: -1,
  timeoutMs: 1000,
  topicData: [{ name: 't', partitionData: [{ index: 0, records: makeBatch([value]) }] }],
});
const askForTopic = { topics: [{ name: 't' }] };

it('answers at once after its start when it is embedded', async () => {
  const durations: number[] = [];
  for (let round = 0; round < 10; round++) {
    const before = performance.now();
    await using broker = await startDevBroker();
    using client = await connectRaw(broker.port);
    await client.send(metadataApi, 9, askForTopic);
    durations.push(performance.now() - before);
  }
  // A busy machine may hold up some of them.
  expect(Math.min(...durations)).toBeLessThan(50);
});

it('keeps fetch sessions over the connections of a client', async () => {
  await using broker = await startDevBroker();
  const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1000 }];
  const request = { maxWaitMs: 0, minBytes: 0, topics: [{ topic: 't', partitions }] };
  const begun = await openSession();
  expect(begun).toMatchObject({ errorCode: 0, sessionId: expect.any(Number) });
  expect(begun.responses).toHaveLength(1);
  using client = await connectRaw(broker.port);
  const { sessionId } = begun;
  const next = await client.send(fetchApi, 12, {
    ...request,
    topics: [],
    sessionId,
    sessionEpoch: 1,
  });
  expect(next).toMatchObject({ errorCode: 0, sessionId, responses: [] });
  const strange = await client.send(fetchApi, 12, { ...request, sessionId: 7, sessionEpoch: 1 });
  expect(strange).toMatchObject({ errorCode: errorCodes.FETCH_SESSION_ID_NOT_FOUND, sessionId: 0 });

  async function openSession() {
    using first = await connectRaw(broker.port);
    await first.send(metadataApi, 9, askForTopic);
    return await first.send(fetchApi, 12, { ...request, sessionId: 0, sessionEpoch: 0 });
  }
});

it('closes the connection for a version of an API that is not served, and names both in the log', async () => {
  const lines: string[] = [];
  const keep = (line: string): void => void lines.push(line);
  const logger = { error: keep, warn: keep, info: keep, debug: keep };
  await using broker = await startDevBroker({ logger });
  using client = await connectRaw(broker.port);
  await expect(client.send(addPartitionsToTxnApi, 4, { transactions: [] })).rejects.toThrow(
    /closed/,
  );
  expect(lines).toContainEqual(
    'Closing the connection of client "raw": AddPartitionsToTxn version 4 is not supported',
  );
});

it('answers an ApiVersions of the future in version 0 with its own list', async () => {
  await using broker = await startDevBroker();
  using client = await connectRaw(broker.port);
  const future = encodeRequest(apiVersionsApi, 4, 1, 'raw', {
    clientSoftwareName: 'x',
    clientSoftwareVersion: '1',
  });
  future.writeInt16BE(99, 6);
  // The answer is read as version 0; the request is replaced on its way out.
  const { socket } = client;
  const original = socket.write.bind(socket);
  socket.write = () => original(future);
  const answer = await client.send(apiVersionsApi, 0, {});
  expect(answer.errorCode).toBe(errorCodes.UNSUPPORTED_VERSION);
  expect(answer.apiKeys).toContainEqual({ apiKey: 18, minVersion: 0, maxVersion: 4 });
});

it('closes the connection for an unknown API and for frames that are too large, and lives on', async () => {
  await using broker = await startDevBroker({ config: { 'socket.request.max.bytes': 1000 } });
  using unknown = await connectRaw(broker.port);
  const frame = encodeRequest(heartbeatApi, 4, 1, 'raw', {
    groupId: 'g',
    generationId: 1,
    memberId: 'm',
  });
  frame.writeInt16BE(9999, 4);
  const closed = new Promise((resolve) => unknown.socket.once('close', resolve));
  unknown.socket.write(frame);
  await closed;
  using large = await connectRaw(broker.port);
  await expect(large.send(produceApi, 9, produceRequest('x'.repeat(2000)))).rejects.toThrow(
    /closed/,
  );
  using client = await connectRaw(broker.port);
  expect((await client.send(metadataApi, 9, askForTopic)).topics[0]?.errorCode).toBe(0);
});

it('answers many requests in flight in their order', async () => {
  await using broker = await startDevBroker();
  using client = await connectRaw(broker.port);
  await client.send(metadataApi, 9, askForTopic);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => client.send(produceApi, 9, produceRequest(`v${i}`))),
  );
  const offsets = answers.map(({ responses }) => responses[0]?.partitionResponses[0]?.baseOffset);
  expect(offsets).toEqual(Array.from({ length: 50 }, (_, i) => BigInt(i)));
});

it('does what faults say, as often as they say', async () => {
  await using broker = await startDevBroker();
  const client = await connectRaw(broker.port);
  await client.send(metadataApi, 9, askForTopic);
  const send = async () => {
    using connection = await connectRaw(broker.port);
    const { responses } = await connection.send(produceApi, 9, produceRequest('v'));
    const { errorCode, baseOffset } = responses[0]?.partitionResponses[0] ?? {};
    return [errorCode, baseOffset];
  };
  broker.control(produceApi.key, { kind: 'error', errorCode: 6 }, { times: 2 });
  expect([await send(), await send(), await send()]).toEqual([
    [6, -1n],
    [6, -1n],
    [0, 0n],
  ]);
  broker.control(produceApi.key, { kind: 'close' }, { times: 1 });
  await expect(send()).rejects.toThrow(/closed/);
  broker.control(produceApi.key, { kind: 'lose-answer' }, { times: 1 });
  await expect(send()).rejects.toThrow(/closed/);
  expect(await send()).toEqual([0, 2n]);
  const remove = broker.control(produceApi.key, { kind: 'disk-full' });
  expect((await send())[0]).toBe(errorCodes.KAFKA_STORAGE_ERROR);
  remove();
  broker.control(produceApi.key, () => ({ kind: 'delay', delayMs: 30 }), { times: 1 });
  const before = performance.now();
  expect(await send()).toEqual([0, 3n]);
  expect(performance.now() - before).toBeGreaterThan(25);
  client[Symbol.dispose]();
});

it('names the port that is in use', async () => {
  await using broker = await startDevBroker();
  await expect(startDevBroker({ port: broker.port })).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${broker.port}: the port is in use`,
  );
});
