import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const fetchTimeoutMs = 600_000;

/** Why Apache Kafka cannot run here, with what to install; null when it can. */
export async function missingForApacheKafka(): Promise<string | null> {
  for (const [command, argument, packages] of [
    ['java', '-version', 'openjdk-17-jre-headless'],
    ['mvn', '--version', 'maven'],
  ] as const) {
    try {
      await run(command, [argument]);
    } catch {
      return `no Apache Kafka: \`${command}\` is not installed (apt-get install ${packages})`;
    }
  }
  return null;
}

/** Brokers that are older than the present one: the oldest whose protocol the client speaks, and the last that older clients can speak to. */
export const olderKafkaVersions = ['2.1.1', '3.9.1'] as const;
export type OlderKafkaVersion = (typeof olderKafkaVersions)[number];

/** Class path of Apache Kafka 4.3.1 with its Connect worker. Fetched once into `$TRIBUTARY_SERVERS/kafka` (default `~/.cache/tributary/servers`); safe to call from several processes. */
export function kafkaClassPath(): Promise<string> {
  return fetchJars('kafka', 'pom.xml', []);
}

/** The same for an older broker, without tools and worker: some 25 to 45 MB each. */
export function olderKafkaClassPath(version: OlderKafkaVersion): Promise<string> {
  const beside = {
    '2.1.1': { scala: '2.12', zookeeper: '3.5.9' },
    '3.9.1': { scala: '2.13', zookeeper: '3.8.4' },
  }[version];
  return fetchJars(`kafka-${version}`, 'older-pom.xml', [
    `-Dkafka.version=${version}`,
    `-Dscala.version=${beside.scala}`,
    `-Dzookeeper.version=${beside.zookeeper}`,
  ]);
}

async function fetchJars(name: string, pom: string, args: readonly string[]): Promise<string> {
  const servers =
    process.env['TRIBUTARY_SERVERS'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tributary', 'servers');
  const folder = join(servers, name);
  if (!(await exists(join(folder, '.complete')))) {
    const draft = join(servers, `.${name}-${process.pid}`);
    await mkdir(draft, { recursive: true });
    const file = new URL(`../java/${pom}`, import.meta.url).pathname;
    const copy = ['-q', '-B', '-f', file, 'dependency:copy-dependencies', ...args];
    await run('mvn', [...copy, `-DoutputDirectory=${draft}`], { timeout: fetchTimeoutMs });
    await writeFile(join(draft, '.complete'), '');
    await moveUnlessThere(draft, folder);
  }
  return join(folder, '*');
}

/** Another process may have been quicker, and may be running what it fetched. */
async function moveUnlessThere(draft: string, folder: string): Promise<void> {
  try {
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(join(folder, '.complete')))) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
