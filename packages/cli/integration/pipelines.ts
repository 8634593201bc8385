import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectorFile } from '@tributary/testkit';

export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'tributary-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export function fileSource(
  file: string,
  topic: string,
  more: Record<string, string> = {},
): ConnectorFile {
  return {
    name: `${topic}-source`,
    config: {
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
      'tasks.max': '1',
      file,
      topic,
      ...more,
    },
  };
}

export function fileSink(
  file: string,
  topic: string,
  more: Record<string, string> = {},
): ConnectorFile {
  return {
    name: `${topic}-sink`,
    config: {
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
      'tasks.max': '1',
      file,
      topics: topic,
      ...more,
    },
  };
}

export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
