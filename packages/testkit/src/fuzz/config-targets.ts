import * as converters from '@tributary/converters';
import { parseProperties } from '@tributary/runtime';
import { definitions } from '@tributary/runtime/definitions';
import {
  type ConfigDef,
  ConnectError,
  configValueJson,
  IllegalArgumentError,
  parseConfig,
  validateConfig,
} from '@tributary/sdk';
import * as transforms from '@tributary/transforms';
import { answerOf, bytesOf, type FuzzTarget } from './fuzz-target.ts';

const properties: FuzzTarget = {
  name: 'properties',
  run(input) {
    const entries = entriesOf(input);
    if (entries === null) return 'refused';
    return Object.entries(entries)
      .map(([key, value]) => `${Math.min(key.length, 3)}${Math.min(value.length, 3)}`)
      .join();
  },
};

/** Validation always ends with a result per key; parsing ends with values or a ConfigError; a plugin is configured or refuses. */
const config: FuzzTarget = {
  name: 'config',
  run(input) {
    const raw = entriesOf(input);
    if (raw === null) return 'refused';
    const found = configDefs.map((def) => checkDefinition(def, raw));
    return `${found.reduce((sum, errors) => sum + errors, 0)} ${plugins.map((each) => configure(each, raw)).join()}`;
  },
};

export const configTargets: readonly FuzzTarget[] = [properties, config];

interface Configurable {
  readonly className: string;
  readonly config: ConfigDef;
  create(): { configure(config: Record<string, string>, isKey: boolean): void };
}

const exported: readonly object[] = [...Object.values(transforms), ...Object.values(converters)];
const plugins = exported.filter(
  (each): each is Configurable => 'create' in each && 'className' in each,
);
const configDefs: readonly ConfigDef[] = [
  ...Object.values(definitions),
  ...plugins.map((plugin) => plugin.config),
];

function entriesOf(input: string): Record<string, string> | null {
  try {
    return parseProperties(bytesOf(input));
  } catch (error) {
    if (IllegalArgumentError.is(error)) return null;
    throw error;
  }
}

/** How many problems there are. */
function checkDefinition(def: ConfigDef, raw: Record<string, string>): number {
  const values = validateConfig(def, raw);
  for (const value of values) configValueJson(value, def.key(value.name));
  try {
    parseConfig(def, raw);
  } catch (error) {
    if (!ConnectError.is(error)) throw error;
  }
  return values.filter((value) => value.errors.length > 0).length;
}

function configure(plugin: Configurable, raw: Record<string, string>): string {
  try {
    plugin.create().configure(raw, false);
    return 'ok';
  } catch (error) {
    if (ConnectError.is(error)) return answerOf(error);
    throw error;
  }
}
