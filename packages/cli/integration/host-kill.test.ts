import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  brokerKinds,
  firstMisplaced,
  sizeOf,
  startTestWorker,
  waitForSize,
  writeLinesFile,
} from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import { fileSink, fileSource, pause, temporaryFolder } from './pipelines.ts';

const lineCount = 200_000;
const kills = 6;

describe.for(await brokerKinds())('kill -9 of task hosts, on $name', (kind) => {
  it.runIf(kind.isAvailable)(
    'has their tasks run again in fresh hosts, nothing lost, in order, REST answering',
    async () => {
      await using folder = await temporaryFolder();
      // A killed member holds its partitions until its session ends; the shortest lets the sink go on soon.
      await using broker = await kind.start({ 'group.min.session.timeout.ms': '500' });
      const all = join(folder.path, 'all.txt');
      const input = join(folder.path, 'in.txt');
      const output = join(folder.path, 'out.txt');
      await writeLinesFile(all, lineCount);
      const content = await readFile(all);
      await using worker = await startTestWorker({
        folder: folder.path,
        bootstrapServers: broker.bootstrapServers,
        connectors: [fileSource(input, 'lines'), fileSink(output, 'lines')],
        config: {
          'consumer.session.timeout.ms': '1000',
          'consumer.heartbeat.interval.ms': '300',
        },
      });
      const isRunning = () => worker.process.isRunning;
      for (let kill = 0; kill < kills; kill++) {
        const part = content.subarray(
          (content.length * kill) / kills,
          (content.length * (kill + 1)) / kills,
        );
        const before = await sizeOf(output);
        await appendFile(input, part);
        await waitForSize(output, before + part.length / 3, {
          timeoutMs: 60_000,
          isAlive: isRunning,
        });
        const hosts = worker.hosts();
        for (const pid of kill % 2 === 0 ? hosts : hosts.slice(0, 1)) process.kill(pid, 'SIGKILL');
        expect((await worker.request('GET', '/connectors')).status).toBe(200);
        await waitUntil('fresh hosts', () => worker.hosts().some((pid) => !hosts.includes(pid)));
        for (const name of ['lines-source', 'lines-sink']) {
          await worker.waitForState(name, 'RUNNING');
        }
      }
      await waitForSize(output, (await stat(input)).size, {
        timeoutMs: 60_000,
        isAlive: isRunning,
      });
      const ending = content.subarray(-300);
      await waitUntil('last line', async () =>
        (await readFile(output)).subarray(-ending.length).equals(ending),
      );
      const received = await readFile(output, 'utf8');
      expect(firstMisplaced(content.toString('utf8'), received, kills)).toBe(null);
    },
  );
});

async function waitUntil(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`There was no ${what} within a minute`);
    await pause(100);
  }
}
