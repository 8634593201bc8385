/**
 * Worker key `connector.client.config.override.policy`: which client keys connectors may override. (no I/O)
 * Source: Kafka Connect `ConnectorClientConfigOverridePolicy` and its four bundled policies.
 */
import { ConfigError } from '@tributary/sdk';

export interface OverridePolicy {
  readonly name: string;
  allows(key: string): boolean;
}

const policyKey = 'connector.client.config.override.policy';
const classSuffix = 'ConnectorClientConfigOverridePolicy';
const javaPackage = 'org.apache.kafka.connect.connector.policy.';
const principalKeys = ['sasl.jaas.config', 'sasl.mechanism', 'security.protocol'];

/** By alias or Java class name. ConfigError for any other: guessing could allow what was meant to be forbidden. */
export function overridePolicyOf(workerConfig: Readonly<Record<string, string>>): OverridePolicy {
  const configured = workerConfig[policyKey]?.trim() ?? 'All';
  const simpleName = configured.startsWith(javaPackage)
    ? configured.slice(javaPackage.length)
    : configured;
  const name = simpleName.endsWith(classSuffix)
    ? simpleName.slice(0, -classSuffix.length)
    : simpleName;
  switch (name) {
    case 'All':
      return { name, allows: () => true };
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
      throw new ConfigError(policyKey, configured, 'must be All, None, Principal or Allowlist');
  }
}

export function refusalOf(policy: OverridePolicy, key: string): string | null {
  if (policy.allows(key)) return null;
  return `The '${policy.name}' policy does not allow '${key}' to be overridden in the connector configuration.`;
}
