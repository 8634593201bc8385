import { type ControlledRequest, type DevBroker, startDevBroker } from '@tributary/dev-broker';
import { brokerKinds, type TestBroker } from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import {
  adminFor,
  consumerFor,
  createTopic,
  outcome,
  pollUntil,
  producerFor,
  quiet,
  record,
  sendAll,
  until,
} from './brokers.ts';

const fetchKey = 1;
const impatient = { 'retry.backoff.ms': '5', 'retry.backoff.max.ms': '20' };
const brisk = { ...impatient, 'fetch.max.wait.ms': '50' };
const p0 = { topic: 't', partition: 0 };

interface FetchBody {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly topics: readonly {
    readonly topicId: string;
    readonly partitions: readonly { readonly partition: number; readonly fetchOffset: bigint }[];
  }[];
  readonly forgottenTopicsData: readonly { readonly partitions: readonly number[] }[];
}

/** Every fetch that the broker gets: session epoch, partitions named, partitions forgotten. */
function watchFetches(broker: DevBroker): string[] {
  const seen: string[] = [];
  broker.control(fetchKey, ({ body }: ControlledRequest) => {
    const { sessionEpoch, topics, forgottenTopicsData } = body as FetchBody;
    const named = topics.flatMap(({ partitions }) => partitions.map(({ partition }) => partition));
    const gone = forgottenTopicsData.flatMap(({ partitions }) => partitions);
    const changes = [...named.sort().map(String), ...gone.map((partition) => `-${partition}`)];
    seen.push(`${sessionEpoch}: ${changes.join()}`);
    return undefined;
  });
  return seen;
}

async function produce(
  broker: { readonly bootstrapServers: string },
  values: readonly string[],
  partition = 0,
): Promise<void> {
  await using producer = producerFor(broker);
  const listener = outcome();
  const records = values.map((value) => record('t', value, partition));
  await sendAll(producer, records, listener);
  await producer.flush();
  expect(listener.errors).toEqual([]);
}

it('names all partitions once, then what has changed alone, and ends its session when it closes', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't', 3);
  const consumer = consumerFor(broker, brisk);
  consumer.subscribe(['t'], quiet);
  while (consumer.assignment.length < 3) await consumer.poll(20);
  await consumer.positions();
  const seen = watchFetches(broker);
  const areQuiet = (lines: readonly string[]): boolean =>
    lines.length === 3 && lines.every((line) => /^[1-9]\d*: $/.test(line));
  while (!areQuiet(seen.slice(-3))) await consumer.poll(20);
  seen.length = 0;
  await produce(broker, ['a'], 1);
  expect(await pollUntil(consumer, ({ length }) => length === 1)).toEqual(['a']);
  await until(() => seen.some((line) => line.endsWith(': 1')));
  consumer.pause([{ topic: 't', partition: 2 }]);
  while (!seen.some((line) => line.endsWith(': -2'))) await consumer.poll(20);
  consumer.resume([{ topic: 't', partition: 2 }]);
  while (!seen.at(-1)?.endsWith(': 2')) await consumer.poll(1);
  expect(seen.filter((line) => line.startsWith('0:'))).toEqual([]);
  await consumer.close(5000);
  expect(seen.at(-1)).toBe('-1: ');
});

it.for([
  { name: 'FETCH_SESSION_ID_NOT_FOUND', errorCode: 70 },
  { name: 'INVALID_FETCH_SESSION_EPOCH', errorCode: 71 },
  { name: 'FETCH_SESSION_TOPIC_ID_ERROR', errorCode: 106 },
])('begins another session after $name, and loses nothing', async ({ errorCode }) => {
  await using broker = await startDevBroker();
  await produce(broker, ['a', 'b']);
  await using consumer = consumerFor(broker, brisk);
  consumer.subscribe(['t'], quiet);
  await pollUntil(consumer, ({ length }) => length === 2);
  const seen = watchFetches(broker);
  broker.control(
    fetchKey,
    ({ body }) => {
      const isIncremental = (body as FetchBody).sessionEpoch > 0;
      return isIncremental ? { kind: 'error', errorCode } : undefined;
    },
    { times: 1 },
  );
  while (!seen.some((line) => line === '0: 0')) await consumer.poll(20);
  await produce(broker, ['c']);
  expect(await pollUntil(consumer, ({ length }) => length === 1)).toEqual(['c']);
});

