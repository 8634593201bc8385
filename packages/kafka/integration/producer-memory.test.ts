import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startDevBroker } from '@tributary/dev-broker';
import { expect, it } from 'vitest';
import { createTopic } from './brokers.ts';

const run = promisify(execFile);
const produceKey = 0;
const bufferMemory = 16 << 20;
/** Spare buffers, requests on their way, and the rest of a client. Found: less than 2 MiB. */
const constant = 6 << 20;

it.for(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
  'a producer whose broker does not answer takes buffer.memory and a constant: %s',
  async (codec) => {
    await using broker = await startDevBroker();
    await createTopic(broker, 'full', 100);
    broker.control(produceKey, { kind: 'delay', delayMs: 600_000 });
    const fixture = new URL('fixtures/fill-producer.ts', import.meta.url).pathname;
    const args = ['--conditions=@tributary/source', '--expose-gc', fixture];
    const { stdout } = await run(process.execPath, [...args, broker.bootstrapServers, codec]);
    const fills = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; taken: number; bytes: number });
    expect(fills).toHaveLength(5);
    for (const { name, taken, bytes } of fills) {
      expect(taken, name).toBeGreaterThan(10);
      expect(bytes, name).toBeLessThan(bufferMemory + constant);
    }
  },
);

it.for(['none', 'zstd'])('a producer at full speed does not grow: %s', async (codec) => {
  await using broker = await startDevBroker();
  await createTopic(broker, 'fast', 3, { 'retention.bytes': '1000000', 'segment.bytes': '500000' });
  const fixture = new URL('fixtures/run-producer.ts', import.meta.url).pathname;
  const args = ['--conditions=@tributary/source', '--expose-gc', fixture];
  const { stdout } = await run(process.execPath, [...args, broker.bootstrapServers, codec]);
  const memories = stdout.trim().split('\n').map(Number);
  expect(memories).toHaveLength(5);
  const [, second = 0, ...later] = memories;
  for (const bytes of later) expect(bytes - second).toBeLessThan(2 << 20);
});
