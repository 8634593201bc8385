import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  startDevBrokerProcess,
  startTestWorker,
  toProperties,
  waitForSize,
} from '@tributary/testkit';
import { expect, it } from 'vitest';
import { fileSink, fileSource, temporaryFolder } from './pipelines.ts';

it('lets configs refer to secrets that are used and never shown, and follows them when they change', async () => {
  await using folder = await temporaryFolder();
  await using broker = await startDevBrokerProcess();
  const secrets = join(folder.path, 'secrets');
  await mkdir(secrets);
  const secretFile = join(secrets, 'pipeline.properties');
  const writeSecrets = (topic: string): Promise<void> =>
    writeFile(
      secretFile,
      toProperties({ topic, flush: '500', unreadable: join(folder.path, 'hush-hush') }),
    );
  await writeSecrets('classified-one');
  await mkdir(join(folder.path, 'hush-hush'));
  const elsewhere = join(folder.path, 'elsewhere.properties');
  await writeFile(elsewhere, 'topic=off-limits\n');

  const reference = (key: string, file = secretFile): string => `\${file:${file}:${key}}`;
  await using worker = await startTestWorker({
    folder: folder.path,
    bootstrapServers: broker.bootstrapServers,
    config: {
      'config.providers': 'file',
      'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
      'config.providers.file.param.allowed.paths': secrets,
      'config.providers.file.param.ttl.ms': '1000',
      'offset.flush.interval.ms': reference('flush'),
    },
  });

  const input = join(folder.path, 'in.txt');
  const outputs = ['classified-one', 'classified-two'].map((topic) => join(folder.path, topic));
  await writeFile(input, 'one\n');
  const source = fileSource(input, 'guarded');
  const config = { ...source.config, topic: reference('topic') };
  await worker.create({ ...source, config });

  // Whatever REST answers has the reference.
  const own = `/connectors/${source.name}`;
  expect((await worker.request('GET', `${own}/config`)).body.topic).toBe(reference('topic'));
  const answers = [
    await worker.request('GET', own),
    await worker.request('GET', `${own}/tasks`),
    await worker.request('GET', '/connectors?expand=info&expand=status'),
    await worker.request('PUT', '/connector-plugins/FileStreamSource/config/validate', {
      name: 'v',
      ...config,
      'tasks.max': reference('topic'),
    }),
  ];
  for (const { status, body } of answers) {
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain('pipeline.properties');
    expect(JSON.stringify(body)).not.toContain('classified');
  }

  // Lines travel through the topic that only the secret names.
  await worker.create(fileSink(outputs[0] as string, 'classified-one'));
  await worker.create(fileSink(outputs[1] as string, 'classified-two'));
  await waitForSize(outputs[0] as string, 'one\n'.length, { timeoutMs: 30_000 });

  // A trace that would quote a value quotes its reference.
  const failing = fileSource(reference('unreadable'), 'failing');
  await worker.create(failing);
  await worker.waitForTask(failing.name, 0, 'FAILED');
  const { body } = await worker.request('GET', `/connectors/${failing.name}/tasks/0/status`);
  expect(body.trace).toContain(reference('unreadable'));
  expect(body.trace).not.toContain('hush-hush');

  // A path that is not allowed gives nothing: the reference stays, and is no topic name.
  const refused = fileSource(input, 'refused');
  await worker.create({
    ...refused,
    config: { ...refused.config, topic: reference('topic', elsewhere) },
  });
  await worker.waitForTask(refused.name, 0, 'FAILED');

  // When the value changes, connector and task go on with the new one.
  await writeSecrets('classified-two');
  await worker.process.waitFor(/Values of config providers have changed/, 10_000);
  await appendFile(input, 'two\n');
  await waitForSize(outputs[1] as string, 'two\n'.length, { timeoutMs: 30_000 });
  expect(await readFile(outputs[0] as string, 'utf8')).toBe('one\n');
  expect(worker.process.output).not.toMatch(/hush-hush|off-limits/);
});
