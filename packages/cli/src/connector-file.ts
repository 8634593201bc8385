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
  const json = parseJsonObject(file, bytes);
  const config = json === null ? null : toConfig(json);
  if (config !== null) return named(file, config);
  const request = json === null ? null : toCreateRequest(file, json);
  return request ?? named(file, parseProperties(bytes));
}

/** Null when it is something else. Numbers come as the text that stands in the file. */
function parseJsonObject(file: string, bytes: Uint8Array): Record<string, unknown> | null {
  const text = new TextDecoder().decode(bytes);
  try {
    const json: unknown = JSON.parse(text, asWritten);
    return isObject(json) ? json : null;
  } catch (error) {
    // A properties file could begin so, but none that has a name does.
    if (text.trimStart().startsWith('{')) throw brokenJson(file, text, error as SyntaxError);
    return null;
  }
}

/** V8's reason without the text that it may quote, which may hold secrets; it then leaves out the position, too. */
function brokenJson(file: string, text: string, error: SyntaxError): ExitError {
  const [reason] = error.message.split(/, "|, \.\.\.| in JSON | at position /);
  const lines = text.slice(0, firstBadOffset(text)).split('\n');
  const column = (lines.at(-1) ?? '').length + 1;
  return new ExitError(
    `Connector configuration at '${file}' begins as JSON but is none: ${reason} at line ${lines.length} column ${column}; mend it there`,
    { cause: error },
  );
}

/** The end of the longest start of `text` that more text could make JSON, by halving. */
function firstBadOffset(text: string): number {
  let good = 0;
  let bad = text.length + 1;
  while (bad - good > 1) {
    const length = Math.floor((good + bad) / 2);
    if (isUnfinished(text.slice(0, length))) good = length;
    else bad = length;
  }
  return good;
}

function isUnfinished(start: string): boolean {
  try {
    JSON.parse(start);
    return true;
  } catch (error) {
    const { message } = error as SyntaxError;
    if (/^Unterminated|^Unexpected end/.test(message)) return true;
    return Number(/ at position (\d+)/.exec(message)?.[1]) >= start.length;
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
