import { parseProperties, type TargetState } from '@tributary/runtime';
import { ExitError } from './exit-error.ts';

type Config = Record<string, string | null>;

/** What a connector file of `connect-standalone` asks for. */
export interface ConnectorFile {
  readonly name: string;
  readonly config: Config;
  /** Null where the file leaves it open: running. */
  readonly initialState: TargetState | null;
}

/**
 * The content of `file`, whatever its ending, in the order in which Kafka tries: a JSON map of scalars; the JSON of `POST /connectors`; a properties file.
 * Source: Kafka Connect `ConnectStandalone.parseConnectorConfigurationFile`.
 */
export function parseConnectorFile(file: string, bytes: Uint8Array): ConnectorFile {
  const json = parseJsonObject(bytes);
  const config = json === null ? null : toConfig(json);
  if (config !== null) return named(file, config);
  const request = json === null ? null : toCreateRequest(file, json);
  return request ?? named(file, parseProperties(bytes));
}

/** Null when it is something else. Numbers come as the text that stands in the file. */
function parseJsonObject(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes), asWritten);
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}

function asWritten(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? String(value)) : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null when a value is no scalar. */
function toConfig(json: Record<string, unknown>): Config | null {
  const entries = Object.entries(json);
  if (entries.some(([, value]) => typeof value === 'object' && value !== null)) return null;
  return Object.fromEntries(
    entries.map(([key, value]) => [key, value === null ? null : String(value)]),
  );
}

const targetStates: Readonly<Record<string, TargetState>> = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
};

/** Null when it is no such request; unknown members are ignored. */
function toCreateRequest(file: string, json: Record<string, unknown>): ConnectorFile | null {
  const { name, initial_state: state } = json;
  const given = isObject(json['config']) ? toConfig(json['config']) : null;
  const initialState = toTargetState(state);
  if (given === null || initialState === undefined || typeof name !== 'string') return null;
  const config = { ...given, name: given['name'] ?? name };
  if (config.name !== name) {
    throw new ExitError(
      `Connector name configuration in 'config' doesn't match the one specified in 'name' at '${file}'`,
    );
  }
  return { name, config, initialState };
}

/** Undefined when `state` is none. */
function toTargetState(state: unknown): TargetState | null | undefined {
  if (state === undefined || state === null) return null;
  return typeof state === 'string' ? targetStates[state.toUpperCase()] : undefined;
}

function named(file: string, config: Config): ConnectorFile {
  const name = config['name'];
  if (typeof name !== 'string') {
    throw new ExitError(
      `Connector configuration at '${file}' is missing the mandatory 'name' configuration`,
    );
  }
  return { name, config, initialState: null };
}
