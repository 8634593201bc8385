import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDevBrokerProcess, toProperties } from '@tributary/testkit';
import { describe, expect, it } from 'vitest';
import { pause, temporaryFolder } from './pipelines.ts';

const launcher = new URL('../../../bin/tributary', import.meta.url).pathname;
const lineCount = 20_000;

// The files that come with Apache Kafka.
const worker = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': 'true',
  'value.converter.schemas.enable': 'true',
  'offset.flush.interval.ms': '10000',
};
const consoleSource = {
  name: 'local-console-source',
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  'tasks.max': '1',
  topic: 'connect-test',
};
const consoleSink = {
  name: 'local-console-sink',
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  'tasks.max': '1',
  topics: 'connect-test',
};

describe('the console connectors', () => {
  it('bring every line of standard input to standard output, in order', async () => {
    await using folder = await temporaryFolder();
    await using broker = await startDevBrokerProcess();
    const files = {
      'connect-standalone': {
        ...worker,
        'bootstrap.servers': broker.bootstrapServers,
        listeners: 'http://127.0.0.1:0',
        'offset.storage.file.filename': join(folder.path, 'connect.offsets'),
      },
      'connect-console-source': consoleSource,
      'connect-console-sink': consoleSink,
    };
    const paths: string[] = [];
    for (const [name, config] of Object.entries(files)) {
      const path = join(folder.path, `${name}.properties`);
      await writeFile(path, toProperties(config));
      paths.push(path);
    }
    const child = spawn(process.execPath, [launcher, 'connect-standalone', ...paths], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    try {
      const lines = Array.from({ length: lineCount }, (_, i) => `line ${i} ${'x'.repeat(i % 120)}`);
      child.stdin.write(`${lines.slice(0, 10_000).join('\n')}\n`);
      const received: string[] = [];
      let unfinished = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        const parts = (unfinished + chunk).split('\n');
        unfinished = parts.pop() ?? '';
        received.push(...parts.filter((line) => line.startsWith('line ')));
      });
      await until(() => received.length >= 10_000);
      child.stdin.write(`${lines.slice(10_000).join('\n')}\n`);
      await until(() => received.length >= lineCount);
      expect(received).toEqual(lines);
    } finally {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
      const [code] = await exited;
      clearTimeout(late);
      expect(code).toBe(0);
    }
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isTrue() && Date.now() < deadline) await pause(20);
}
