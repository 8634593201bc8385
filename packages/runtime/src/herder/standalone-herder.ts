/**
 * SPINE of standalone mode: the calls of REST in one process. Configs and statuses live in memory, source offsets in a file.
 * Changes to one connector happen in order (request-queue.ts); reads answer from the stores at once.
 * Source: Kafka Connect `StandaloneHerder`.
 */
import { AlreadyExistsError, NotFoundError } from '@tributary/sdk';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';
import { hideInError, type Resolved } from '../plugins/resolved-config.ts';
import type { ConfigStore, ConnectorEntry, StoredConfig } from '../storage/config-store.ts';
import type { OffsetStore } from '../storage/offset-store.ts';
import type { StatusStore } from '../storage/status-store.ts';
import { taskName, type Worker } from '../worker/worker.ts';
import {
  asAnswered,
  connectorInfoOf,
  connectorStatusOf,
  connectorTypeOf,
  requireConnector,
  taskStatusOf,
} from './answers.ts';
import { ConfigReloads } from './config-reloads.ts';
import { HerderError } from './errors.ts';
import type {
  ConnectorInfo,
  ConnectorOffset,
  ConnectorOffsets,
  ConnectorStatus,
  Herder,
  PluginInfo,
  TargetState,
  TaskStatus,
} from './herder.ts';
import {
  modifySinkOffsets,
  modifySourceOffsets,
  type OffsetsContext,
  readOffsets,
} from './offsets.ts';
import { pluginInfos } from './plugin-lookup.ts';
import { RequestQueue } from './request-queue.ts';
import { planRestart } from './restart-plan.ts';
import {
  nameUnknownKeys,
  pluginConfig,
  refuseInvalid,
  type ValidationContext,
  validateAside,
} from './validate-aside.ts';
import type { ConfigValueInfo, ValidationResult } from './validation-result.ts';

export interface StandaloneHerderOptions {
  readonly version: string;
  readonly commit: string;
  readonly kafkaClusterId: string;
  readonly registry: PluginRegistry;
  readonly configs: ConfigStore;
  readonly statuses: StatusStore;
  readonly offsets: OffsetStore;
  readonly worker: Worker;
  readonly topicTracking: { isEnabled: boolean; isResetAllowed: boolean };
  readonly clock: Clock;
  /** Replaces references to config providers. */
  resolve(config: StoredConfig): Promise<Resolved<string | null>>;
  readonly offsetsContext: Omit<OffsetsContext, 'offsets' | 'pool' | 'registry'>;
  readonly logger: Logger;
}

const maxWaitingPerConnector = 100;

export class StandaloneHerder implements Herder {
  readonly topicTracking: { isEnabled: boolean; isResetAllowed: boolean };
  readonly #options: StandaloneHerderOptions;
  readonly #queue = new RequestQueue({ maxWaiting: maxWaitingPerConnector });
  readonly #reloads: ConfigReloads;
  #isReady = false;

  constructor(options: StandaloneHerderOptions) {
    this.#options = options;
    this.#reloads = new ConfigReloads(options.clock);
    this.topicTracking = options.topicTracking;
  }

  /** All connector files of the command line are processed. */
  becomeReady(): void {
    this.#isReady = true;
  }

  serverInfo(): { version: string; commit: string; kafkaClusterId: string } {
    const { version, commit, kafkaClusterId } = this.#options;
    return { version, commit, kafkaClusterId };
  }

