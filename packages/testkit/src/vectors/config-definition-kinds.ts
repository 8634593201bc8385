import * as files from '@tributary/connector-file';
import * as converters from '@tributary/converters';
import { type ConfigDef, configKeyJson } from '@tributary/sdk';
import type { VectorInput } from './vector-file.ts';

/** Java class -> our definition of its configuration. */
export function findDefinition(className: string): ConfigDef | null {
  for (const plugin of [...Object.values(converters), ...Object.values(files)]) {
    if ('className' in plugin && plugin.className === className) return plugin.config;
  }
  return null;
}

/** The recorded form of one key; documentation is our own and not compared. */
export function writeDefinition(def: ConfigDef, input: VectorInput): unknown {
  const key = def.key(input.definition.name);
  if (key === undefined) return null;
  const { documentation: _own, ...definition } = configKeyJson(key);
  return {
    definition,
    validator: key.validator?.description ?? null,
    recommended_values: input.recommended_values,
  };
}
