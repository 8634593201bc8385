import { ConfigError } from '@tributary/sdk';
import { describe, expect, test } from 'vitest';
import { overridePolicyOf, refusalOf } from './override-policy.ts';

const key = 'connector.client.config.override.policy';
const keys = ['linger.ms', 'sasl.jaas.config', 'sasl.mechanism', 'security.protocol'];

function allowed(config: Record<string, string>): string[] {
  const policy = overridePolicyOf(config);
  return keys.filter((name) => policy.allows(name));
}

describe('overridePolicyOf', () => {
  test.each([
    [{}, keys],
    [{ [key]: 'All' }, keys],
    [{ [key]: 'None' }, []],
    [{ [key]: ' Principal ' }, keys.slice(1)],
    [{ [key]: 'NoneConnectorClientConfigOverridePolicy' }, []],
    [
      {
        [key]: 'org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy',
      },
      [],
    ],
    [
      { [key]: 'Allowlist', 'connector.client.config.override.allowlist': ' linger.ms ,x' },
      ['linger.ms'],
    ],
    [{ [key]: 'Allowlist' }, []],
  ])('%j', (config, expected) => {
    expect(allowed(config)).toEqual(expected);
  });

  test.each(['none', 'Nonee', 'com.acme.None', ''])('refuses "%s" rather than guess', (name) => {
    expect(() => overridePolicyOf({ [key]: name })).toThrow(ConfigError);
  });
});

test("a refusal names policy and key in Java's words", () => {
  const policy = overridePolicyOf({ [key]: 'None' });
  expect(refusalOf(policy, 'linger.ms')).toBe(
    "The 'None' policy does not allow 'linger.ms' to be overridden in the connector configuration.",
  );
  expect(refusalOf(overridePolicyOf({}), 'linger.ms')).toBeNull();
});
