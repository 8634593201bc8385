import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostPool, HostPoolListener } from '../src/hosts/host-pool-api.ts';
import type { HostEvent } from '../src/hosts/messages.ts';
import { createHostPool, type HostPoolOptions } from '../src/hosts/pool/host-pool.ts';
import { createLogger } from '../src/logging.ts';

export interface Loss {
  hostId: number;
  trace: string;
  culprit: number | null;
  runs: number[];
  atMs: number;
}

/** A pool of real hosts with the fixture plugin, and what it told. */
export interface TestPool extends AsyncDisposable {
  readonly pool: HostPool;
  readonly events: (HostEvent & { atMs: number })[];
  readonly losses: Loss[];
  readonly log: string[];
  startTask(name: string, config?: Record<string, string>, task?: number): Promise<number>;
  startConnector(name: string, config?: Record<string, string>): Promise<number>;
  /** Of the tasks of a connector. */
  polls(connector: string): number;
  waitFor<T>(
    what: string,
    find: () => T | undefined | false | null,
    timeoutMs?: number,
  ): Promise<T>;
  /** Children of this process that are hosts. */
  hostPids(): number[];
  childrenOf(pid: number): number[];
  /** Longest turn of this process's event loop since the last call, in milliseconds. */
  takeLongestTurnMs(): number;
}

const here = import.meta.url;
const packageFolder = new URL('./fixtures/bad-plugin', here).pathname;

export function badPlugin(className: string, exportName: string) {
  return { className, type: 'source', version: '1.0.0', packageFolder, exportName } as const;
}

export function startTestPool(
  options: Partial<HostPoolOptions> = {},
  listener?: HostPoolListener,
): TestPool {
  const events: TestPool['events'] = [];
  const losses: Loss[] = [];
  const log: string[] = [];
  const polled = new Map<string, number>();
  const logger = createLogger({ write: (line) => void (log.length < 20_000 && log.push(line)) });
  const pool = createHostPool(
    {
      settings: {
        plugins: [
          badPlugin('test.BadSource', 'BadSource'),
          badPlugin('test.BlockingSource', 'BlockingSource'),
        ],
        workerConfig: {},
        workerId: 'test:0',
        kafkaClusterId: 'none',
      },
      logger,
      maxHosts: 2,
      servicesModule: new URL('./fixtures/host-services.ts', here).href,
      ...options,
      limits: {
        heapMiB: 96,
        maxRssBytes: 400 * 1024 * 1024,
        maxStallMs: 3000,
        slowTurnMs: 1500,
        ...options.limits,
      },
    },
    {
      onEvent: (event) => {
        if (event.kind === 'topicUsed') {
          polled.set(event.connector, (polled.get(event.connector) ?? 0) + 1);
        } else events.push({ ...event, atMs: performance.now() });
        listener?.onEvent(event);
      },
      answer: async () => {
        throw new Error('nothing is stored');
      },
      onHostLost(loss) {
        losses.push({ ...loss, atMs: performance.now() });
        listener?.onHostLost(loss);
      },
    },
  );
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let lastRunId = 0;
  return {
    pool,
    events,
    losses,
    log,
    async startTask(name, config = {}, task = 0) {
      const runId = ++lastRunId;
      const connectorConfig = { name, 'connector.class': 'test.BadSource', topic: 't', ...config };
      await pool.startTask({
        runId,
        connector: name,
        task,
        connectorConfig,
        taskConfig: connectorConfig,
        taskCount: 1,
        targetState: 'STARTED',
      });
      return runId;
    },
    async startConnector(name, config = {}) {
      const runId = ++lastRunId;
      const full = { name, 'connector.class': 'test.BadSource', topic: 't', ...config };
      await pool.startConnector({ runId, connector: name, config: full, targetState: 'STARTED' });
      return runId;
    },
    polls: (connector) => polled.get(connector) ?? 0,
    async waitFor(what, find, timeoutMs = 30_000) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const found = find();
        if (found) return found;
        if (performance.now() > deadline) {
          const end = log.slice(-20).join('');
          throw new Error(`waited ${timeoutMs} ms for ${what} in vain; the log ends with:\n${end}`);
        }
        await sleep(20);
      }
    },
    hostPids: () => childrenOf(process.pid).filter(isHost),
    childrenOf,
    takeLongestTurnMs() {
      const longest = delay.max / 1e6;
      delay.reset();
      return longest;
    },
    async [Symbol.asyncDispose]() {
      delay.disable();
      await pool.close();
    },
  };
}

/** A zombie counts as alive: somebody has not awaited it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => Number(/^PPid:\t(\d+)/m.exec(readProc(pid, 'status'))?.[1]) === parent);
}

function isHost(pid: number): boolean {
  return readProc(pid, 'cmdline').includes('task-host');
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
