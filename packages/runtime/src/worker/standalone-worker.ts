/**
 * A worker in standalone mode from its properties: config, plugins, Kafka's cluster id, stores, worker, herder; and back again in reverse.
 * Source: Kafka Connect `ConnectStandalone`, `AbstractConnectCli`.
 */
import {
  type ClientConfig,
  createAdmin,
  type GroupMemberId,
  knownClientKeys,
} from '@tributary/kafka';
import { ConfigError, ConnectError, parseConfig } from '@tributary/sdk';
import { systemClock } from '../clock.ts';
import { overridePolicyOf } from '../config/override-policy.ts';
import { unknownKeys } from '../config/supplied-keys.ts';
import { parseTaskHostSettings, taskHostConfig } from '../config/task-host-config.ts';
import { standaloneConfig } from '../config/worker-config.ts';
import { StandaloneHerder } from '../herder/standalone-herder.ts';
import type { Config } from '../hosts/messages.ts';
import { createHostPool } from '../hosts/pool/host-pool.ts';
import type { LogLevels } from '../log-levels.ts';
import type { Logger } from '../logger.ts';
import type { ConfigResolver } from '../plugins/config-resolver.ts';
import { loadPlugins } from '../plugins/load-plugins.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';
import { missingVersion, parseVersionRange } from '../plugins/version-range.ts';
import { MemoryConfigStore } from '../storage/config-store.ts';
import { FileOffsetStore } from '../storage/file-offset-store.ts';
import { MemoryStatusStore } from '../storage/status-store.ts';
import { connectorAdminConfig, workerAdminConfig } from './client-configs.ts';
import { Worker } from './worker.ts';

/** A lost task is not kept from running for longer by a group that does not answer. */
const leaveTimeoutMs = 10_000;

export interface StandaloneWorkerOptions {
  /** As in `worker.properties`, with references resolved. */
  readonly config: Config;
  /** For the references in configs of connectors. */
  readonly resolver: ConfigResolver;
  /** `host:port` under which REST is advertised. */
  readonly workerId: string;
  /** Folders of the plugin packages that come with the installation. */
  readonly bundledPlugins: readonly string[];
  readonly version: string;
  readonly commit: string;
  readonly logger: Logger;
  /** Of `logger`; task hosts follow them. */
  readonly levels: LogLevels;
}

export interface StandaloneWorker {
  readonly herder: StandaloneHerder;
  /** Tasks stop with their last offsets committed, then connectors, then task hosts. */
  close(): Promise<void>;
}

/** ConfigError when the config is not valid; ConnectError when Kafka cannot be reached or the offsets file not be read. */
export async function startStandaloneWorker(
  options: StandaloneWorkerOptions,
): Promise<StandaloneWorker> {
  const { config, resolver, workerId, logger } = options;
  const startedMs = performance.now();
  logger.info('Kafka Connect worker initializing ...');
  const parsed = parseConfig(standaloneConfig, config);
  const taskHosts = parseTaskHostSettings(config);
  overridePolicyOf(config);
  for (const key of unknownKeys(config, [standaloneConfig, taskHostConfig], knownClientKeys())) {
    logger.warn(`The configuration '${key}' was supplied but isn't a known config.`);
  }

  const registry = await scanPlugins(options.bundledPlugins, parsed['plugin.path'] ?? [], logger);
  for (const key of ['key.converter', 'value.converter'] as const) {
    requireConverter(registry, key, parsed[key], parsed[`${key}.plugin.version`]);
  }
  const kafkaClusterId = await lookUpClusterId(config, logger);
  const offsets = await FileOffsetStore.open(parsed['offset.storage.file.filename']);
  const statuses = new MemoryStatusStore();

  const worker = new Worker({
    workerId,
    gracefulShutdownTimeoutMs: parsed['task.shutdown.graceful.timeout.ms'],
    isTopicTrackingEnabled: parsed['topic.tracking.enable'],
    statuses,
    offsets,
    logger,
    resolve: (connectorConfig) => resolver.resolve(connectorConfig),
    createPool: (listener) =>
      createHostPool(
        {
          settings: { plugins: registry.plugins, workerConfig: config, workerId, kafkaClusterId },
          ...taskHosts,
          logger,
          levels: options.levels,
        },
        listener,
      ),
    leaveGroup: (connector, connectorConfig, member) =>
      leaveGroup(connectorAdminConfig(connector, connectorConfig, config), member, logger),
    onTaskReconfiguration: (connector) => herder.requestTaskReconfiguration(connector),
    versionOf: (connectorClass = '', wanted) => installedVersion(registry, connectorClass, wanted),
  });
  worker.pool.warm();
  const herder: StandaloneHerder = new StandaloneHerder({
    version: options.version,
    commit: options.commit,
    kafkaClusterId,
    registry,
    configs: new MemoryConfigStore(),
    statuses,
    offsets,
    worker,
    topicTracking: {
      isEnabled: parsed['topic.tracking.enable'],
      isResetAllowed: parsed['topic.tracking.allow.reset'],
    },
    clock: systemClock,
    resolve: (connectorConfig) => resolver.resolve(connectorConfig),
    offsetsContext: {
      workerId,
      consumerGroupId: config['consumer.group.id'],
      createAdmin: (connector, connectorConfig) =>
        createAdmin(connectorAdminConfig(connector, connectorConfig, config), { logger }),
    },
    logger,
  });
  logger.info(
    `Kafka Connect worker initialization took ${Math.round(performance.now() - startedMs)}ms`,
  );
  return {
    herder,
    async close() {
      logger.info('Kafka Connect stopping');
      await herder.close();
      await worker.close();
      await offsets.close();
      logger.info('Kafka Connect stopped');
    },
  };
}