  async health(): Promise<{ isReady: boolean; stage: string | null }> {
    return { isReady: this.#isReady, stage: null };
  }

  // Reading

  async connectors(): Promise<string[]> {
    return this.#options.configs.connectors();
  }

  async connectorInfo(name: string): Promise<ConnectorInfo> {
    return connectorInfoOf(this.#options, name);
  }

  async connectorConfig(name: string): Promise<Record<string, string>> {
    return asAnswered(this.#require(name).config);
  }

  async connectorStatus(name: string): Promise<ConnectorStatus> {
    return connectorStatusOf(this.#options, name);
  }

  async taskConfigs(
    name: string,
  ): Promise<{ id: { connector: string; task: number }; config: Record<string, string> }[]> {
    return this.#require(name).taskConfigs.map((config, task) => ({
      id: { connector: name, task },
      config: { ...config },
    }));
  }

  async taskStatus(name: string, task: number): Promise<TaskStatus> {
    return taskStatusOf(this.#options, name, task);
  }

  async activeTopics(name: string): Promise<string[]> {
    return this.#options.statuses.topics(name);
  }

  async resetActiveTopics(name: string): Promise<void> {
    this.#options.statuses.removeTopics(name);
    await this.#options.worker.forgetTopics(name);
  }

  plugins(): PluginInfo[] {
    return pluginInfos(this.#options.registry);
  }

  async pluginConfig(
    plugin: string,
    version: string | null,
  ): Promise<ConfigValueInfo['definition'][]> {
    return pluginConfig(plugin, version, this.#validationContext());
  }

  validateConfig(config: StoredConfig): Promise<ValidationResult> {
    return validateAside(config, this.#validationContext());
  }

  // Changing configs

  putConnectorConfig(
    name: string,
    config: StoredConfig,
    options: { allowReplace: boolean; targetState: TargetState | null },
  ): Promise<{ isCreated: boolean; info: ConnectorInfo }> {
    return this.#queue.run(name, async () => {
      const validation = await refuseInvalid(config, this.#validationContext());
      const isCreated = this.#options.configs.connector(name) === undefined;
      if (!isCreated && !options.allowReplace) {
        throw new AlreadyExistsError(`Connector ${name} already exists`);
      }
      nameUnknownKeys(name, config, validation, this.#options.logger);
      await this.#applyConfig(name, config, options.targetState);
      return { isCreated, info: connectorInfoOf(this.#options, name) };
    });
  }

  patchConnectorConfig(name: string, patch: StoredConfig): Promise<ConnectorInfo> {
    return this.#queue.run(name, async () => {
      const merged = { ...this.#require(name).config };
      for (const [key, value] of Object.entries(patch)) {
        if (value === null) delete merged[key];
        else merged[key] = value;
      }
      const validation = await refuseInvalid(merged, this.#validationContext());
      nameUnknownKeys(name, merged, validation, this.#options.logger);
      await this.#applyConfig(name, merged, null);
      return connectorInfoOf(this.#options, name);
    });
  }

  deleteConnector(name: string): Promise<void> {
    return this.#queue.run(name, async () => {
      this.#require(name);
      this.#reloads.cancel(name);
      await this.#removeTasks(name);
      await this.#options.worker.stopConnector(name);
      this.#options.configs.removeConnector(name);
      this.#options.statuses.removeConnector(name);
    });
  }

  /** A connector has asked for it: its tasks are reconfigured in the background. */
  requestTaskReconfiguration(name: string): void {
    this.#queue
      .run(name, () => this.#updateTasks(name))
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.logger.error(`[${name}|worker] Cannot reconfigure its tasks: ${reason}`);
      });
  }

  /** Stops what runs by the old config, stores the new one, starts the connector, then its tasks. */
  async #applyConfig(
    name: string,
    config: StoredConfig,
    targetState: TargetState | null,
  ): Promise<void> {
    const { configs, worker } = this.#options;
    await worker.stopConnector(name);
    const isChanged = !isSameConfig(configs.connector(name)?.config, config);
    configs.putConnector(name, config, targetState);
    await this.#startConnector(name);
    await this.#updateTasks(name, { isConfigChanged: isChanged });
  }

  async #startConnector(name: string): Promise<void> {
    const { config, targetState } = this.#require(name);
    const foreign = Object.entries(config).find(([, value]) => value === null);
    if (foreign !== undefined) {
      const message = `Non-string value found in original settings for key ${foreign[0]}: null`;
      this.#putStartFailure(name, `java.lang.ClassCastException: ${message}`);
      throw new HerderError(500, message, { javaName: 'java.lang.ClassCastException' });
    }
    try {
      await this.#options.worker.startConnector(name, asAnswered(config), targetState);
    } finally {
      const isWanted = config['config.action.reload']?.trim().toLowerCase() !== 'none';
      const ttlMs = isWanted ? this.#options.worker.ttlMs(name) : null;
      this.#reloads.schedule(name, ttlMs, () => this.#reload(name));
    }
  }

  /** Values of config providers have expired: where they have changed, connector and tasks start again with the new ones. */
  async #reload(name: string): Promise<void> {
    const { configs, worker, logger } = this.#options;
    try {
      await this.#queue.run(name, async () => {
        if (configs.connector(name) === undefined || !(await worker.hasStaleConfig(name))) return;
        logger.info(`[${name}|worker] Values of config providers have changed; it starts again`);
        await worker.stopConnector(name);
        await this.#startConnector(name);
        await this.#updateTasks(name, { isConfigChanged: true });
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error(`[${name}|worker] Cannot use new values of config providers: ${reason}`);
    }
  }

  #putStartFailure(name: string, trace: string): void {
    const { statuses, offsetsContext } = this.#options;
    const { workerId } = offsetsContext;
    statuses.putConnector(name, { state: 'FAILED', trace, workerId, version: null });
  }

  /** Asks the connector for its task configs and replaces the tasks if anything changed. Does nothing while the connector does not run. */
  async #updateTasks(name: string, options = { isConfigChanged: false }): Promise<void> {
    const { configs, worker, logger } = this.#options;
    if (!worker.isConnectorRunning(name)) {
      logger.info(`[${name}|worker] Skipping update of connector ${name} since it is not running`);
      return;
    }
    const entry = this.#require(name);
    const taskConfigs = await worker.taskConfigs(name);
    const isSame =
      taskConfigs.length === entry.taskConfigs.length &&
      taskConfigs.every((config, task) => isSameConfig(config, entry.taskConfigs[task]));
    if (isSame && !options.isConfigChanged) return;
    await this.#removeTasks(name);
    configs.putTaskConfigs(name, taskConfigs);
    await this.#startTasks(name, [...taskConfigs.keys()]);
  }

  /** A task that cannot be started is FAILED; its siblings start all the same. */
  async #startTasks(name: string, tasks: readonly number[]): Promise<void> {
    await Promise.allSettled(tasks.map((task) => this.#startTask(name, task)));
  }

  async #startTask(name: string, task: number): Promise<void> {
    const { config, taskConfigs, targetState } = this.#require(name);
    await this.#options.worker.startTask(
      { connector: name, task },
      {
        connectorConfig: asAnswered(config),
        taskConfig: { ...taskConfigs[task] },
        taskCount: taskConfigs.length,
      },
      targetState,
    );
  }

