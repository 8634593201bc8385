import { type Child, startChild } from './child.ts';
import { kafkaClassPath } from './kafka-jars.ts';

/** The Java Connect worker 4.3.1, the original to compare with: its REST port is in its properties. */
export async function startJavaWorker(
  mode: 'Standalone' | 'Distributed',
  files: readonly string[],
): Promise<Child> {
  const child = startChild('java', [
    '-Xmx512m',
    '-cp',
    await kafkaClassPath(),
    `org.apache.kafka.connect.cli.Connect${mode}`,
    ...files,
  ]);
  await child.waitFor(/Kafka Connect started/, 90_000);
  return child;
}
