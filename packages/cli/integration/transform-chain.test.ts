import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brokerKinds, startTestWorker, waitForSize } from '@tributary/testkit';
import { expect, it } from 'vitest';
import { fileSink, fileSource, temporaryFolder } from './pipelines.ts';

const kinds = await brokerKinds();
const apache = 'org.apache.kafka.connect.transforms';

it('sends a file through a chain of transformations, one of them behind a negated predicate', async () => {
  await using folder = await temporaryFolder();
  await using broker = await (kinds[0] ?? expect.unreachable()).start();
  const input = join(folder.path, 'in.txt');
  const output = join(folder.path, 'out.txt');
  await writeFile(input, 'one\ntwo\n');
  await using worker = await startTestWorker({
    folder: folder.path,
    bootstrapServers: broker.bootstrapServers,
  });
  await worker.create(
    fileSource(input, 'lines', {
      transforms: 'Wrap,Mark,Never',
      'transforms.Wrap.type': `${apache}.HoistField$Value`,
      'transforms.Wrap.field': 'line',
      // The alias of the class is enough where there is one.
      'transforms.Mark.type': 'InsertHeader',
      'transforms.Mark.header': 'origin',
      'transforms.Mark.value.literal': 'file',
      'transforms.Never.type': `${apache}.Filter`,
      'transforms.Never.predicate': 'Marked',
      'transforms.Never.negate': 'true',
      predicates: 'Marked',
      'predicates.Marked.type': `${apache}.predicates.HasHeaderKey`,
      'predicates.Marked.name': 'origin',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    }),
  );
  await worker.create(
    fileSink(output, 'lines', {
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    }),
  );
  const expected = 'Struct{line=one}\nStruct{line=two}\n';
  await waitForSize(output, expected.length, {
    timeoutMs: 30_000,
    isAlive: () => worker.process.isRunning,
  });
  expect(await readFile(output, 'utf8')).toBe(expected);
});

it("refuses a transformation's bad config over REST with Java's text", async () => {
  await using folder = await temporaryFolder();
  await using broker = await (kinds[0] ?? expect.unreachable()).start();
  await using worker = await startTestWorker({
    folder: folder.path,
    bootstrapServers: broker.bootstrapServers,
  });
  const { status, body } = await worker.request('POST', '/connectors', {
    name: 'bad',
    config: {
      ...fileSource(join(folder.path, 'in.txt'), 'lines').config,
      transforms: 'Drop',
      'transforms.Drop.type': `${apache}.DropHeaders`,
      'transforms.Drop.headers': '',
    },
  });
  expect(status).toBe(400);
  expect(body.message).toContain(
    "Configuration 'headers' must not be empty. Valid values include: any non-empty value",
  );
});
