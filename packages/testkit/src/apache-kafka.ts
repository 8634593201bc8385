import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Child, startChild } from './child.ts';
import { kafkaClassPath, type OlderKafkaVersion, olderKafkaClassPath } from './kafka-jars.ts';
import { startZooKeeper, type ZooKeeper } from './zookeeper.ts';

const run = promisify(execFile);
const startTimeoutMs = 90_000;
const toolTimeoutMs = 120_000;

/** A real Apache Kafka on 127.0.0.1: one process, data in a temporary folder that goes with it. */
export interface ApacheKafka extends AsyncDisposable {
  readonly bootstrapServers: string;
  /** Ends the broker cleanly; `start` begins it again on the same port with the same data. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Runs a class of Kafka's tools and resolves with what it printed to standard output. */
  tool(className: string, args: readonly string[]): Promise<string>;
}

/**
 * Version 4.3.1, or an older one: with KRaft, or where that is not there yet with a ZooKeeper beside it.
 * `config`: broker keys that are added to the file; `listeners` are opened beside the plain one that `bootstrapServers` names.
 */
export async function startApacheKafka(
  config: Readonly<Record<string, string>> = {},
  version: '4.3.1' | OlderKafkaVersion = '4.3.1',
): Promise<ApacheKafka> {
  const classPath =
    version === '4.3.1' ? await kafkaClassPath() : await olderKafkaClassPath(version);
  const data = await mkdtemp(join(tmpdir(), 'tributary-kafka-'));
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const properties = join(data, 'server.properties');
  const { listeners, ...rest } = config;
  const text = brokerProperties(data) + propertiesText(rest);
  const hasKraft = !version.startsWith('2.');
  let zooKeeper: ZooKeeper | null = null;
  if (hasKraft) {
    await writeFile(properties, kraftProperties(port, controllerPort, listeners) + text);
    const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
    const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties];
    await run('java', ['-cp', classPath, ...format]);
  } else {
    zooKeeper = await startZooKeeper(classPath, join(data, 'zookeeper'), controllerPort);
    await writeFile(properties, zooKeeperProperties(port, controllerPort, listeners) + text);
  }
  let broker: Child | null = null;
  const kafka: ApacheKafka = {
    bootstrapServers: `127.0.0.1:${port}`,
    async start() {
      broker = startChild('java', ['-Xmx768m', '-cp', classPath, 'kafka.Kafka', properties]);
      await broker.waitFor(/Kafka Server started|\[KafkaServer id=1\] started/, startTimeoutMs);
    },
    async stop() {
      await broker?.stop(60_000);
    },
    async kill() {
      broker?.kill('SIGKILL');
      await broker?.exited;
    },
    async tool(className, args) {
      const { stdout } = await run('java', ['-cp', await kafkaClassPath(), className, ...args], {
        timeout: toolTimeoutMs,
        maxBuffer: 1 << 30,
      });
      return stdout;
    },
    async [Symbol.asyncDispose]() {
      await kafka.kill();
      await zooKeeper?.[Symbol.asyncDispose]();
      await rm(data, { recursive: true, force: true });
    },
  };
  try {
    await kafka.start();
  } catch (error) {
    await kafka[Symbol.asyncDispose]();
    throw error;
  }
  return kafka;
}

function kraftProperties(port: number, controllerPort: number, moreListeners?: string): string {
  const more = moreListeners === undefined ? '' : `,${moreListeners}`;
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${more}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}${more}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
`;
}

function zooKeeperProperties(port: number, zooKeeperPort: number, moreListeners?: string): string {
  const more = moreListeners === undefined ? '' : `,${moreListeners}`;
  return `broker.id=1
zookeeper.connect=127.0.0.1:${zooKeeperPort}
listeners=PLAINTEXT://127.0.0.1:${port}${more}
`;
}

function brokerProperties(data: string): string {
  return `log.dirs=${data}/log
offsets.topic.num.partitions=5
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
`;
}

export function propertiesText(config: Readonly<Record<string, string>>): string {
  return Object.entries(config)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
