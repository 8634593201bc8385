import { startDevBroker } from '@tributary/dev-broker';
import type { DeliveryListener } from '@tributary/kafka';
import { type ProduceResponse, produceApi } from '@tributary/wire';
import { expect, it } from 'vitest';
import { createTopic, outcome, producerFor, readAll, record, sendAll } from './brokers.ts';

const invalidRecord = 87;

function refusal(
  recordErrors: { batchIndex: number; batchIndexErrorMessage: string | null }[],
  errorMessage: string | null,
): { kind: 'answer'; response: ProduceResponse } {
  return {
    kind: 'answer',
    response: {
      responses: [
        {
          name: 't',
          partitionResponses: [
            { index: 0, errorCode: invalidRecord, baseOffset: -1n, recordErrors, errorMessage },
          ],
        },
      ],
    },
  };
}

it('reports to each record of a refused batch why it was refused, or that another was', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await using producer = producerFor(broker, { 'linger.ms': '50' });
  const errors = [
    { batchIndex: 1, batchIndexErrorMessage: 'it has no key' },
    { batchIndex: 3, batchIndexErrorMessage: null },
  ];
  broker.control(produceApi.key, refusal(errors, 'two records are bad'), { times: 1 });
  const listener = outcome();
  await sendAll(
    producer,
    ['a', 'b', 'c', 'd'].map((value) => record('t', value)),
    listener,
  );
  await producer.flush();
  expect(listener.errors.map((error) => error?.errorName)).toEqual(Array(4).fill('INVALID_RECORD'));
  const another = /part of a batch which had one or more invalid records/;
  const messages = listener.errors.map((error) => error?.message);
  expect(messages[0]).toMatch(another);
  expect(messages[1]).toMatch(/partition 0 of topic "t".*it has no key/);
  expect(messages[2]).toMatch(another);
  expect(messages[3]).toMatch(/two records are bad/);
  // What follows is numbered anew and arrives.
  const next = outcome();
  await sendAll(producer, [record('t', 'e')], next);
  await producer.flush();
  expect(next.offsets).toEqual([0n]);
});

it('sends nothing in the time for which a broker wants nothing', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't');
  await using producer = producerFor(broker, { 'batch.size': '1' });
  const throttleTimeMs = 400;
  const change = (response: unknown): unknown => ({ ...(response as object), throttleTimeMs });
  broker.control(produceApi.key, { kind: 'change', change }, { times: 1 });
  const requestedAt: number[] = [];
  broker.control(produceApi.key, () => void requestedAt.push(performance.now()));
  await sendAll(producer, [record('t', '0')], outcome());
  await producer.flush();
  const throttledAt = performance.now();
  await sendAll(
    producer,
    ['1', '2', '3'].map((value) => record('t', value)),
    outcome(),
  );
  await producer.flush();
  expect((requestedAt[0] ?? 0) - throttledAt).toBeGreaterThan(throttleTimeMs - 50);
  expect(await readAll(broker, 't', 4)).toEqual(['0', '1', '2', '3']);
});

it.for([
  { config: {}, used: 1, isEven: false },
  {
    config: { 'partitioner.class': 'org.apache.kafka.clients.producer.RoundRobinPartitioner' },
    used: 3,
    isEven: true,
  },
  { config: { 'partitioner.ignore.keys': 'true', 'batch.size': '1' }, used: 3, isEven: false },
])('chooses the partitions of records with a key by $config', async ({ config, used, isEven }) => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't', 3);
  await using producer = producerFor(broker, { ...config });
  const counts = [0, 0, 0];
  const listener: DeliveryListener = {
    delivered(_first, count, { partition }) {
      counts[partition] = (counts[partition] ?? 0) + count;
    },
    failed(_first, _count, _target, error) {
      throw error;
    },
  };
  const key = Buffer.from('always the same');
  await sendAll(
    producer,
    Array.from({ length: 300 }, (_, index) => ({ ...record('t', `${index}`, null), key })),
    listener,
  );
  await producer.flush();
  expect(counts.filter((count) => count > 0)).toHaveLength(used);
  if (isEven) expect(counts).toEqual([100, 100, 100]);
});