it('begins another session after a connection was lost', async () => {
  await using broker = await startDevBroker();
  await produce(broker, ['a']);
  await using consumer = consumerFor(broker, brisk);
  consumer.subscribe(['t'], quiet);
  await pollUntil(consumer, ({ length }) => length === 1);
  const seen = watchFetches(broker);
  broker.control(fetchKey, { kind: 'lose-answer' }, { times: 1 });
  while (!seen.some((line) => line === '0: 0')) await consumer.poll(20);
  await produce(broker, ['b']);
  expect(await pollUntil(consumer, ({ length }) => length === 1)).toEqual(['b']);
});

it('reads on though the broker has no place for a session', async () => {
  const config = { 'max.incremental.fetch.session.cache.slots': 0 };
  await using broker = await startDevBroker({ config });
  await produce(broker, ['a']);
  await using consumer = consumerFor(broker, brisk);
  consumer.subscribe(['t'], quiet);
  const seen = watchFetches(broker);
  expect(await pollUntil(consumer, ({ length }) => length === 1)).toEqual(['a']);
  await produce(broker, ['b']);
  expect(await pollUntil(consumer, ({ length }) => length === 1)).toEqual(['b']);
  await until(() => seen.length > 2);
  expect(seen.every((line) => line === '0: 0')).toBe(true);
});

it('hands out what other partitions have while one has an error', async () => {
  await using broker = await startDevBroker();
  await createTopic(broker, 't', 2);
  let isBroken = true;
  broker.control(fetchKey, () =>
    isBroken ? { kind: 'change', change: (answer) => withError(answer, 0, 56) } : undefined,
  );
  await using consumer = consumerFor(broker, brisk);
  consumer.subscribe(['t'], quiet);
  await produce(broker, ['late'], 0);
  await produce(broker, ['good'], 1);
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['good']);
  await produce(broker, ['better'], 1);
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['better']);
  isBroken = false;
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['late']);
});

const kinds = await brokerKinds();
describe.for(kinds)('on $name', ({ isAvailable, start }) => {
  it.runIf(isAvailable)(
    'reads a topic that was deleted and made again, from its beginning',
    { timeout: 180_000 },
    async () => {
      await using broker: TestBroker = await start();
      await createTopic(broker, 't');
      await produce(broker, ['old 1', 'old 2', 'old 3']);
      await using consumer = consumerFor(broker, { ...brisk, 'metadata.max.age.ms': '1000' });
      consumer.subscribe(['t'], quiet);
      expect(await pollUntil(consumer, ({ length }) => length === 3)).toHaveLength(3);
      await using admin = adminFor(broker);
      await admin.deleteTopics(['t']);
      await expect
        .poll(() => createTopic(broker, 't').then(() => 'made', String), { timeout: 60_000 })
        .toBe('made');
      await produce(broker, ['new']);
      expect(await pollUntil(consumer, ({ length }) => length > 0, 60_000)).toEqual(['new']);
      expect(consumer.position(p0)).toBe(1n);
    },
  );
});

/** A fetch response in which one partition has this error in place of its records. */
function withError(answer: unknown, partition: number, errorCode: number): unknown {
  const response = answer as {
    responses: { partitions: { partitionIndex: number; records: Buffer | null }[] }[];
  };
  const responses = response.responses.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((each) =>
      each.partitionIndex === partition ? { ...each, errorCode, records: null } : each,
    ),
  }));
  return { ...response, responses };
}
