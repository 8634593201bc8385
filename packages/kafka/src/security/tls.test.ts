import { describe, expect, it } from 'vitest';
import { parseCommon } from '../config.ts';
import { createSecurity } from './security.ts';

const logger = { error() {}, warn() {}, info() {}, debug() {} };
const fixture = (name: string): string =>
  new URL(`../../integration/fixtures/tls/${name}`, import.meta.url).pathname;

function secure(config: Record<string, string>) {
  const all = { 'bootstrap.servers': 'a:1', 'security.protocol': 'SSL', ...config };
  return createSecurity(parseCommon(all, logger));
}

describe('the ssl keys', () => {
  it.each([
    { name: 'PLAINTEXT', config: { 'security.protocol': 'plaintext' } },
    { name: 'the trust of Node', config: {} },
    {
      name: 'PKCS12 that is called JKS',
      config: {
        'ssl.keystore.location': fixture('client.p12'),
        'ssl.keystore.password': 'store-secret',
      },
    },
  ])('allow $name', ({ config }) => {
    expect(() => secure(config as Record<string, string>)).not.toThrow();
  });

  it.each([
    {
      config: {
        'ssl.truststore.location': fixture('trust.jks'),
        'ssl.truststore.password': 'hunter2',
      },
      says: /ssl\.truststore\.location.*keytool -list -rfc/s,
    },
    {
      config: { 'ssl.truststore.type': 'PKCS12', 'ssl.truststore.location': fixture('client.p12') },
      says: /keytool -list -rfc/,
    },
    {
      config: {
        'ssl.keystore.location': fixture('client.jks'),
        'ssl.keystore.password': 'hunter2',
      },
      says: /ssl\.keystore\.location.*keytool -importkeystore/s,
    },
    {
      config: {
        'ssl.keystore.type': 'PKCS12',
        'ssl.keystore.location': fixture('client.p12'),
        'ssl.keystore.password': 'hunter2',
      },
      says: /ssl\.keystore/,
    },
    {
      config: { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': '/no/such.pem' },
      says: /ssl\.truststore\.location.*\/no\/such\.pem/,
    },
    {
      config: { 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': 'hunter2' },
      says: /ssl\.truststore\.certificates.*no certificate/,
    },
    { config: { 'ssl.truststore.certificates': 'x' }, says: /ssl\.truststore\.type=PEM/ },
    {
      config: { 'ssl.keystore.type': 'PEM', 'ssl.keystore.key': 'hunter2' },
      says: /ssl\.keystore\.certificate\.chain/,
    },
    { config: { 'ssl.enabled.protocols': 'SSLv3' }, says: /ssl\.enabled\.protocols/ },
    { config: { 'ssl.endpoint.identification.algorithm': 'ldaps' }, says: /identification/ },
    { config: { 'security.protocol': 'TLS' }, says: /security\.protocol/ },
    { config: { 'security.protocol': 'SASL_SSL' }, says: /sasl\.mechanism/ },
    {
      config: { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'OAUTHBEARER' },
      says: /OAUTHBEARER.*PLAIN, SCRAM-SHA-256, SCRAM-SHA-512/,
    },
    {
      config: {
        'security.protocol': 'SASL_SSL',
        'sasl.mechanism': 'PLAIN',
        'sasl.jaas.config':
          'org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="hunter2";',
      },
      says: /sasl\.jaas\.config.*PlainLoginModule/,
    },
    {
      config: {
        'security.protocol': 'SASL_SSL',
        'sasl.mechanism': 'PLAIN',
        'sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required password="hunter2";',
      },
      says: /username and password/,
    },
    { config: { 'ssl.cipher.suites': 'TLS_X' }, says: /ssl\.cipher\.suites/ },
  ])('are refused by name, without a secret: $config', ({ config, says }) => {
    const given = config as unknown as Record<string, string>;
    expect(() => secure(given)).toThrow(says);
    expect(() => secure(given)).not.toThrow(/hunter2/);
  });
});
