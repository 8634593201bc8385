import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ApacheKafka,
  brokerKinds,
  sha256,
  sizeOf,
  startApacheKafka,
  startTestWorker,
  waitForSize,
  writeLinesFile,
} from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import { fileSink, fileSource, pause, temporaryFolder } from './pipelines.ts';

const kinds = await brokerKinds();
const lineCount = 1_000_000;

describe.for(kinds)('a file through $name', (kind) => {
  it.runIf(kind.isAvailable)(
    'arrives byte by byte: a million lines, empty ones, multi-byte text, one of 900 kB; an unfinished last line waits until it is finished',
    async () => {
      await using folder = await temporaryFolder();
      await using broker = await kind.start();
      const input = join(folder.path, 'in.txt');
      const output = join(folder.path, 'out.txt');
      await writeLinesFile(input, lineCount);
      const complete = (await stat(input)).size;
      await appendFile(input, 'unfinished ');

      await using worker = await startTestWorker({
        folder: folder.path,
        bootstrapServers: broker.bootstrapServers,
        connectors: [fileSource(input, 'lines'), fileSink(output, 'lines')],
      });
      const isAlive = () => worker.process.isRunning;
      await waitForSize(output, complete, { timeoutMs: 120_000, isAlive });
      await pause(1500);
      expect(await sizeOf(output)).toBe(complete);

      await appendFile(input, 'no more\n');
      const finished = (await stat(input)).size;
      await waitForSize(output, finished, { timeoutMs: 30_000, isAlive });
      expect(await sha256(output)).toBe(await sha256(input));

      if (kind.name === 'Apache Kafka') {
        const consumed = await (broker as unknown as ApacheKafka).tool(
          'org.apache.kafka.tools.consumer.ConsoleConsumer',
          [
            '--bootstrap-server',
            broker.bootstrapServers,
            '--topic',
            'lines',
            '--from-beginning',
            '--max-messages',
            String(lineCount + 1),
            '--timeout-ms',
            '60000',
          ],
        );
        expect(consumed === (await readFile(input, 'utf8'))).toBe(true);
      }
    },
  );

  it.runIf(kind.isAvailable)(
    'delivers every complete line at once, also at the end of a file where a batch fills',
    async () => {
      await using folder = await temporaryFolder();
      await using broker = await kind.start();
      const input = join(folder.path, 'in.txt');
      const output = join(folder.path, 'out.txt');
      const lines = [
        `${'y'.repeat(900_000)}\n`,
        ...Array.from({ length: 8_000 }, (_, index) => `${index}\n`),
      ];
      await appendFile(input, lines.join(''));
      await using worker = await startTestWorker({
        folder: folder.path,
        bootstrapServers: broker.bootstrapServers,
        connectors: [fileSource(input, 'ends', { 'batch.size': '100' }), fileSink(output, 'ends')],
      });
      const { size } = await stat(input);
      await waitForSize(output, size, {
        timeoutMs: 20_000,
        isAlive: () => worker.process.isRunning,
      });
      expect(await sha256(output)).toBe(await sha256(input));
    },
  );
});

const kafka = kinds.find((kind) => kind.name === 'Apache Kafka');

describe.runIf(kafka?.isAvailable)('the dev broker and clients of Java', () => {
  it("shows Java's console consumer the lines as they are", async () => {
    // Java's tools come with the jars; the broker asked is ours.
    await using folder = await temporaryFolder();
    await using tools = await startApacheKafka();
    await using broker = await (kinds[0] ?? expect.unreachable()).start();
    const input = join(folder.path, 'in.txt');
    await writeLinesFile(input, 20_000);
    await using worker = await startTestWorker({
      folder: folder.path,
      bootstrapServers: broker.bootstrapServers,
      connectors: [fileSource(input, 'lines')],
    });
    await worker.waitForState('lines-source', 'RUNNING');
    const consumed = await tools.tool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
      '--bootstrap-server',
      broker.bootstrapServers,
      '--topic',
      'lines',
      '--from-beginning',
      '--max-messages',
      '20000',
      '--timeout-ms',
      '60000',
    ]);
    expect(consumed === (await readFile(input, 'utf8'))).toBe(true);
  });
});
