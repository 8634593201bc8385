import { inspect } from 'node:util';
import type {
  ConnectorInfo,
  ConnectorStatus,
  Herder,
  Logger,
  TaskStatus,
} from '@tributary/runtime';
import { HerderError } from '@tributary/runtime';
import { AlreadyExistsError, NotFoundError } from '@tributary/sdk';
import type { LoggerLevel } from '../entities/logger-level.ts';
import type { Loggers } from '../routes/loggers.ts';

/** For tests: connectors that are configs only. `calls` records what was asked; members can be replaced. */
export function fakeHerder(): Herder & { calls: unknown[][] } {
  const configs = new Map<string, Record<string, string>>();
  const calls: unknown[][] = [];
  const require = (name: string): Record<string, string> => {
    const config = configs.get(name);
    if (config !== undefined) return config;
    throw new NotFoundError(`Connector ${name} not found`);
  };
  const info = (name: string): ConnectorInfo => ({
    name,
    config: require(name),
    tasks: [{ connector: name, task: 0 }],
    type: 'source',
  });
  const running = { state: 'RUNNING', worker_id: '127.0.0.1:8083', version: '4.3.1' } as const;
  const status = (name: string): ConnectorStatus => {
    if (!configs.has(name)) throw new NotFoundError(`No status found for connector ${name}`);
    return { name, connector: running, tasks: [{ id: 0, ...running }], type: 'source' };
  };
  const command =
    (call: string) =>
    async (name: string, ...more: unknown[]): Promise<void> => {
      calls.push([call, name, ...more]);
      if (!configs.has(name)) throw new HerderError(404, `Unknown connector ${name}`);
    };
  return {
    calls,
    topicTracking: { isEnabled: true, isResetAllowed: true },
    serverInfo: () => ({
      version: '4.3.1',
      commit: '0f1e2d3c4b5a6978',
      kafkaClusterId: 'Xq3vT0aBRk6mZs1uYp8LwQ',
    }),
    health: async () => ({ isReady: true, stage: null }),
    connectors: async () => [...configs.keys()],
    connectorInfo: async (name) => info(name),
    connectorConfig: async (name) => require(name),
    connectorStatus: async (name) => status(name),
    taskConfigs: async (name) => [{ id: { connector: name, task: 0 }, config: require(name) }],
    taskStatus: async (name, id): Promise<TaskStatus> => ({ ...status(name).connector, id }),
    activeTopics: async () => ['t'],
    resetActiveTopics: async (name) => void calls.push(['resetActiveTopics', name]),
    putConnectorConfig: async (name, config, options) => {
      calls.push(['putConnectorConfig', name, config, options]);
      const isCreated = !configs.has(name);
      if (!isCreated && !options.allowReplace) {
        throw new AlreadyExistsError(`Connector ${name} already exists`);
      }
      configs.set(name, config as Record<string, string>);
      return { isCreated, info: info(name) };
    },
    patchConnectorConfig: async (name, patch) => {
      calls.push(['patchConnectorConfig', name, patch]);
      return info(name);
    },
    deleteConnector: async (name) => {
      require(name);
      configs.delete(name);
    },
    pauseConnector: command('pause'),
    resumeConnector: command('resume'),
    stopConnector: command('stop'),
    restartConnector: command('restart'),
    restartConnectorAndTasks: async (name, options) => {
      calls.push(['restartConnectorAndTasks', name, options]);
      return status(name);
    },
    restartTask: command('restartTask'),
    connectorOffsets: async () => ({
      offsets: [{ partition: { p: 1 }, offset: { o: 9007199254740993n } }],
    }),
    alterConnectorOffsets: async (name, offsets) => {
      calls.push(['alterConnectorOffsets', name, offsets]);
      return 'altered';
    },
    resetConnectorOffsets: async () => 'reset',
    plugins: () => [
      { class: 'a.Sink', type: 'sink', version: '1' },
      { class: 'a.Cast', type: 'transformation' },
    ],
    pluginConfig: async () => [],
    validateConfig: async () => ({ name: 'x', error_count: 0, groups: [], configs: [] }),
  };
}

/** For tests: levels in a map. */
export function fakeLoggers(): Loggers {
  const levels: Record<string, LoggerLevel> = { root: { level: 'INFO', last_modified: null } };
  return {
    list: () => ({ ...levels }),
    get: (name) => levels[name] ?? null,
    set: async (name, level) => {
      levels[name] ??= { level: 'INFO', last_modified: null };
      const names = Object.keys(levels).filter((one) => one.startsWith(name));
      const changed = names.filter((one) => levels[one]?.level !== level);
      for (const one of changed) levels[one] = { level, last_modified: 1_730_000_000_000 };
      return changed;
    },
  };
}

/** For tests: every line of every level with the error that came beside it, as it would be printed. */
export function fakeLogger(lines: string[]): Logger {
  const log = (message: string, error?: unknown): void => {
    lines.push(error === undefined ? message : `${message}\n${inspect(error)}`);
  };
  const logger: Logger = {
    trace: log,
    debug: log,
    info: log,
    warn: log,
    error: log,
    isEnabled: () => true,
    child: () => logger,
  };
  return logger;
}
