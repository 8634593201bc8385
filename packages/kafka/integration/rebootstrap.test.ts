import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevBroker } from '@tributary/dev-broker';
import { expect, it } from 'vitest';
import {
  consumerFor,
  outcome,
  pollUntil,
  producerFor,
  quiet,
  record,
  sendAll,
  until,
} from './brokers.ts';

const metadataKey = 3;
const rebootstrapRequired = 129;
const brisk = {
  'retry.backoff.ms': '5',
  'retry.backoff.max.ms': '50',
  'reconnect.backoff.ms': '5',
  'reconnect.backoff.max.ms': '50',
  'fetch.max.wait.ms': '50',
};

async function produce(
  broker: { readonly bootstrapServers: string },
  value: string,
): Promise<void> {
  await using producer = producerFor(broker);
  const listener = outcome();
  await sendAll(producer, [record('t', value)], listener);
  await producer.flush();
  expect(listener.errors).toEqual([]);
}

it.for(['rebootstrap', 'none'])(
  'with metadata.recovery.strategy=%s, when a cluster has moved to an address that only bootstrap.servers has',
  async (strategy) => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-moved-'));
    try {
      const before = await startDevBroker({ dataFolder: folder });
      const first = before.port;
      const second = await freePort();
      await produce(before, 'a');
      const bootstrapServers = `127.0.0.1:${first},127.0.0.1:${second}`;
      const config = { ...brisk, 'metadata.recovery.strategy': strategy };
      await using consumer = consumerFor({ bootstrapServers }, config);
      consumer.subscribe(['t'], quiet);
      expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['a']);
      await before.close();
      await using after = await startDevBroker({ port: second, dataFolder: folder });
      await produce(after, 'b');
      if (strategy === 'none') {
        await expect(pollUntil(consumer, ({ length }) => length > 0, 1500)).rejects.toThrow(
          'read 0',
        );
      } else {
        expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['b']);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

it('starts again from bootstrap.servers when a broker says so', async () => {
  await using left = await startDevBroker();
  await using moved = await startDevBroker();
  await produce(left, 'left');
  await produce(moved, 'moved');
  let hasMoved = false;
  left.control(metadataKey, () => (hasMoved ? { kind: 'change', change: refused } : undefined));
  const bootstrapServers = `${left.bootstrapServers},${moved.bootstrapServers}`;
  await using consumer = consumerFor(
    { bootstrapServers },
    { ...brisk, 'metadata.max.age.ms': '50' },
  );
  consumer.subscribe(['t'], quiet);
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['left']);
  hasMoved = true;
  let asked = 0;
  moved.control(metadataKey, () => void asked++);
  while (asked === 0) await consumer.poll(20);
  await until(() => asked > 0);
});

it('starts again from bootstrap.servers when brokers have given no metadata for metadata.recovery.rebootstrap.trigger.ms', async () => {
  await using left = await startDevBroker();
  await using moved = await startDevBroker();
  await produce(left, 'left');
  let isBroken = false;
  left.control(metadataKey, () => (isBroken ? { kind: 'close' } : undefined));
  const bootstrapServers = `${left.bootstrapServers},${moved.bootstrapServers}`;
  const config = { 'metadata.max.age.ms': '50', 'metadata.recovery.rebootstrap.trigger.ms': '300' };
  await using consumer = consumerFor({ bootstrapServers }, { ...brisk, ...config });
  consumer.subscribe(['t'], quiet);
  expect(await pollUntil(consumer, ({ length }) => length > 0)).toEqual(['left']);
  let askedAt = 0;
  moved.control(metadataKey, () => {
    askedAt ||= Date.now();
    return undefined;
  });
  isBroken = true;
  const startedAt = Date.now();
  while (askedAt === 0) await consumer.poll(20);
  expect(askedAt - startedAt).toBeGreaterThanOrEqual(250);
});

/** One that was free a moment ago. */
async function freePort(): Promise<number> {
  await using broker = await startDevBroker();
  return broker.port;
}

function refused(answer: unknown): unknown {
  return { ...(answer as object), errorCode: rebootstrapRequired };
}
