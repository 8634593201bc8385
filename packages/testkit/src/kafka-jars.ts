import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const pom = new URL('../java/pom.xml', import.meta.url).pathname;
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

/** Class path of Apache Kafka 4.3.1 with its Connect worker. Fetched once into `$TRIBUTARY_SERVERS/kafka` (default `~/.cache/tributary/servers`); safe to call from several processes. */
export async function kafkaClassPath(): Promise<string> {
  const servers =
    process.env['TRIBUTARY_SERVERS'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tributary', 'servers');
  const folder = join(servers, 'kafka');
  if (!(await exists(join(folder, '.complete')))) {
    const draft = join(servers, `.kafka-${process.pid}`);
    await mkdir(draft, { recursive: true });
    const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies'];
    await run('mvn', [...args, `-DoutputDirectory=${draft}`], { timeout: fetchTimeoutMs });
    await writeFile(join(draft, '.complete'), '');
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  }
  return join(folder, '*');
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
