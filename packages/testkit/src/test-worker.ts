import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './apache-kafka.ts';
import { type Child, startChild } from './child.ts';
import { taskHostsOf } from './processes.ts';

const launcher = new URL('../../../bin/tributary', import.meta.url).pathname;

export interface ConnectorFile {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
}

/** `tributary connect-standalone` in a process of its own, spoken to over REST. */
export interface TestWorker extends AsyncDisposable {
  readonly process: Child;
  readonly url: string;
  /** The JSON body (null when empty; untyped, as tests look into it) with its status. */
  // oxlint-disable-next-line typescript/no-explicit-any
  request(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }>;
  create(connector: ConnectorFile): Promise<void>;
  /** Resolves when the connector and its tasks show `state`; rejects at the deadline with the last status. */
  waitForState(connector: string, state: string, timeoutMs?: number): Promise<void>;
  waitForTask(connector: string, task: number, state: string, timeoutMs?: number): Promise<void>;
  /** Process ids of its task hosts. */
  hosts(): number[];
  stop(): Promise<number | null>;
  kill(): Promise<void>;
}

/** Files go to `folder`; offsets stay there from one start to the next. */
export async function startTestWorker(options: {
  folder: string;
  bootstrapServers: string;
  connectors?: readonly ConnectorFile[];
  config?: Readonly<Record<string, string>>;
  port?: number;
}): Promise<TestWorker> {
  const { folder, bootstrapServers, connectors = [] } = options;
  const port = options.port ?? (await freePorts(1))[0];
  const config = {
    'bootstrap.servers': bootstrapServers,
    listeners: `http://127.0.0.1:${port}`,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'offset.storage.file.filename': join(folder, 'connect.offsets'),
    'offset.flush.interval.ms': '1000',
    ...options.config,
  };
  const workerFile = join(folder, 'worker.properties');
  await writeFile(workerFile, toProperties(config));
  const files: string[] = [];
  for (const { name, config: own } of connectors) {
    const file = join(folder, `${name}.properties`);
    await writeFile(file, toProperties({ name, ...own }));
    files.push(file);
  }
  const child = startChild(process.execPath, [
    launcher,
    'connect-standalone',
    workerFile,
    ...files,
  ]);
  const worker = testWorker(child, `http://127.0.0.1:${port}`);
  try {
    await child.waitFor(/Kafka Connect started/, 60_000);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return worker;
}

export function toProperties(config: Readonly<Record<string, string>>): string {
  const escape = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return Object.entries(config)
    .map(([key, value]) => `${key}=${escape(value)}\n`)
    .join('');
}

function testWorker(child: Child, url: string): TestWorker {
  const worker: TestWorker = {
    process: child,
    url,
    async request(method, path, body) {
      const response = await fetch(`${url}${path}`, {
        method,
        signal: AbortSignal.timeout(95_000),
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    },
    async create(connector) {
      const { status, body } = await worker.request('POST', '/connectors', connector);
      if (status !== 201) throw new Error(`POST /connectors: ${status} ${JSON.stringify(body)}`);
    },
    waitForState: (connector, state, timeoutMs = 30_000) =>
      waitFor(`/connectors/${connector}/status`, state, timeoutMs, (body) => [
        body?.connector?.state,
        body?.tasks?.[0]?.state,
        ...(body?.tasks ?? []).map((task: { state: string }) => task.state),
      ]),
    waitForTask: (connector, task, state, timeoutMs = 30_000) =>
      waitFor(`/connectors/${connector}/tasks/${task}/status`, state, timeoutMs, (body) => [
        body?.state,
      ]),
    hosts: () => taskHostsOf(child.pid),
    stop: () => child.stop(),
    async kill() {
      child.kill('SIGKILL');
      await child.exited;
    },
    async [Symbol.asyncDispose]() {
      await child.stop();
    },
  };
  return worker;

  async function waitFor(
    path: string,
    state: string,
    timeoutMs: number,
    // oxlint-disable-next-line typescript/no-explicit-any
    statesIn: (body: any) => unknown[],
  ): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const { body } = await worker.request('GET', path);
      if (statesIn(body).every((found) => found === state)) return;
      if (Date.now() > deadline) {
        throw new Error(`${path} is not ${state} after ${timeoutMs} ms: ${JSON.stringify(body)}`);
      }
      await sleep(50);
    }
  }
}
