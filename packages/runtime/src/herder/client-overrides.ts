/**
 * `producer.override.*`, `consumer.override.*`, `admin.override.*` against the worker's `connector.client.config.override.policy`. (no I/O)
 * Source: Kafka Connect `ConnectorClientConfigOverridePolicy` and its four bundled policies.
 */
import { type ConfigValue, defineConfig } from '@tributary/sdk';
import type { Config } from '../hosts/messages.ts';
import type { PluginDescriptor } from '../plugins/plugin-registry.ts';
import type { StoredConfig } from '../storage/config-store.ts';
import type { Section } from './validate-config.ts';

type ClientKind = 'producer' | 'consumer' | 'admin';

/** A section per kind of client that the connector uses and has overrides for. */
export function validateOverrides(
  config: StoredConfig,
  descriptor: PluginDescriptor,
  workerConfig: Config,
): Section[] {
  const policy = policyOf(workerConfig);
  const sections: Section[] = [];
  for (const kind of usedClients(config, descriptor)) {
    const prefix = `${kind}.override.`;
    const values: ConfigValue[] = [];
    for (const [name, value] of Object.entries(config)) {
      if (!name.startsWith(prefix)) continue;
      const key = name.slice(prefix.length);
      const errors = policy.allows(key)
        ? []
        : [
            `The '${policy.name}' policy does not allow '${key}' to be overridden in the connector configuration.`,
          ];
      const shown = isSecret(key) ? '[hidden]' : value;
      values.push({ name: key, value: shown, recommendedValues: [], errors, isVisible: true });
    }
    if (values.length > 0) {
      sections.push({
        def: defineConfig(),
        values: new Map(),
        undefinedValues: values,
        prefix,
        countsKeys: true,
      });
    }
  }
  return sections;
}

interface OverridePolicy {
  readonly name: string;
  allows(key: string): boolean;
}

const principalKeys = ['sasl.jaas.config', 'sasl.mechanism', 'security.protocol'];

export function policyOf(workerConfig: Config): OverridePolicy {
  const configured = workerConfig['connector.client.config.override.policy']?.trim() ?? 'All';
  const name = configured
    .slice(configured.lastIndexOf('.') + 1)
    .replace(/ConnectorClientConfigOverridePolicy$/, '');
  switch (name) {
    case 'None':
      return { name, allows: () => false };
    case 'Principal':
      return { name, allows: (key) => principalKeys.includes(key) };
    case 'Allowlist': {
      const listed = workerConfig['connector.client.config.override.allowlist'] ?? '';
      const allowed = listed.split(',').map((key) => key.trim());
      return { name, allows: (key) => allowed.includes(key) };
    }
    default:
      return { name: 'All', allows: () => true };
  }
}

function usedClients(config: StoredConfig, { type }: PluginDescriptor): ClientKind[] {
  if (type === 'source') {
    const createsTopics = Object.keys(config).some((key) => key.startsWith('topic.creation.'));
    return createsTopics ? ['producer', 'admin'] : ['producer'];
  }
  const hasDeadLetterQueue = (config['errors.deadletterqueue.topic.name'] ?? '').trim() !== '';
  return hasDeadLetterQueue ? ['producer', 'consumer', 'admin'] : ['consumer'];
}

function isSecret(key: string): boolean {
  return /password|jaas|secret|keystore\.key|certificate/i.test(key);
}
