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

export function parseCreateConnectorRequest(text: string): CreateConnectorRequest {
  const body = requireObject(parseJson(text, numberAsText), 'a connector to create', [
    'name',
    'config',
    'initial_state',
  ]);
  const name = scalarText(body['name'], '"name"') ?? '';
  return {
    name: name.replace(/^[\0- ]+|[\0- ]+$/g, ''),
    config: toConfigMap(body['config'] ?? null),
    targetState: parseInitialState(scalarText(body['initial_state'], '"initial_state"')),
  };
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
