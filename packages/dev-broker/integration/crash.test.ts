import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { batches, decodeRecords, fetchApi, metadataApi, produceApi } from '@tributary/wire';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startDevBroker } from '../src/index.ts';
import { makeBatch } from '../src/testing/make-batch.ts';
import { connectRaw, type RawClient } from './raw-client.ts';

let dataFolder: string;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'tributary-broker-'));
});
afterEach(() => rm(dataFolder, { recursive: true, force: true }));

const entry = new URL('fixtures/broker-process.ts', import.meta.url).pathname;

async function startProcess(): Promise<{ child: ChildProcess; port: number; log: () => string }> {
  const child = spawn(process.execPath, ['--conditions=@tributary/source', entry, dataFolder], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr?.on('data', (chunk) => {
    log += String(chunk);
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const [port] = (await once(lines, 'line')) as [string];
  return { child, port: Number(port), log: () => log };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function readAll(client: RawClient): Promise<string[]> {
  const values: string[] = [];
  for (let offset = 0n; ; ) {
    const partition = { partition: 0, fetchOffset: offset, partitionMaxBytes: 100_000 };
    const { responses } = await client.send(fetchApi, 11, {
      maxWaitMs: 0,
      minBytes: 0,
      topics: [{ topic: 't', partitions: [partition] }],
    });
    const found = responses[0]?.partitions[0];
    expect(found?.errorCode).toBe(0);
    const records = found?.records ?? Buffer.alloc(0);
    if (records.length === 0) return values;
    for (const header of batches(records)) {
      values.push(...decodeRecords(records, header).map(({ value }) => String(value)));
      offset = header.baseOffset + BigInt(header.lastOffsetDelta) + 1n;
    }
  }
}

it('has every acknowledged record after kill -9 in the middle of produces, five times', async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round < 5; round++) {
    const { child, port } = await startProcess();
    const client = await connectRaw(port);
    await client.send(metadataApi, 9, { topics: [{ name: 't' }] });
    const target = acknowledged.length + 200 + round * 37;
    let next = 0;
    const produceInTurn = async (): Promise<void> => {
      for (;;) {
        const value = `${round}-${next++}-${'x'.repeat(next % 500)}`;
        const topicData = [
          { name: 't', partitionData: [{ index: 0, records: makeBatch([value]) }] },
        ];
        const answer = await client.send(produceApi, 9, { acks: -1, timeoutMs: 1000, topicData });
        expect(answer.responses[0]?.partitionResponses[0]?.errorCode).toBe(0);
        acknowledged.push(value);
        // Other requests are in flight at this moment.
        if (acknowledged.length === target) await kill(child);
      }
    };
    const ends = await Promise.allSettled([1, 2, 3, 4, 5].map(produceInTurn));
    expect(ends.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
  }
  const { child, port } = await startProcess();
  using client = await connectRaw(port);
  const found = await readAll(client);
  const present = new Set(found);
  expect(acknowledged.filter((value) => !present.has(value))).toEqual([]);
  expect(present.size).toBe(found.length);
  await kill(child);
});

it('cuts off a torn end, says so in one line, and goes on at the same offset', async () => {
  {
    await using broker = await startDevBroker({ dataFolder });
    using client = await connectRaw(broker.port);
    await client.send(metadataApi, 9, { topics: [{ name: 't' }] });
    const topicData = [{ name: 't', partitionData: [{ index: 0, records: makeBatch(['a']) }] }];
    await client.send(produceApi, 9, { acks: 1, timeoutMs: 1000, topicData });
  }
  const torn = makeBatch(['never acknowledged']).subarray(0, -4);
  await appendFile(join(dataFolder, 'topics/t/0/00000000000000000000.log'), torn);
  const { child, port, log } = await startProcess();
  expect(log().split('\n')).toContain(
    `Cut a torn end off the log of topic "t" partition 0 at offset 1: ${torn.length} bytes`,
  );
  using client = await connectRaw(port);
  expect(await readAll(client)).toEqual(['a']);
  await kill(child);
});

it('refuses a folder that another broker has open, and takes over the lock of a dead one', async () => {
  const { child } = await startProcess();
  await expect(startDevBroker({ dataFolder })).rejects.toThrow(
    `Cannot open the data folder "${dataFolder}": the broker with pid ${child.pid} has it open`,
  );
  await kill(child);
  await using broker = await startDevBroker({ dataFolder });
  expect(broker.clusterId).toHaveLength(22);
  await expect(startDevBroker({ dataFolder })).rejects.toThrow(/has it open/);
});

it('refuses a folder of another format version', async () => {
  await writeFile(join(dataFolder, 'broker.json'), '{"formatVersion":2,"clusterId":"x"}');
  await expect(startDevBroker({ dataFolder })).rejects.toThrow(/its format version is 2/);
});
