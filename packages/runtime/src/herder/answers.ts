/** What REST answers of a connector, read from the stores; the same for every kind of herder. Texts are Java's. */
import { NotFoundError } from '@tributary/sdk';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';
import type { ConfigStore, ConnectorEntry, StoredConfig } from '../storage/config-store.ts';
import type { Status, StatusStore } from '../storage/status-store.ts';
import { taskName } from '../worker/worker.ts';
import { HerderError } from './errors.ts';
import type { ConnectorInfo, ConnectorStatus, TaskStatus } from './herder.ts';

export interface AnswerStores {
  readonly registry: PluginRegistry;
  readonly configs: ConfigStore;
  readonly statuses: StatusStore;
}

export function requireConnector({ configs }: AnswerStores, name: string): ConnectorEntry {
  const entry = configs.connector(name);
  if (entry === undefined) throw new NotFoundError(`Connector ${name} not found`);
  return entry;
}

export function connectorInfoOf(stores: AnswerStores, name: string): ConnectorInfo {
  const { config, taskConfigs } = requireConnector(stores, name);
  const tasks = [...taskConfigs.keys()].map((task) => ({ connector: name, task }));
  return { name, config: asAnswered(config), tasks, type: connectorTypeOf(stores, name) };
}

export function connectorStatusOf(stores: AnswerStores, name: string): ConnectorStatus {
  const status = stores.statuses.connector(name);
  if (status === undefined) throw new HerderError(404, `No status found for connector ${name}`);
  const { id: _, ...connector } = asTaskStatus(0, status);
  const tasks = [...stores.statuses.tasks(name)].map(([task, own]) => asTaskStatus(task, own));
  return { name, connector, tasks, type: connectorTypeOf(stores, name) };
}

export function taskStatusOf({ statuses }: AnswerStores, name: string, task: number): TaskStatus {
  const status = statuses.task(name, task);
  if (status !== undefined) return asTaskStatus(task, status);
  throw new HerderError(404, `No status found for task ${taskName({ connector: name, task })}`);
}

/** `unknown` where the plugin is not installed here. */
export function connectorTypeOf(
  { configs, registry }: AnswerStores,
  name: string,
): 'source' | 'sink' | 'unknown' {
  const connectorClass = configs.connector(name)?.config['connector.class'];
  if (typeof connectorClass !== 'string') return 'unknown';
  const plugin = registry.find(connectorClass, ['source', 'sink']);
  return (plugin?.type as 'source' | 'sink' | undefined) ?? 'unknown';
}

/** Nulls that validation let pass are answered as they came. */
export function asAnswered(config: StoredConfig): Record<string, string> {
  return { ...config } as Record<string, string>;
}

function asTaskStatus(id: number, { state, workerId, version, trace }: Status): TaskStatus {
  return {
    id,
    state,
    worker_id: workerId,
    version,
    ...(trace === null || trace === '' ? {} : { trace }),
  };
}
