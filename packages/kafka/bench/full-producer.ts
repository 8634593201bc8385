import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startDevBroker } from '@tributary/dev-broker';
import { createAdmin } from '@tributary/kafka';

const run = promisify(execFile);
const fixture = new URL('../integration/fixtures/fill-producer.ts', import.meta.url).pathname;
const produceKey = 0;
const logger = { error: console.error, warn: console.error, info() {}, debug() {} };

/** What a producer with `buffer.memory` of 16 MiB takes while its broker does not answer: the most of several shapes of records, in bytes. */
export async function memoryWhenFull(codec: string): Promise<number> {
  await using broker = await startDevBroker();
  const admin = createAdmin({ 'bootstrap.servers': broker.bootstrapServers }, { logger });
  await admin.createTopic({ topic: 'full', partitions: 100, replicationFactor: 1 });
  await admin.close();
  broker.control(produceKey, { kind: 'delay', delayMs: 600_000 });
  const args = ['--conditions=@tributary/source', '--expose-gc', fixture];
  const { stdout } = await run(process.execPath, [...args, broker.bootstrapServers, codec]);
  const fills = stdout.trim().split('\n');
  return Math.max(...fills.map((line) => (JSON.parse(line) as { bytes: number }).bytes));
}
