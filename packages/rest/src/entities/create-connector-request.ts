import type { TargetState } from '@tributary/runtime';
import { HttpError } from '../error-mapping.ts';
import { type ConfigMap, toConfigMap } from './config-map.ts';
import { numberAsText, parseJson, requireObject, scalarText } from './json.ts';

/** Body of `POST /connectors`. Source: Kafka Connect `CreateConnectorRequest`. */
export interface CreateConnectorRequest {
  /** Trimmed; empty when absent. */
  name: string;
  config: ConfigMap;
  /** Null where the request left it open. */
  targetState: TargetState | null;
}

export function parseCreateConnectorRequest(bytes: Uint8Array): CreateConnectorRequest {
  const body = requireObject(parseJson(bytes, numberAsText), 'a connector to create', [
    'name',
    'config',
    'initial_state',
  ]);
  const name = scalarText(body['name'], '"name"') ?? '';
  return {
    name: trimName(name),
    config: toConfigMap(body['config'] ?? null),
    targetState: parseInitialState(scalarText(body['initial_state'], '"initial_state"')),
  };
}

/** As Java's `String.trim`: control characters go too, other white space stays. */
function trimName(name: string): string {
  let end = name.length;
  while (end > 0 && name.charCodeAt(end - 1) <= 0x20) end -= 1;
  return name.slice(0, end).replace(/^[\0- ]+/, '');
}

const targetStates: Record<string, TargetState> = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
};

function parseInitialState(text: string | null): TargetState | null {
  if (text === null) return null;
  const state = targetStates[text.toUpperCase()];
  if (state !== undefined) return state;
  throw new HttpError(
    500,
    `Invalid initial_state '${text}'; expected one of RUNNING, PAUSED, STOPPED`,
  );
}
