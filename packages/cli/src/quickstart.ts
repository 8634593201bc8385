import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that flows through a topic into another file. */
export interface Quickstart {
  readonly input: string;
  readonly output: string;
  readonly topic: string;
  readonly connectors: readonly { name: string; config: Record<string, string> }[];
}

const sample = `This file flows through Kafka, line by line.
Append a line to it, and it arrives in output.txt.
Tributary is Kafka Connect without the JVM.
`;

/** Its files lie in `quickstart` of the data folder; the sample is written where there is no input yet. */
export async function prepareQuickstart(dataFolder: string): Promise<Quickstart> {
  const folder = join(dataFolder, 'quickstart');
  const input = join(folder, 'input.txt');
  const output = join(folder, 'output.txt');
  await mkdir(folder, { recursive: true });
  await writeUnlessThere(input, sample);
  const topic = 'quickstart';
  const text = 'org.apache.kafka.connect.storage.StringConverter';
  const common = { 'tasks.max': '1', 'key.converter': text, 'value.converter': text };
  return {
    input,
    output,
    topic,
    connectors: [
      {
        name: 'quickstart-source',
        config: {
          ...common,
          name: 'quickstart-source',
          'connector.class': 'FileStreamSource',
          file: input,
          topic,
        },
      },
      {
        name: 'quickstart-sink',
        config: {
          ...common,
          name: 'quickstart-sink',
          'connector.class': 'FileStreamSink',
          file: output,
          topics: topic,
        },
      },
    ],
  };
}

async function writeUnlessThere(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
