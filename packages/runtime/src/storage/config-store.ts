import type { TargetState } from '../herder/herder.ts';

/** A connector's config as stored: values as sent, placeholders unresolved; null only where a request had null and validation let it pass. */
export type StoredConfig = Readonly<Record<string, string | null>>;

export interface ConnectorEntry {
  readonly config: StoredConfig;
  readonly targetState: TargetState;
  readonly taskConfigs: readonly Readonly<Record<string, string>>[];
}

/** Connector configs, target states, task configs. Source: Kafka Connect `ConfigBackingStore`. */
export interface ConfigStore {
  connectors(): string[];
  connector(name: string): ConnectorEntry | undefined;
  /** Keeps target state and task configs of a connector that exists. */
  putConnector(name: string, config: StoredConfig, targetState: TargetState | null): void;
  putTargetState(name: string, targetState: TargetState): void;
  putTaskConfigs(name: string, taskConfigs: readonly Readonly<Record<string, string>>[]): void;
  removeConnector(name: string): void;
}

/** Standalone: in memory, lost on restart. */
export class MemoryConfigStore implements ConfigStore {
  readonly #connectors = new Map<string, ConnectorEntry>();

  connectors(): string[] {
    return [...this.#connectors.keys()];
  }

  connector(name: string): ConnectorEntry | undefined {
    return this.#connectors.get(name);
  }

  putConnector(name: string, config: StoredConfig, targetState: TargetState | null): void {
    const known = this.#connectors.get(name);
    this.#connectors.set(name, {
      config,
      targetState: targetState ?? known?.targetState ?? 'STARTED',
      taskConfigs: known?.taskConfigs ?? [],
    });
  }

  putTargetState(name: string, targetState: TargetState): void {
    this.#update(name, { targetState });
  }

  putTaskConfigs(name: string, taskConfigs: readonly Readonly<Record<string, string>>[]): void {
    this.#update(name, { taskConfigs });
  }

  removeConnector(name: string): void {
    this.#connectors.delete(name);
  }

  #update(name: string, changes: Partial<ConnectorEntry>): void {
    const known = this.#connectors.get(name);
    if (known !== undefined) this.#connectors.set(name, { ...known, ...changes });
  }
}
