/** The side of ours in `npm run bench:clients`: `produce|fetch BOOTSTRAP TOPIC COUNT CODEC PAYLOADS`. Prints its records per second. */
import { readFile } from 'node:fs/promises';
import { createConsumer, createProducer, type ProducerRecord } from '@tributary/kafka';

const chunkRecords = 1000;
const logger = { error: console.error, warn: console.error, info() {}, debug() {} };

const [mode, servers = '', topic = '', countText, codec = 'none', payloads = ''] =
  process.argv.slice(2);
const count = Number(countText);
const start = performance.now();
await (mode === 'produce' ? produce() : fetchAll());
console.log(Math.round(count / ((performance.now() - start) / 1000)));

async function produce(): Promise<void> {
  const values = (await readFile(payloads, 'utf8')).split('\n').map((line) => Buffer.from(line));
  const config = { 'bootstrap.servers': servers, acks: 'all', 'compression.type': codec };
  const producer = createProducer(config, { logger });
  let delivered = 0;
  const listener = {
    delivered(_first: number, records: number) {
      delivered += records;
    },
    failed(_first: number, _count: number, _target: unknown, error: Error) {
      throw error;
    },
  };
  for (let sent = 0; sent < count; sent += chunkRecords) {
    // One object per record, as the Java tool makes them.
    const records = Array.from(
      { length: Math.min(chunkRecords, count - sent) },
      (): ProducerRecord => {
        const value = values[Math.floor(Math.random() * values.length)] ?? null;
        return { topic, partition: null, timestamp: null, key: null, value, headers: [] };
      },
    );
    let first = producer.send(records, 0, listener);
    while (first < records.length) {
      await producer.whenWritable();
      first += producer.send(records, first, listener);
    }
  }
  await producer.flush();
  await producer.close(10_000);
  if (delivered !== count) throw new Error(`${delivered} of ${count} records were acknowledged`);
}

async function fetchAll(): Promise<void> {
  const consumer = createConsumer(
    { 'bootstrap.servers': servers, 'group.id': `ours-${topic}`, 'auto.offset.reset': 'earliest' },
    { logger },
  );
  consumer.subscribe([topic], { onAssigned() {}, onRevoked() {}, onLost() {} });
  const deadline = Date.now() + 120_000;
  let read = 0;
  while (read < count) {
    for (const { records } of await consumer.poll(1000)) read += records.length;
    if (Date.now() > deadline) throw new Error(`read ${read} of ${count} records`);
  }
  await consumer.close(10_000);
}
