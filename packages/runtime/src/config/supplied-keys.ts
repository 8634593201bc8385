/** Which keys of a worker file nobody reads, so that a misspelt one is named in the log. (no I/O) */
import type { ConfigDef } from '@tributary/sdk';

/** What a worker hands on to clients, converters, providers and REST by prefix. */
const families = [
  'producer.',
  'consumer.',
  'admin.',
  'key.converter.',
  'value.converter.',
  'header.converter.',
  'config.providers.',
  'metrics.context.',
  'listeners.https.',
  'admin.listeners.https.',
];

const undeclared = [
  'connector.client.config.override.allowlist',
  'internal.key.converter',
  'internal.value.converter',
];

/** `clientKeys`: keys of Kafka clients, which may stand at the top level for the clients of the worker itself. */
export function unknownKeys(
  config: Readonly<Record<string, string>>,
  defs: readonly ConfigDef[],
  clientKeys: ReadonlySet<string>,
): string[] {
  return Object.keys(config).filter(
    (key) =>
      defs.every((def) => def.key(key) === undefined) &&
      !undeclared.includes(key) &&
      !clientKeys.has(key) &&
      !families.some((family) => key.startsWith(family)),
  );
}
