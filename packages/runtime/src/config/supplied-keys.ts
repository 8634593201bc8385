/** Which keys of a worker file or connector config nobody reads, so that a misspelt one is named in the log. (no I/O) */
import type { ConfigDef } from '@tributary/sdk';
import { adminClientConfig } from './admin-client-config.ts';
import { consumerConfig } from './consumer-config.ts';
import { producerConfig } from './producer-config.ts';

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

/** `declared`: the keys that the validation of the config found a definition for, those of its converters, transformations and predicates with their prefixes. */
export function unknownConnectorKeys(
  config: Readonly<Record<string, string | null>>,
  declared: ReadonlySet<string>,
): string[] {
  const groups = ['default', ...(config['topic.creation.groups'] ?? '').split(',')];
  // Below a group stands any setting of a topic.
  const topicSettings = groups.map((group) => `topic.creation.${group.trim()}.`);
  return Object.keys(config).filter(
    (key) =>
      !declared.has(key) &&
      !isClientOverride(key) &&
      !topicSettings.some((prefix) => key.startsWith(prefix)),
  );
}

const overridable: Readonly<Record<string, ConfigDef>> = {
  producer: producerConfig,
  consumer: consumerConfig,
  admin: adminClientConfig,
};

function isClientOverride(key: string): boolean {
  const [, kind = '', name = ''] = /^(\w+)\.override\.(.+)$/.exec(key) ?? [];
  return overridable[kind]?.key(name) !== undefined;
}
