import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from './child.ts';

const startTimeoutMs = 60_000;

/** What brokers before KRaft keep their state in. */
export type ZooKeeper = AsyncDisposable;

/** On 127.0.0.1, its data below `folder`. */
export async function startZooKeeper(
  classPath: string,
  folder: string,
  port: number,
): Promise<ZooKeeper> {
  await mkdir(folder);
  const file = join(folder, 'zookeeper.properties');
  const keys = [`dataDir=${folder}`, `clientPort=${port}`, 'clientPortAddress=127.0.0.1'];
  await writeFile(file, `${keys.join('\n')}\nadmin.enableServer=false\nmaxClientCnxns=0\n`);
  const main = 'org.apache.zookeeper.server.ZooKeeperServerMain';
  const child = startChild('java', ['-Xmx128m', '-cp', classPath, main, file]);
  try {
    await child.waitFor(/binding to port/, startTimeoutMs);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await child.exited;
    },
  };
}