  async #removeTasks(name: string): Promise<void> {
    const { configs, statuses, worker } = this.#options;
    const tasks = new Set([
      ...this.#require(name).taskConfigs.keys(),
      ...statuses.tasks(name).keys(),
    ]);
    await worker.stopTasks(name, [...tasks]);
    configs.putTaskConfigs(name, []);
    for (const task of tasks) statuses.removeTask(name, task);
  }

  // Target states

  pauseConnector(name: string): Promise<void> {
    return this.#setTargetState(name, 'PAUSED');
  }

  resumeConnector(name: string): Promise<void> {
    return this.#setTargetState(name, 'STARTED');
  }

  async #setTargetState(name: string, targetState: TargetState): Promise<void> {
    const { configs, worker, logger } = this.#options;
    if (configs.connector(name) === undefined) {
      throw new NotFoundError(`Unknown connector ${name}`);
    }
    configs.putTargetState(name, targetState);
    this.#queue
      .run(name, async () => {
        await worker.setTargetState(name, targetState);
        if (targetState === 'STARTED') await this.#updateTasks(name);
      })
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        logger.error(
          `[${name}|worker] Failed to transition connector ${name} to target state ${targetState}: ${reason}`,
        );
      });
  }

  stopConnector(name: string): Promise<void> {
    return this.#queue.run(name, async () => {
      if (this.#options.configs.connector(name) === undefined) {
        throw new HerderError(500, `No connector \`${name}\` configured`);
      }
      await this.#removeTasks(name);
      this.#options.configs.putTargetState(name, 'STOPPED');
      await this.#options.worker.setTargetState(name, 'STOPPED').catch((error: unknown) => {
        if (!NotFoundError.is(error)) throw error;
      });
    });
  }

  // Restarts

  restartConnector(name: string): Promise<void> {
    return this.#queue.run(name, async () => {
      if (this.#options.configs.connector(name) === undefined) {
        throw new HerderError(500, `Unknown connector: ${name}`);
      }
      await this.#options.worker.stopConnector(name);
      try {
        await this.#startConnector(name);
      } catch (error) {
        throw new HerderError(500, `Failed to start connector: ${name}`, { cause: error });
      }
    });
  }

  restartConnectorAndTasks(
    name: string,
    request: { includeTasks: boolean; onlyFailed: boolean },
  ): Promise<ConnectorStatus> {
    return this.#queue.run(name, async () => {
      const { configs, statuses, worker } = this.#options;
      if (configs.connector(name) === undefined) {
        throw new NotFoundError(`Unknown connector: ${name}`);
      }
      const known = statuses.connector(name);
      if (known === undefined) throw new NotFoundError(`Status for connector ${name} not found`);
      const plan = planRestart(request, await this.connectorStatus(name));
      if (plan.isConnectorRestarting) {
        await worker.stopConnector(name);
        statuses.putConnector(name, { ...known, state: 'RESTARTING' });
      }
      await worker.stopTasks(name, plan.tasks);
      for (const task of plan.tasks) {
        const status = statuses.task(name, task);
        if (status !== undefined) statuses.putTask(name, task, { ...status, state: 'RESTARTING' });
      }
      if (plan.isConnectorRestarting) await this.#startConnector(name);
      await this.#startTasks(name, plan.tasks);
      return plan.status;
    });
  }

  restartTask(name: string, task: number): Promise<void> {
    return this.#queue.run(name, async () => {
      const id = taskName({ connector: name, task });
      if (this.#options.configs.connector(name) === undefined) {
        throw new HerderError(
          500,
          `Failed to start task ${id} since it is not a recognizable type (source or sink)`,
        );
      }
      if (this.#require(name).taskConfigs[task] === undefined) {
        throw new NotFoundError(`Task ${id} not found`);
      }
      await this.#options.worker.stopTasks(name, [task]);
      try {
        await this.#startTask(name, task);
      } catch (error) {
        throw new HerderError(500, `Failed to start task: ${id}`, { cause: error });
      }
    });
  }

  // Offsets

  async connectorOffsets(name: string): Promise<ConnectorOffsets> {
    const resolved = await this.#options.resolve(this.#require(name).config);
    try {
      return { offsets: await readOffsets(name, resolved.config, this.#offsetsContext()) };
    } catch (error) {
      throw hideInError(error, resolved);
    }
  }

  alterConnectorOffsets(name: string, offsets: ConnectorOffset[]): Promise<string> {
    return this.#modifyOffsets(name, offsets);
  }

  resetConnectorOffsets(name: string): Promise<string> {
    return this.#modifyOffsets(name, null);
  }

  /** `offsets` null: all of them are reset. */
  #modifyOffsets(name: string, offsets: ConnectorOffset[] | null): Promise<string> {
    return this.#queue.run(name, async () => {
      const entry = this.#require(name);
      if (entry.targetState !== 'STOPPED' || entry.taskConfigs.length > 0) {
        throw new HerderError(
          400,
          `Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
        );
      }
      const modify =
        connectorTypeOf(this.#options, name) === 'sink' ? modifySinkOffsets : modifySourceOffsets;
      const resolved = await this.#options.resolve(entry.config);
      try {
        const config = asAnswered(resolved.config);
        return await modify(name, config, offsets, this.#offsetsContext());
      } catch (error) {
        throw hideInError(error, resolved);
      }
    });
  }

  /** Refuses new requests and waits for those that have begun. */
  close(): Promise<void> {
    this.#reloads.close();
    return this.#queue.close();
  }

  #offsetsContext(): OffsetsContext {
    const { offsetsContext, offsets, registry, worker } = this.#options;
    return { ...offsetsContext, offsets, registry, pool: worker.pool };
  }

  #validationContext(): ValidationContext {
    const { registry, resolve, worker } = this.#options;
    return { registry, resolve, pool: worker.pool };
  }

  #require(name: string): ConnectorEntry {
    return requireConnector(this.#options, name);
  }
}

function isSameConfig(a: StoredConfig | undefined, b: StoredConfig | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
