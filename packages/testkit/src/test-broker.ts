import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, propertiesText, startApacheKafka } from './apache-kafka.ts';
import { type Child, startChild } from './child.ts';
import { missingForApacheKafka, type OlderKafkaVersion, olderKafkaVersions } from './kafka-jars.ts';
import { requireOrSkip } from './require.ts';

/** A broker in a process of its own that a test may stop, kill and start again with the same data and port. */
export interface TestBroker extends AsyncDisposable {
  readonly bootstrapServers: string;
  stop(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface BrokerKind {
  readonly name: 'dev broker' | 'Apache Kafka' | `Apache Kafka ${OlderKafkaVersion}`;
  readonly isAvailable: boolean;
  /** `config`: broker keys with Kafka's names. */
  start(config?: Readonly<Record<string, string>>): Promise<TestBroker>;
}

const launcher = new URL('../../../bin/tributary', import.meta.url).pathname;

/** The brokers that every integration suite runs on; use as `describe.for(await brokerKinds())` with `it.runIf(kind.isAvailable)`. */
export async function brokerKinds(): Promise<BrokerKind[]> {
  const missing = await missingForApacheKafka();
  return [
    { name: 'dev broker', isAvailable: true, start: startDevBrokerProcess },
    {
      name: 'Apache Kafka',
      isAvailable: requireOrSkip('Apache Kafka', missing === null, missing ?? ''),
      start: (config) => startApacheKafka(config),
    },
  ];
}

/** The older brokers that the client is tested with, too. */
export async function olderBrokerKinds(): Promise<BrokerKind[]> {
  const missing = await missingForApacheKafka();
  const isAvailable = requireOrSkip('older Apache Kafka', missing === null, missing ?? '');
  return olderKafkaVersions.map((version) => ({
    name: `Apache Kafka ${version}` as const,
    isAvailable,
    start: (config) => startApacheKafka(config, version),
  }));
}

export async function startDevBrokerProcess(
  config: Readonly<Record<string, string>> = {},
): Promise<TestBroker> {
  const data = await mkdtemp(join(tmpdir(), 'tributary-broker-'));
  const [port] = await freePorts(1);
  const configFile = join(data, 'broker.properties');
  await writeFile(configFile, propertiesText(config));
  let child: Child | null = null;
  const broker: TestBroker = {
    bootstrapServers: `127.0.0.1:${port}`,
    async start() {
      child = startChild(process.execPath, [
        launcher,
        'broker',
        '--port',
        String(port),
        '--data',
        join(data, 'log'),
        '--config',
        configFile,
      ]);
      await child.waitFor(new RegExp(`127\\.0\\.0\\.1:${port}`), 30_000);
    },
    async stop() {
      await child?.stop();
    },
    async kill() {
      child?.kill('SIGKILL');
      await child?.exited;
    },
    async [Symbol.asyncDispose]() {
      await broker.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
  await broker.start();
  return broker;
}
