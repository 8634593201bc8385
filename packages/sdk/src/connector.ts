/** What a connector may ask of the runtime. */
export interface ConnectorContext {
  /** Have `taskConfigs` called again and the tasks reconfigured if its answer changed. */
  requestTaskReconfiguration(): void;
  /** The connector has failed for good: it becomes FAILED with this trace; its tasks go on. */
  raiseError(error: Error): void;
}

/**
 * Splits the work of one configuration into tasks. `initialize`, `start`, `taskConfigs` (any number of times), `stop`; `start` may follow `stop` on the same
 * instance (pause and resume). Calls never overlap.
 * Source: Kafka Connect `Connector`.
 */
export interface Connector<Context extends ConnectorContext = ConnectorContext> {
  initialize?(context: Context): void;
  start(config: Readonly<Record<string, string>>): void | Promise<void>;
  /** At most `maxTasks` configs, one per task. */
  taskConfigs(maxTasks: number): Record<string, string>[] | Promise<Record<string, string>[]>;
  stop(): void | Promise<void>;
}

export interface Task {
  start(config: Readonly<Record<string, string>>): void | Promise<void>;
  stop(): void | Promise<void>;
}
