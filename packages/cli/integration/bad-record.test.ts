import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brokerKinds, startTestWorker, waitForSize } from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import { consumeAll } from './consume.ts';
import { fileSink, fileSource, temporaryFolder } from './pipelines.ts';

const plugins = new URL('fixtures', import.meta.url).pathname;

describe.for(await brokerKinds())('a record that cannot be converted, on $name', (kind) => {
  it.runIf(kind.isAvailable)(
    'in the middle of a batch fails the task when what is older is in the topic and its offset stored',
    async () => {
      await using folder = await temporaryFolder();
      await using broker = await kind.start();
      const input = join(folder.path, 'in.txt');
      const older = Array.from({ length: 500 }, (_, index) => `line ${index}`);
      await writeFile(input, [...older, 'poison', 'never sent', ''].join('\n'));
      await using worker = await startTestWorker({
        folder: folder.path,
        bootstrapServers: broker.bootstrapServers,
        // Far away, so that only the failing task itself can have stored the offset.
        config: { 'plugin.path': plugins, 'offset.flush.interval.ms': '3600000' },
      });
      await worker.create(
        fileSource(input, 'lines', { 'value.converter': 'test.PoisonConverter' }),
      );
      await worker.waitForTask('lines-source', 0, 'FAILED');

      const { body: offsets } = await worker.request('GET', '/connectors/lines-source/offsets');
      expect(offsets).toEqual({
        offsets: [
          {
            partition: { filename: input },
            offset: { position: Buffer.byteLength(`${older.join('\n')}\n`) },
          },
        ],
      });
      expect(await consumeAll(broker.bootstrapServers, 'lines')).toEqual(older);
      const { body: status } = await worker.request(
        'GET',
        '/connectors/lines-source/tasks/0/status',
      );
      expect(status.trace).toMatch(
        /^org\.apache\.kafka\.connect\.errors\.ConnectException: Tolerance exceeded in error handler/,
      );
      expect(status.trace).toContain('Caused by: org.apache.kafka.connect.errors.DataException');
    },
  );

  it.runIf(kind.isAvailable)('is skipped alone with errors.tolerance=all', async () => {
    await using folder = await temporaryFolder();
    await using broker = await kind.start();
    const input = join(folder.path, 'in.txt');
    const output = join(folder.path, 'out.txt');
    await writeFile(input, 'one\npoison\ntwo\n');
    await using worker = await startTestWorker({
      folder: folder.path,
      bootstrapServers: broker.bootstrapServers,
      config: { 'plugin.path': plugins },
      connectors: [
        fileSource(input, 'lines', {
          'value.converter': 'test.PoisonConverter',
          'errors.tolerance': 'all',
        }),
        fileSink(output, 'lines'),
      ],
    });
    await waitForSize(output, 'one\ntwo\n'.length, { timeoutMs: 20_000 });
    await worker.waitForState('lines-source', 'RUNNING');
    expect(await consumeAll(broker.bootstrapServers, 'lines')).toEqual(['one', 'two']);
  });
});
