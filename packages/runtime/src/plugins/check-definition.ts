import type { PluginType } from '@tributary/sdk';

const connectorParts = {
  taskClassName: isString,
  createConnector: isFunction,
  createTask: isFunction,
};
const stageParts = { create: isFunction };

const partsOf: Record<PluginType, Readonly<Record<string, (value: unknown) => boolean>>> = {
  source: connectorParts,
  sink: connectorParts,
  converter: stageParts,
  header_converter: stageParts,
  transformation: stageParts,
  predicate: stageParts,
};

/** What a definition of that type needs and does not have; empty when it is whole. A plugin may be plain JavaScript that no compiler has seen. */
export function missingParts(definition: object, type: PluginType): string[] {
  const fields = definition as Record<string, unknown>;
  const missing = Object.entries(partsOf[type])
    .filter(([name, isGood]) => !isGood(fields[name]))
    .map(([name]) => name);
  return isConfigDef(fields['config']) ? missing : [...missing, 'config (made with defineConfig)'];
}

function isConfigDef(value: unknown): boolean {
  const { keys, key } = (value ?? {}) as { keys?: unknown; key?: unknown };
  return Array.isArray(keys) && isFunction(key);
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}
