import { startDevBroker } from '@tributary/dev-broker';
import { errorCodes, type ProduceResponse } from '@tributary/wire';
import { describe, expect, it } from 'vitest';
import {
  createTopic,
  outcome,
  producerFor,
  readAll,
  record,
  recordingLogger,
  sendAll,
  until,
} from './brokers.ts';

const produceKey = 0;
const numbers = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${index}`);

/** Every way to produce: order must hold in each, and with idempotence nothing may come twice. */
const modes = [
  { name: 'idempotent, five in flight', config: {}, isExact: true },
  {
    name: 'idempotent, one in flight',
    config: { 'max.in.flight.requests.per.connection': '1' },
    isExact: true,
  },
  { name: 'not idempotent', config: { 'enable.idempotence': 'false' }, isExact: false },
];

describe.for(modes)('a producer, $name,', ({ config, isExact }) => {
  const small = {
    'batch.size': '200',
    'retry.backoff.ms': '5',
    'retry.backoff.max.ms': '20',
    ...config,
  };

  it.for([
    { name: 'NOT_LEADER_OR_FOLLOWER', fault: { kind: 'error', errorCode: 6 } as const },
    { name: 'NOT_ENOUGH_REPLICAS', fault: { kind: 'error', errorCode: 19 } as const },
    { name: 'KAFKA_STORAGE_ERROR', fault: { kind: 'disk-full' } as const },
    { name: 'a closed connection', fault: { kind: 'close' } as const },
    { name: 'a lost answer', fault: { kind: 'lose-answer' } as const },
  ])('keeps the order through $name', async ({ name, fault }) => {
    await using broker = await startDevBroker();
    await createTopic(broker, 't');
    await using producer = producerFor(broker, small);
    let requests = 0;
    // Requests 2, 3, 5, 8, 9, 11, ... fail.
    broker.control(
      produceKey,
      () => ([2, 3, 5].includes((requests += 1) % 6) ? fault : undefined),
      {
        times: 12,
      },
    );
    const all = numbers(500);
    const listener = outcome();
    await sendAll(
      producer,
      all.map((value) => record('t', value)),
      listener,
    );
    await producer.flush();
    expect(listener.errors).toEqual([]);
    expect(listener.reported).toBe(500);
    expect(requests).toBeGreaterThan(12);
    const read = await readAll(broker, 't', 500);
    const mayRepeat = !isExact && name === 'a lost answer';
    if (!mayRepeat) expect(read).toEqual(all);
    // What is repeated is repeated at once, batch by batch: the first of each comes in order.
    expect([...new Set(read)]).toEqual(all);
    if (!mayRepeat) expect(listener.offsets).toEqual(all.map(BigInt));
  });

  it('fails one batch that the broker refuses for good, and goes on behind it in order', async () => {
    await using broker = await startDevBroker();
    await createTopic(broker, 't');
    await using producer = producerFor(broker, small);
    const listener = outcome();
    const all = numbers(300);
    let requests = 0;
    const invalidRecord = 87;
    broker.control(produceKey, () =>
      (requests += 1) === 3 ? { kind: 'error', errorCode: invalidRecord } : undefined,
    );
    await sendAll(
      producer,
      all.map((value) => record('t', value)),
      listener,
    );
    await producer.flush();
    expect(listener.reported).toBe(300);
    const failed = all.filter((_, index) => listener.errors[index] !== undefined);
    expect(failed.length).toBeGreaterThan(0);
    expect(listener.errors[Number(failed[0])]).toMatchObject({
      errorName: 'INVALID_RECORD',
      isRetriable: false,
    });
    const delivered = all.filter((_, index) => listener.offsets[index] !== undefined);
    expect(await readAll(broker, 't', delivered.length)).toEqual(delivered);
  });

  it('reports records after delivery.timeout.ms while requests hang, and those behind arrive in order', async () => {
    await using broker = await startDevBroker();
    await createTopic(broker, 't');
    await using producer = producerFor(broker, {
      ...small,
      'request.timeout.ms': '300',
      'delivery.timeout.ms': '400',
    });
    const listener = outcome();
    const remove = broker.control(produceKey, { kind: 'delay', delayMs: 1500 });
    const startedAt = Date.now();
    await sendAll(
      producer,
      numbers(20).map((value) => record('t', value)),
      listener,
    );
    await producer.flush();
    expect(Date.now() - startedAt).toBeLessThan(1400);
    expect(listener.reported).toBe(20);
    expect(listener.errors.every((error) => error?.errorName === 'TIMEOUT')).toBe(true);
    remove();
    const later = outcome();
    const more = numbers(120).map((value) => `later ${value}`);
    await expect
      .poll(
        async () => {
          // The broker may still be busy with what hung.
          const probe = outcome();
          await sendAll(producer, [record('t', 'probe')], probe);
          await producer.flush();
          return probe.errors;
        },
        { timeout: 10_000 },
      )
      .toEqual([]);
    await sendAll(
      producer,
      more.map((value) => record('t', value)),
      later,
    );
    await producer.flush();
    expect(later.errors).toEqual([]);
    const read = (await readAll(broker, 't', 120)).filter((value) => value.startsWith('later'));
    expect(read).toEqual(more);
  });

  it('splits a batch that is too large for the topic and keeps the order; a record that is too large fails alone', async () => {
    await using broker = await startDevBroker();
    await createTopic(broker, 't', 1, { 'max.message.bytes': '2000' });
    await using producer = producerFor(broker, {
      ...config,
      'linger.ms': '20',
      'batch.size': '100000',
    });
    const listener = outcome();
    const all = numbers(200);
    const records = all.map((value) => record('t', value.padEnd(40, '.')));
    records[77] = record('t', 'x'.repeat(3000));
    await sendAll(producer, records, listener);
    await producer.flush();
    expect(listener.reported).toBe(200);
    const failed = all.filter((_, index) => listener.errors[index] !== undefined);
    expect(failed).toEqual(['77']);
    expect(listener.errors[77]?.errorName).toBe('MESSAGE_TOO_LARGE');
    const read = await readAll(broker, 't', 199);
    expect(read.map((value) => value.replaceAll('.', ''))).toEqual(
      all.filter((value) => value !== '77'),
    );
  });
});

it.for([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'NOT_LEADER_OR_FOLLOWER',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'KAFKA_STORAGE_ERROR',
] as const)(
  'writes nothing twice when the leader says %s of batches that it has written and the first is given up',
  async (errorName) => {
    await using broker = await startDevBroker();
    await createTopic(broker, 't');
    const config = { 'batch.size': '1', retries: '1', 'retry.backoff.ms': '5' };
    await using producer = producerFor(broker, config);
    await sendAll(producer, [record('t', '0')], outcome());
    await producer.flush();
    const errorCode = errorCodes[errorName];
    let requests = 0;
    broker.control(produceKey, () => {
      requests += 1;
      if (requests > 3) return undefined;
      if (requests === 3) return { kind: 'error', errorCode };
      return { kind: 'change', change: (response) => refused(response, errorCode) };
    });
    const listener = outcome();
    await sendAll(producer, [record('t', '1'), record('t', '2')], listener);
    await producer.flush();
    expect(listener.errors.map((error) => error?.errorName)).toEqual([errorName]);
    expect(listener.offsets).toEqual([undefined, 2n]);
    expect(await readAll(broker, 't', 3)).toEqual(['0', '1', '2']);
  },
);

function refused(response: unknown, errorCode: number): unknown {
  const { responses, ...rest } = response as ProduceResponse;
  return {
    ...rest,
    responses: responses.map(({ partitionResponses, ...topic }) => ({
      ...topic,
      partitionResponses: partitionResponses.map((each) => ({
        ...each,
        errorCode,
        baseOffset: -1n,
      })),
    })),
  };
}

it('fails only the records that are too large for max.request.size', async () => {
  await using broker = await startDevBroker();
  await using producer = producerFor(broker, { 'max.request.size': '1000' });
  const listener = outcome();
  await sendAll(
    producer,
    [record('t', 'a'), record('t', 'x'.repeat(1000)), record('t', 'b')],
    listener,
  );
  await producer.flush();
  expect(listener.offsets).toEqual([0n, undefined, 1n]);
  expect(listener.errors[1]?.message).toContain('max.request.size');
});

it('fails records that no broker takes, each alone', async () => {
  await using broker = await startDevBroker();
  await using producer = producerFor(broker);
  const listener = outcome();
  const records = [
    record('t', 'a'),
    { ...record('t', 'b'), timestamp: -5 },
    { ...record('t', 'c'), partition: -2 },
    record('no spaces allowed', 'd'),
    record('t', 'e'),
  ];
  await sendAll(producer, records, listener);
  await producer.flush();
  expect(listener.errors.map((error) => error?.errorName)).toEqual([
    undefined,
    'INVALID_RECORD',
    'INVALID_RECORD',
    'INVALID_TOPIC_EXCEPTION',
  ]);
  expect(listener.offsets[4]).toBe(1n);
});

it('blocks at buffer.memory, says so after max.block.ms, and goes on when the broker answers', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await using producer = producerFor(broker, {
    'buffer.memory': '10000',
    'batch.size': '1000',
    'max.block.ms': '100',
    'linger.ms': '30000',
    'retry.backoff.ms': '5',
    'retry.backoff.max.ms': '10',
  });
  let isHeld = true;
  broker.control(produceKey, () => (isHeld ? { kind: 'error', errorCode: 19 } : undefined));
  const listener = outcome();
  const records = numbers(1000).map((value) => record('t', value.padEnd(100, '.')));
  expect(producer.send(records, 0, listener)).toBe(0);
  await producer.whenWritable();
  const taken = producer.send(records, 0, listener);
  expect(taken).toBeGreaterThan(50);
  expect(taken).toBeLessThan(110);
  await expect(producer.whenWritable()).rejects.toMatchObject({
    errorName: 'TIMEOUT',
    message: expect.stringContaining('buffer.memory'),
  });
  isHeld = false;
  for (let next = taken; next < 1000; ) {
    await producer.whenWritable();
    next += producer.send(records, next, listener);
  }
  await producer.flush();
  expect(listener.errors).toEqual([]);
  expect(listener.offsets).toEqual(numbers(1000).map(BigInt));
});

it('is writable at once when memory was freed before anybody waited for it', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  const config = { 'buffer.memory': '40000', 'max.block.ms': '2000' };
  await using producer = producerFor(broker, config);
  await sendAll(producer, [record('t', 'a')], outcome());
  const records = numbers(50).map(() => record('t', 'x'.repeat(10_000)));
  expect(producer.send(records, 0, outcome())).toBeLessThan(50);
  await producer.flush();
  await producer.whenWritable();
  expect(producer.send(records, 0, outcome())).toBeGreaterThan(0);
});

it('does not hold more than buffer.memory for a broker that reads nothing, with acks=0', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await using producer = producerFor(broker, {
    acks: '0',
    'buffer.memory': '100000',
    'max.block.ms': '200',
  });
  const listener = outcome();
  await sendAll(producer, [record('t', 'first')], listener);
  await producer.flush();
  broker.control(produceKey, { kind: 'delay', delayMs: 2000 }, { times: 1 });
  const chunk = record('t', 'x'.repeat(50_000));
  let isBlocked = false;
  let sent = 0;
  for (; sent < 2000 && !isBlocked; ) {
    const took = producer.send([chunk], 0, { delivered() {}, failed() {} });
    sent += took;
    if (took === 0)
      isBlocked = await producer.whenWritable().then(
        () => false,
        () => true,
      );
  }
  // Buffers of two sockets, beside the producer's own.
  expect(isBlocked).toBe(true);
});

it('names the topic that is missing after max.block.ms, and finds it when it is there', async () => {
  await using broker = await startDevBroker({ config: { 'auto.create.topics.enable': false } });
  await using producer = producerFor(broker, {
    'max.block.ms': '150',
    'retry.backoff.max.ms': '50',
  });
  const listener = outcome();
  expect(producer.send([record('late', 'a')], 0, listener)).toBe(0);
  await expect(producer.whenWritable()).rejects.toMatchObject({
    errorName: 'TIMEOUT',
    message: 'Topic late not present in metadata after 150 ms.',
  });
  await createTopic(broker, 'late');
  await sendAll(producer, [record('late', 'a')], listener);
  await producer.flush();
  expect(listener.offsets).toEqual([0n]);
});

it('waits for a partition that is added later', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't', 1);
  await using producer = producerFor(broker, { 'max.block.ms': '100' });
  const listener = outcome();
  await sendAll(producer, [record('t', 'a', 0)], listener);
  expect(producer.send([record('t', 'b', 1)], 0, listener)).toBe(0);
  await expect(producer.whenWritable()).rejects.toMatchObject({
    message:
      'Partition 1 of topic t with partition count 1 is not present in metadata after 100 ms.',
  });
});

it('flush waits only for what was sent before, though others go on sending', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await using producer = producerFor(broker);
  const listener = outcome();
  await sendAll(producer, [record('t', 'first')], listener);
  let isOver = false;
  const others = (async () => {
    while (!isOver) {
      await sendAll(producer, [record('t', 'more')], { delivered() {}, failed() {} });
      await new Promise(setImmediate);
    }
  })();
  await producer.flush(AbortSignal.timeout(5000));
  expect(listener.offsets).toEqual([0n]);
  isOver = true;
  await others;
});

it('flush ends with its signal; close ends at its deadline and reports what was not sent', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await using producer = producerFor(broker);
  broker.control(produceKey, { kind: 'delay', delayMs: 5000 });
  const listener = outcome();
  await sendAll(producer, [record('t', 'a')], listener);
  await expect(producer.flush(AbortSignal.timeout(50))).rejects.toThrow('timeout');
  const startedAt = Date.now();
  await producer.close(100);
  expect(Date.now() - startedAt).toBeLessThan(1000);
  expect(listener.errors[0]?.errorName).toBe('CLOSED');
  expect(listener.reported).toBe(1);
  expect(() => producer.send([record('t', 'b')], 0, listener)).toThrow('closed');
});

it('goes on through an outage of the broker: one line in the log, order kept, nothing lost', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  const logger = recordingLogger();
  await using producer = producerFor(broker, { 'batch.size': '200' }, logger);
  const listener = outcome();
  const all = numbers(2000);
  const records = all.map((value) => record('t', value));
  await sendAll(producer, records.slice(0, 1000), listener);
  await broker.stop();
  const rest = outcome();
  await sendAll(producer, records.slice(1000), rest);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await broker.start();
  await producer.flush();
  expect(listener.errors).toEqual([]);
  expect(rest.errors).toEqual([]);
  expect(await readAll(broker, 't', 2000)).toEqual(all);
  const lost = logger.lines.filter((line) => line.includes('cannot be reached'));
  expect(lost).toHaveLength(1);
  expect(lost[0]).toContain(broker.bootstrapServers);
});

it('asks for metadata with back-off while a partition has no leader', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await using producer = producerFor(broker);
  await sendAll(producer, [record('t', 'a')], outcome());
  await producer.flush();
  let asked = 0;
  broker.control(3, () => {
    asked += 1;
    return { kind: 'answer', response: leaderless(broker.port) };
  });
  broker.control(produceKey, { kind: 'error', errorCode: 6 }, { times: 1 });
  const listener = outcome();
  await sendAll(producer, [record('t', 'b')], listener);
  await until(() => asked > 0);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(asked).toBeLessThan(12);
});

function leaderless(port: number): unknown {
  return {
    throttleTimeMs: 0,
    brokers: [{ nodeId: 1, host: '127.0.0.1', port, rack: null }],
    clusterId: 'c',
    controllerId: 1,
    topics: [
      {
        errorCode: 0,
        name: 't',
        topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
        isInternal: false,
        partitions: [
          {
            errorCode: 5,
            partitionIndex: 0,
            leaderId: -1,
            leaderEpoch: 0,
            replicaNodes: [],
            isrNodes: [],
            offlineReplicas: [],
          },
        ],
      },
    ],
    errorCode: 0,
  };
}
