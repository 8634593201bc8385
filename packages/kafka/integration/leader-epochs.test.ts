import {
  type ControlledRequest,
  type DevBroker,
  type Fault,
  startDevBroker,
} from '@tributary/dev-broker';
import { expect, it } from 'vitest';
import {
  adminFor,
  consumerFor,
  outcome,
  pollUntil,
  producerFor,
  quiet,
  record,
  recordingLogger,
  sendAll,
  valuesOf,
} from './brokers.ts';

// One dev broker has one epoch, 0: later ones are written into its answers, and taken out of the requests' sight.

const keys = { fetch: 1, listOffsets: 2, metadata: 3, apiVersions: 18, offsetForLeaderEpoch: 23 };
const brisk = {
  'retry.backoff.ms': '5',
  'retry.backoff.max.ms': '20',
  'fetch.max.wait.ms': '50',
  'metadata.max.age.ms': '50',
};
const p0 = { topic: 't', partition: 0 };

async function produce(broker: DevBroker, count: number): Promise<void> {
  await using producer = producerFor(broker);
  const listener = outcome();
  const records = Array.from({ length: count }, (_, index) => record('t', `${index}`));
  await sendAll(producer, records, listener);
  await producer.flush();
  expect(listener.errors).toEqual([]);
}

interface EpochRequest {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly leaderEpoch: number; currentLeaderEpoch: number }[];
  }[];
}

/** From now on the leader's epoch is 1, and its log parts from what it was at `endOffset`. Returns what was asked. */
function elect(
  broker: DevBroker,
  endOffset: bigint,
): EpochRequest['topics'][number]['partitions'][] {
  const asked: EpochRequest['topics'][number]['partitions'][] = [];
  broker.control(keys.metadata, { kind: 'change', change: withLeaderEpoch });
  const check = ({ body }: ControlledRequest): Fault | undefined => {
    for (const { partitions } of (body as EpochRequest).topics) {
      for (const partition of partitions) {
        if (partition.currentLeaderEpoch === 0) return { kind: 'error', errorCode: 74 };
        partition.currentLeaderEpoch = 0;
      }
    }
    return undefined;
  };
  broker.control(keys.fetch, check);
  broker.control(keys.listOffsets, check);
  broker.control(keys.offsetForLeaderEpoch, ({ body }: ControlledRequest) => {
    const topics = (body as EpochRequest).topics.map(({ topic, partitions }) => {
      asked.push(structuredClone(partitions));
      return { topic, partitions: [{ partition: 0, errorCode: 0, leaderEpoch: 0, endOffset }] };
    });
    return { kind: 'answer', response: { throttleTimeMs: 0, topics } };
  });
  return asked;
}

it('goes on where it was when the new leader has all that was read', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 10);
  await using consumer = consumerFor(broker, brisk);
  consumer.subscribe(['t'], quiet);
  await pollUntil(consumer, ({ length }) => length === 10);
  const asked = elect(broker, 10n);
  await produce(broker, 1);
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['0']);
  expect(asked[0]).toMatchObject([{ leaderEpoch: 0, currentLeaderEpoch: 1 }]);
});

it('goes back to where the logs part when the new leader has less', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 10);
  const logger = recordingLogger();
  await using consumer = consumerFor(broker, { ...brisk, 'auto.offset.reset': 'latest' }, logger);
  consumer.subscribe(['t'], quiet);
  while (consumer.position(p0) === undefined) await consumer.poll(20);
  consumer.seek(p0, 0n);
  await pollUntil(consumer, ({ length }) => length === 10);
  elect(broker, 7n);
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['7', '8', '9']);
  expect(logger.lines).toContainEqual(
    expect.stringMatching(
      /partition 0 of topic "t" was cut below the position, offset 10 .*offset 7/,
    ),
  );
});

it('rejects each poll with auto.offset.reset=none until somebody seeks, naming the offset that is safe', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 10);
  await using first = consumerFor(broker, brisk);
  first.subscribe(['t'], quiet);
  await pollUntil(first, ({ length }) => length === 10);
  await first.commit([{ ...p0, offset: 10n }]);
  await using admin = adminFor(broker);
  expect(await admin.listGroupOffsets('group')).toEqual([{ ...p0, offset: 10n, leaderEpoch: 0 }]);
  await first.close(1000);
  elect(broker, 7n);
  // The epoch that was committed is what a member that comes later compares by.
  await using consumer = consumerFor(broker, { ...brisk, 'auto.offset.reset': 'none' });
  consumer.subscribe(['t'], quiet);
  for (const _ of [1, 2]) {
    await expect(pollUntil(consumer, () => false, 3000)).rejects.toMatchObject({
      errorName: 'LOG_TRUNCATION',
      isRetriable: false,
      message: expect.stringMatching(/partition 0 of topic "t".*offset 10 .*offset 7/),
    });
  }
  consumer.seek(p0, 7n);
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['7', '8', '9']);
});

