import * as files from '@tributary/connector-file';
import * as converters from '@tributary/converters';
import { definitions } from '@tributary/runtime/definitions';
import { type ConfigDef, configKeyJson } from '@tributary/sdk';
import * as transforms from '@tributary/transforms';
import type { VectorInput } from './vector-file.ts';

/** Java class -> our definition of its configuration. */
export function findDefinition(className: string): ConfigDef | null {
  const exported = [converters, files, transforms].flatMap(
    (module): { className?: string; config?: ConfigDef }[] => Object.values(module),
  );
  const plugin = exported.find((each) => each.className === className);
  return plugin?.config ?? definitions[className] ?? null;
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
    ...(key.isInternal ? { internal: true } : {}),
  };
}
