/**
 * `producer.override.*`, `consumer.override.*`, `admin.override.*` of a connector: their types, and what the worker's policy says of them. (no I/O)
 * Source: Kafka Connect `AbstractHerder.validateClientOverrides`.
 */
import { type ConfigDef, type ConfigValue, javaHashOrder, parseConfigType } from '@tributary/sdk';
import { adminClientConfig } from '../config/admin-client-config.ts';
import { consumerConfig } from '../config/consumer-config.ts';
import { overridePolicyOf, refusalOf } from '../config/override-policy.ts';
import { producerConfig } from '../config/producer-config.ts';
import type { Config } from '../hosts/messages.ts';
import type { PluginDescriptor } from '../plugins/plugin-registry.ts';
import type { StoredConfig } from '../storage/config-store.ts';
import type { Section } from './validate-config.ts';

type ClientKind = 'producer' | 'consumer' | 'admin';

const definitions: Readonly<Record<ClientKind, ConfigDef>> = {
  producer: producerConfig,
  consumer: consumerConfig,
  admin: adminClientConfig,
};

/** A section per kind of client that the connector uses and has overrides for. ConfigError for a value that is not of its key's type: Java reports no more than the first. */
export function validateOverrides(
  config: StoredConfig,
  descriptor: PluginDescriptor,
  workerConfig: Config,
): Section[] {
  const policy = overridePolicyOf(workerConfig);
  const sections: Section[] = [];
  for (const kind of usedClients(config, descriptor)) {
    const prefix = `${kind}.override.`;
    const def = definitions[kind];
    // Two HashMaps of Java, one in the order of the other.
    const given = javaHashOrder(Object.keys(config)).filter((name) => name.startsWith(prefix));
    const names = javaHashOrder(given.map((name) => name.slice(prefix.length)));
    const values = names.map((name): ConfigValue => {
      const raw = config[`${prefix}${name}`] ?? null;
      const type = def.key(name)?.type;
      const refusal = refusalOf(policy, name);
      return {
        name,
        value:
          type === undefined ? hideSecret(name, raw) : parseConfigType(name, raw, type, javaClass),
        recommendedValues: [],
        errors: refusal === null ? [] : [refusal],
        isVisible: true,
      };
    });
    if (values.length > 0) sections.push({ def, values, prefix, isPrefixed: true });
  }
  return sections;
}

/** Classes of Kafka and Java are taken to be there, as they are for Java's workers; others cannot be. */
function javaClass(name: string): string | null {
  return /^(?:org\.apache\.kafka|java)\./.test(name) ? name : null;
}

function usedClients(config: StoredConfig, { type }: PluginDescriptor): ClientKind[] {
  if (type === 'source') {
    const createsTopics = Object.keys(config).some((key) => key.startsWith('topic.creation.'));
    return createsTopics ? ['producer', 'admin'] : ['producer'];
  }
  const hasDeadLetterQueue = (config['errors.deadletterqueue.topic.name'] ?? '').trim() !== '';
  return hasDeadLetterQueue ? ['producer', 'consumer', 'admin'] : ['consumer'];
}

/** Java shows whatever no definition calls a password; a key of a plugin of its own may be one all the same. */
function hideSecret(name: string, value: string | null): string | null {
  return value !== null && /password|jaas|secret|keystore\.key/i.test(name) ? '[hidden]' : value;
}
