import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, propertiesText } from './apache-kafka.ts';
import { type Child, startChild } from './child.ts';
import { kafkaClassPath } from './kafka-jars.ts';

const run = promisify(execFile);
const startTimeoutMs = 120_000;

/** Several real brokers on 127.0.0.1, a process each, every one a controller too. Topics have a copy on each, and two must be in sync for a write (with three). */
export interface KafkaCluster extends AsyncDisposable {
  readonly bootstrapServers: string;
  readonly ids: readonly number[];
  /** SIGKILL. */
  kill(id: number): Promise<void>;
  /** SIGSTOP: it holds its connections and answers nothing. */
  freeze(id: number): void;
  /** SIGCONT: it goes on where it stood. */
  thaw(id: number): void;
  /** Again, on the same port with the same data; resolves when it has caught up so far that it takes requests. */
  start(id: number): Promise<void>;
}

/** `configOf`: keys for all brokers, or for each by its id. */
export async function startKafkaCluster(
  count: number,
  configOf:
    | Readonly<Record<string, string>>
    | ((id: number) => Readonly<Record<string, string>>) = {},
): Promise<KafkaCluster> {
  const classPath = await kafkaClassPath();
  const data = await mkdtemp(join(tmpdir(), 'tributary-kafka-cluster-'));
  const ports = await freePorts(count * 2);
  const nodes = Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    port: ports[index * 2] ?? 0,
    controllerPort: ports[index * 2 + 1] ?? 0,
    file: join(data, `${index + 1}.properties`),
  }));
  const voters = nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join();
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  for (const { id, port, controllerPort, file } of nodes) {
    await mkdir(join(data, String(id)));
    const properties = {
      'process.roles': 'broker,controller',
      'node.id': String(id),
      'controller.quorum.voters': voters,
      listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
      'controller.listener.names': 'CONTROLLER',
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      'log.dirs': join(data, String(id), 'log'),
      ...replication(count),
      'group.initial.rebalance.delay.ms': '0',
      ...(typeof configOf === 'function' ? configOf(id) : configOf),
    };
    await writeFile(file, propertiesText(properties));
    const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file];
    await run('java', ['-cp', classPath, ...format]);
  }
  const children = new Map<number, Child>();
  const cluster: KafkaCluster = {
    bootstrapServers: nodes.map(({ port }) => `127.0.0.1:${port}`).join(),
    ids: nodes.map(({ id }) => id),
    async kill(id) {
      children.get(id)?.kill('SIGKILL');
      await children.get(id)?.exited;
    },
    freeze: (id) => children.get(id)?.kill('SIGSTOP'),
    thaw: (id) => children.get(id)?.kill('SIGCONT'),
    async start(id) {
      const file = nodes.find((node) => node.id === id)?.file ?? '';
      const child = startChild('java', ['-Xmx384m', '-cp', classPath, 'kafka.Kafka', file]);
      children.set(id, child);
      await child.waitFor(/Kafka Server started/, startTimeoutMs);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map(({ id }) => cluster.kill(id)));
      await rm(data, { recursive: true, force: true });
    },
  };
  try {
    await Promise.all(nodes.map(({ id }) => cluster.start(id)));
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
  return cluster;
}

function replication(count: number): Record<string, string> {
  const copies = String(count);
  const inSync = String(Math.max(1, count - 1));
  return {
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    'offsets.topic.num.partitions': '3',
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.num.partitions': '3',
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,
  };
}