it('applies auto.offset.reset when the new leader does not know the epoch', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 3);
  await using consumer = consumerFor(broker, brisk);
  consumer.subscribe(['t'], quiet);
  await pollUntil(consumer, ({ length }) => length === 3);
  elect(broker, -1n);
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['0', '1', '2']);
});

it('goes back when a fetch tells that the log parts before the offset', async () => {
  await using broker = await startDevBroker();
  await produce(broker, 10);
  await using consumer = consumerFor(broker, brisk);
  consumer.subscribe(['t'], quiet);
  await pollUntil(consumer, ({ length }) => length === 10);
  const end = { partition: 0, errorCode: 0, leaderEpoch: 0, endOffset: 8n };
  broker.control(keys.offsetForLeaderEpoch, {
    kind: 'answer',
    response: { throttleTimeMs: 0, topics: [{ topic: 't', partitions: [end] }] },
  });
  broker.control(
    keys.fetch,
    () => ({ kind: 'change', change: (answer) => diverging(answer, consumer.position(p0)) }),
    { times: 3 },
  );
  await produce(broker, 1);
  expect(await pollUntil(consumer, ({ length }) => length > 2)).toEqual(['8', '9', '0']);
});

it.for([
  { name: 'validated', held: keys.offsetForLeaderEpoch, endOffset: 10n, next: '10' },
  { name: 'reset', held: keys.listOffsets, endOffset: -1n, next: '0' },
])(
  'does not fetch what is about to be $name when its connection was long in coming',
  async ({ held, endOffset, next }) => {
    await using broker = await startDevBroker();
    await produce(broker, 10);
    await using consumer = consumerFor(broker, { ...brisk, 'client.id': 'reader' });
    consumer.subscribe(['t'], quiet);
    await pollUntil(consumer, ({ length }) => length === 10);
    let isConnecting = false;
    let isHeld = true;
    let holds = 0;
    let fetchedWhileHeld = 0;
    broker.control(keys.apiVersions, ({ clientId }) => {
      if (clientId !== 'reader') return undefined;
      isConnecting = true;
      return { kind: 'delay', delayMs: 500 };
    });
    broker.control(keys.fetch, { kind: 'close' }, { times: 1 });
    const read: string[] = [];
    const pollFor = async (isDone: () => boolean): Promise<void> => {
      const deadline = Date.now() + 10_000;
      while (!isDone() && Date.now() < deadline) read.push(...valuesOf(await consumer.poll(20)));
    };
    await pollFor(() => isConnecting);
    broker.control(held, () => {
      if (isHeld) holds += 1;
      return isHeld ? { kind: 'error', errorCode: 6 } : undefined;
    });
    let fetches = 0;
    broker.control(keys.fetch, ({ body }) => {
      fetches += 1;
      if (isHeld) fetchedWhileHeld += (body as { topics: readonly object[] }).topics.length;
      return undefined;
    });
    elect(broker, endOffset);
    await using producer = producerFor(broker);
    await sendAll(producer, [record('t', '10')], outcome());
    await producer.flush();
    await pollFor(() => fetches > 0 && holds > 2);
    isHeld = false;
    expect(fetchedWhileHeld).toBe(0);
    expect(read).toEqual([]);
    read.push(...(await pollUntil(consumer, (values) => values.includes('10'))));
    expect(read[0]).toBe(next);
  },
);

function withLeaderEpoch(answer: unknown): unknown {
  const response = answer as { topics: { partitions: object[] }[] };
  const topics = response.topics.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((partition) => ({ ...partition, leaderEpoch: 1 })),
  }));
  return { ...response, topics };
}

function diverging(answer: unknown, position: bigint | undefined): unknown {
  const response = answer as { responses: { partitions: object[] }[] };
  if (position !== 10n) return response;
  const divergingEpoch = { epoch: 0, endOffset: 8n };
  const responses = response.responses.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((each) => ({ ...each, divergingEpoch, records: null })),
  }));
  return { ...response, responses };
}
