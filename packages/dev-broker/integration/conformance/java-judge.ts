import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { kafkaClassPath } from '@tributary/testkit';

const run = promisify(execFile);
const program = new URL('../../../testkit/java/conformance/Conformance.java', import.meta.url);
const timeoutMs = 400_000;

export const javaCases: readonly string[] = [
  ...['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((codec) => `round trip, ${codec}`),
  'idempotent producer',
  'transactions',
  'overlapping transactions',
  'aborted over many fetches',
  'fenced producer',
  'consumer group',
  'committed offsets',
  'committed offset that is gone',
  'partitions added',
  'paused partition',
  'broker timestamps',
  'static membership',
  'topics',
  'configs',
  'groups',
  'offsets by timestamp',
  'delete records',
  'compaction',
  'compacted transactions',
];

/** Apache Kafka's own clients, all cases in one process. By case: 'ok' or what went wrong. */
export async function runJavaCases(bootstrapServers: string): Promise<Map<string, string>> {
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=off';
  const args = ['-cp', await kafkaClassPath(), quiet, program.pathname, bootstrapServers];
  const { stdout, stderr } = await run('java', [...args, ...javaCases], { timeout: timeoutMs });
  const outcomes = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const [, ok, failed, reason] = /^(?:ok (.+)|failed ([^:]+): (.*))$/.exec(line) ?? [];
    if (ok !== undefined) outcomes.set(ok, 'ok');
    else if (failed !== undefined) outcomes.set(failed, `${reason}\n${stderr}`);
  }
  return outcomes;
}