function requireConverter(
  registry: PluginRegistry,
  key: string,
  className: string,
  version: string | null,
): void {
  const versions = registry.versions(className, ['converter']).map((each) => `${each.version}`);
  if (versions.length === 0) {
    throw new ConfigError(key, className, `Class ${className} could not be found.`);
  }
  const problem = missingVersion(className, parseVersionRange(version), versions);
  if (problem !== null) throw new ConfigError(problem);
}

/** Null for what is not installed, and for a version that is none: both have their error elsewhere. */
function installedVersion(
  registry: PluginRegistry,
  connectorClass: string,
  wanted: string | undefined,
): string | null {
  try {
    const range = parseVersionRange(wanted);
    return registry.find(connectorClass, ['source', 'sink'], range)?.version ?? null;
  } catch (error) {
    if (ConfigError.is(error)) return null;
    throw error;
  }
}

async function scanPlugins(
  bundled: readonly string[],
  pluginPath: readonly string[],
  logger: Logger,
): Promise<PluginRegistry> {
  logger.info('Scanning for plugin classes. This might take a moment ...');
  const { registry, problems } = await loadPlugins(bundled, pluginPath);
  for (const problem of problems) logger.warn(problem);
  for (const { className, packageFolder } of registry.plugins) {
    // Those that are always there would hide what an operator looks for.
    const level = bundled.includes(packageFolder) ? 'debug' : 'info';
    logger[level](`Added plugin '${className}'`);
  }
  for (const [alias, className] of registry.aliases) {
    logger.debug(`Added alias '${alias}' to plugin '${className}'`);
  }
  logger.info(
    `Added ${registry.plugins.length} plugins; GET /connector-plugins?connectorsOnly=false lists them`,
  );
  return registry;
}

async function leaveGroup(
  adminConfig: ClientConfig,
  member: GroupMemberId,
  logger: Logger,
): Promise<void> {
  const admin = createAdmin(adminConfig, { logger });
  try {
    await admin.removeMembers([member], AbortSignal.timeout(leaveTimeoutMs));
  } finally {
    await admin.close();
  }
}

async function lookUpClusterId(config: Config, logger: Logger): Promise<string> {
  const admin = createAdmin(workerAdminConfig(config), { logger });
  try {
    return (await admin.describeCluster()).clusterId;
  } catch (error) {
    throw new ConnectError(
      "Failed to connect to and describe Kafka cluster. Check worker's broker connection and security properties.",
      { cause: error, code: 'TRB_KAFKA_UNREACHABLE' },
    );
  } finally {
    await admin.close();
  }
}
