import type { ConfigValueInfo, ValidationResult } from './validation-result.ts';

/**
 * The calls that REST makes: values in, values or errors out, no HTTP. Every method rejects with a HerderError (or an sdk error) whose class decides the status.
 * Source: Kafka Connect `Herder`.
 */
export interface Herder {
  /** For `GET /`. */
  serverInfo(): { version: string; commit: string; kafkaClusterId: string };
  /** Resolves once the herder answers: healthy, or still starting (with what it is doing). */
  health(): Promise<{ isReady: boolean; stage: string | null }>;
  connectors(): Promise<string[]>;
  connectorInfo(name: string): Promise<ConnectorInfo>;
  connectorConfig(name: string): Promise<Record<string, string>>;
  connectorStatus(name: string): Promise<ConnectorStatus>;
  taskConfigs(
    name: string,
  ): Promise<{ id: { connector: string; task: number }; config: Record<string, string> }[]>;
  taskStatus(name: string, task: number): Promise<TaskStatus>;
  /** Topics used since start or the last reset; `isTrackingEnabled` false refuses. */
  activeTopics(name: string): Promise<string[]>;
  resetActiveTopics(name: string): Promise<void>;
  readonly topicTracking: { isEnabled: boolean; isResetAllowed: boolean };

  /** Creates, or with `allowReplace` replaces. `targetState` is for a new one only. Values may be null where JSON had null: validation refuses them by key. */
  putConnectorConfig(
    name: string,
    config: Record<string, string | null>,
    options: { allowReplace: boolean; targetState: TargetState | null },
  ): Promise<{ isCreated: boolean; info: ConnectorInfo }>;
  /** Null removes a key. */
  patchConnectorConfig(name: string, patch: Record<string, string | null>): Promise<ConnectorInfo>;
  deleteConnector(name: string): Promise<void>;

  pauseConnector(name: string): Promise<void>;
  resumeConnector(name: string): Promise<void>;
  stopConnector(name: string): Promise<void>;
  /** The Connector instance only. */
  restartConnector(name: string): Promise<void>;
  /** By flags; the status with RESTARTING for what restarts. */
  restartConnectorAndTasks(
    name: string,
    options: { includeTasks: boolean; onlyFailed: boolean },
  ): Promise<ConnectorStatus>;
  restartTask(name: string, task: number): Promise<void>;

  connectorOffsets(name: string): Promise<ConnectorOffsets>;
  /** Resolves with the message of the answer. `offsets` as in the request, unchecked. */
  alterConnectorOffsets(name: string, offsets: ConnectorOffset[]): Promise<string>;
  resetConnectorOffsets(name: string): Promise<string>;

  plugins(): PluginInfo[];
  /** Definitions of a plugin found by name or alias. */
  pluginConfig(plugin: string, version: string | null): Promise<ConfigValueInfo['definition'][]>;
  validateConfig(config: Record<string, string | null>): Promise<ValidationResult>;
}

export interface ConnectorInfo {
  name: string;
  config: Record<string, string>;
  tasks: { connector: string; task: number }[];
  type: 'source' | 'sink' | 'unknown';
}

export interface ConnectorStatus {
  name: string;
  connector: Omit<TaskStatus, 'id'>;
  tasks: TaskStatus[];
  type: 'source' | 'sink' | 'unknown';
}

/** `trace` only where there is one. `version` is null when the instance failed before its version was known. */
export interface TaskStatus {
  id: number;
  state: ConnectorState;
  worker_id: string;
  version: string | null;
  trace?: string;
}

/**
 * What is. RUNNING, PAUSED, STOPPED follow the target state; FAILED ends a run until restart or a new config; UNASSIGNED while nobody runs it;
 * RESTARTING between a flagged restart and its end; DESTROYED is never shown.
 */
export type ConnectorState =
  | 'UNASSIGNED'
  | 'RUNNING'
  | 'PAUSED'
  | 'STOPPED'
  | 'FAILED'
  | 'RESTARTING';

/** What the user wants. */
export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED';

export interface ConnectorOffset {
  partition: Record<string, unknown> | null;
  offset: Record<string, unknown> | null;
}

export interface ConnectorOffsets {
  offsets: ConnectorOffset[];
}

export interface PluginInfo {
  class: string;
  type: 'source' | 'sink' | 'transformation' | 'predicate' | 'converter' | 'header_converter';
  version?: string;
}
