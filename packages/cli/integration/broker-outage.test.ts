import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  brokerKinds,
  sha256,
  sizeOf,
  startTestWorker,
  waitForSize,
  writeLinesFile,
} from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import { fileSink, fileSource, pause, temporaryFolder } from './pipelines.ts';

const outageMs = 30_000;

describe.concurrent.for(await brokerKinds())('a broker that is gone for 30 s, $name', (kind) => {
  it.runIf(kind.isAvailable)(
    'is waited for, named once in the log, and nothing is lost',
    async () => {
      await using folder = await temporaryFolder();
      await using broker = await kind.start();
      const input = join(folder.path, 'in.txt');
      const output = join(folder.path, 'out.txt');
      await writeLinesFile(input, 1_000_000);
      await using worker = await startTestWorker({
        folder: folder.path,
        bootstrapServers: broker.bootstrapServers,
        connectors: [fileSource(input, 'lines', { 'batch.size': '50' }), fileSink(output, 'lines')],
      });
      const { size } = await stat(input);
      const isAlive = () => worker.process.isRunning;
      await waitForSize(output, 100_000, { timeoutMs: 30_000, isAlive });

      await broker.stop();
      const before = await sizeOf(output);
      expect(before).toBeLessThan(size);
      await pause(outageMs);
      expect((await worker.request('GET', '/connectors')).status).toBe(200);
      const logged = worker.process.output
        .split('\n')
        .filter((line) => /WARN|ERROR/.test(line) && line.includes(broker.bootstrapServers));
      // One line per client that lost it: the producer, the consumer, and its group's own connection.
      expect(logged.length).toBeGreaterThan(0);
      expect(logged.length).toBeLessThanOrEqual(4);

      await broker.start();
      await waitForSize(output, size, { timeoutMs: 120_000, isAlive });
      await worker.waitForState('lines-source', 'RUNNING');
      await worker.waitForState('lines-sink', 'RUNNING');
      expect(await sha256(output)).toBe(await sha256(input));
    },
    400_000,
  );
});
