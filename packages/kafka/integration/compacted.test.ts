import { startDevBroker } from '@tributary/dev-broker';
import { expect, it } from 'vitest';
import {
  consumerFor,
  createTopic,
  outcome,
  producerFor,
  quiet,
  record,
  sendAll,
} from './brokers.ts';

const p0 = { topic: 't', partition: 0 };

it('reads a compacted topic through: what is left in order, and the position behind what is gone', async () => {
  await using broker = await startDevBroker({ config: { 'log.cleaner.backoff.ms': 50 } });
  await createTopic(broker, 't', 1, { 'cleanup.policy': 'compact', 'segment.bytes': '2000' });
  await using producer = producerFor(broker);
  for (let i = 0; i < 100; i++) {
    // Three keys come again and again; those of the first records stay as they are.
    const key = Buffer.from(i < 5 ? `first ${i}` : `key ${i % 3}`);
    await sendAll(producer, [{ ...record('t', `${i}`), key }], outcome());
    await producer.flush();
  }
  await expect
    .poll(() => readThrough().then(({ length }) => length), { timeout: 20_000 })
    .toBeLessThan(60);
  const read = await readThrough();
  expect(read.slice(0, 5).map(({ value }) => value)).toEqual(['0', '1', '2', '3', '4']);
  expect(read.map(({ offset }) => offset)).toEqual(read.map(({ value }) => Number(value)));
  expect(read.map(({ offset }) => offset)).toEqual(
    read.map(({ offset }) => offset).sort((a, b) => a - b),
  );
  expect(read.at(-1)?.offset).toBe(99);

  async function readThrough(): Promise<{ offset: number; value: string }[]> {
    const config = {
      'group.id': `group-${Math.random()}`,
      'max.poll.records': '7',
      'max.partition.fetch.bytes': '500',
    };
    await using consumer = consumerFor(broker, config);
    consumer.subscribe(['t'], quiet);
    const seen: { offset: number; value: string }[] = [];
    while (consumer.position(p0) !== 100n) {
      for (const { records } of await consumer.poll(50)) {
        for (const { offset, value } of records) seen.push({ offset, value: String(value) });
      }
    }
    return seen;
  }
});
