/**
 * What the control process and a task host say to each other. Small messages only: no record ever crosses. (no I/O)
 * Every request has one reply; a run is one start of a connector or task, its id keeps late events of an earlier run apart.
 */
import type { ConnectorState, TargetState } from '../herder/herder.ts';
import type { ConfigValueInfo, ValidationResult } from '../herder/validation-result.ts';
import type { LevelChange, LevelsByName } from '../log-levels.ts';
import type { PluginDescriptor } from '../plugins/plugin-registry.ts';

export type Config = Record<string, string>;

export interface TaskId {
  readonly connector: string;
  readonly task: number;
}

/** Sent once, before anything else. */
export interface HostSettings {
  readonly hostId: number;
  readonly plugins: readonly PluginDescriptor[];
  /** The worker's configuration as given: client prefixes, converters, timeouts. */
  readonly workerConfig: Config;
  readonly workerId: string;
  readonly kafkaClusterId: string;
  readonly logLevels: LevelsByName;
  /** A plugin whose driver blocks the event loop may run: nobody else's runs are here. */
  readonly mayBlock: boolean;
}

export interface ConnectorRun {
  readonly runId: number;
  readonly connector: string;
  /** Ready for use: references to config providers are resolved. */
  readonly config: Config;
  readonly targetState: TargetState;
}

export interface TaskRun extends TaskId {
  readonly runId: number;
  readonly connectorConfig: Config;
  readonly taskConfig: Config;
  /** Tasks of the connector, for `tasks.max` checks and logs. */
  readonly taskCount: number;
  readonly targetState: TargetState;
}

/** Control -> host, with the type of the reply. */
export interface HostRequests {
  /** Before anything else. */
  configure: { body: HostSettings; reply: null };
  setLogLevel: { body: LevelChange; reply: null };
  /** Replies when `start` has returned (or was not due); fails with its error. Status goes by event as well. */
  startConnector: { body: ConnectorRun; reply: { version: string | null } };
  setConnectorState: { body: { runId: number; targetState: TargetState }; reply: null };
  taskConfigs: { body: { runId: number; maxTasks: number }; reply: Config[] };
  /** Replies when `stop` has returned. */
  stopConnector: { body: { runId: number }; reply: null };
  /** Replies when the spine was made and its loop begun, before `SourceTask.start` has returned. Status goes by event. */
  startTask: { body: TaskRun; reply: { version: string | null } };
  setTaskState: { body: { runId: number; targetState: TargetState }; reply: null };
  /** Replies when the task has ended: last offsets committed, `stop` returned, clients closed; at the latest after `timeoutMs`, then `isClean` is false and the run is abandoned. */
  stopTask: { body: { runId: number; timeoutMs: number }; reply: { isClean: boolean } };
  /** Topics that were told are told again when they are used again. */
  forgetTopics: { body: { runId: number }; reply: null };
  /** The whole of config validation (framework keys and the plugin's own). */
  validate: { body: { config: Record<string, string | null> }; reply: ValidationResult };
  /** A plugin's definitions, by class name and version. */
  pluginConfig: {
    body: { className: string; version: string | null };
    reply: ConfigValueInfo['definition'][];
  };
  /** The connector's own word on changed offsets; null when it has no `alterOffsets`. */
  alterSourceOffsets: {
    body: { config: Config; offsets: OffsetEntry[] };
    reply: { isVouchedFor: boolean };
  };
  alterSinkOffsets: {
    body: {
      config: Config;
      offsets: { topic: string; partition: number; offset: bigint | null }[];
    };
    reply: { isVouchedFor: boolean };
  };
}

/** Host -> control, with the type of the reply. */
export interface ControlRequests {
  /** One answer per partition, in order; null where nothing is stored. */
  readOffsets: {
    body: { connector: string; partitions: OffsetMap[] };
    reply: (OffsetMap | null)[];
  };
  /** Replies when the offsets are durable. */
  writeOffsets: { body: { connector: string; entries: OffsetEntry[] }; reply: null };
}

export type OffsetMap = Record<string, unknown>;

export interface OffsetEntry {
  partition: OffsetMap;
  /** Null deletes. */
  offset: OffsetMap | null;
}

/** Host -> control, no reply. */
export type HostEvent =
  | { kind: 'connectorStatus'; runId: number; state: ConnectorState; trace?: string }
  | { kind: 'taskStatus'; runId: number; state: ConnectorState; trace?: string }
  | { kind: 'requestTaskReconfiguration'; runId: number }
  /** The run's consumer is a member of this group; the latest counts. */
  | { kind: 'groupMember'; runId: number; groupId: string; memberId: string }
  | { kind: 'topicUsed'; connector: string; topic: string };

/** An error on its way through the channel: everything that a status trace or a REST answer needs. */
export interface ErrorInfo {
  readonly javaName: string;
  readonly message: string;
  /** As in `trace`: `<java name>: <message>`, frames, causes. */
  readonly trace: string;
  readonly isRetriable: boolean;
  /** As of a ConnectError. */
  readonly code?: string;
  /** HerderError's status where it has one. */
  readonly status?: number;
}
