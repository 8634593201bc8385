import { describe, expect, it } from 'vitest';
import { parseAdmin } from '../config.ts';
import { createSecurity } from './security.ts';

const logger = { error() {}, warn() {}, info() {}, debug() {} };
const fixture = (name: string): string =>
  new URL(`../../integration/fixtures/tls/${name}`, import.meta.url).pathname;

function secure(config: Record<string, string>) {
  const all = { 'bootstrap.servers': 'a:1', 'security.protocol': 'SSL', ...config };
  return createSecurity(parseAdmin(all, logger));
}

describe('the ssl keys', () => {
  it.each([
    { name: 'PLAINTEXT', config: { 'security.protocol': 'plaintext' } },
    { name: 'the trust of Node', config: {} },
    {
      name: 'cipher suites by their names in Java',
      config: {
        'ssl.cipher.suites':
          'TLS_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,TLS_RSA_WITH_AES_128_CBC_SHA,TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
      },
    },
    { name: 'TLS 1.2 at most', config: { 'ssl.protocol': 'TLSv1.2' } },
    {
      name: 'a trust store and a key store in JKS',
      config: {
        'ssl.truststore.location': fixture('trust.jks'),
        'ssl.truststore.password': 'store-secret',
        'ssl.keystore.location': fixture('client-key-password.jks'),
        'ssl.keystore.password': 'store-secret',
        'ssl.key.password': 'key-secret',
      },
    },
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
      says: /ssl\.truststore\.location.*password is wrong.*keytool -list -rfc/s,
    },
    {
      config: {
        'ssl.truststore.type': 'PKCS12',
        'ssl.truststore.location': fixture('trust.p12'),
        'ssl.truststore.password': 'hunter2',
      },
      says: /ssl\.truststore\.location.*password is wrong.*keytool -list -rfc/s,
    },
    {
      config: {
        'ssl.truststore.location': fixture('trust-legacy.p12'),
        'ssl.truststore.password': 'store-secret',
      },
      says: /encrypted in an old way.*keytool -list -rfc/s,
    },
    {
      config: {
        'ssl.truststore.location': fixture('client.p12'),
        'ssl.truststore.password': 'store-secret',
      },
      says: /no trusted certificate.*keytool -list -rfc/s,
    },
    {
      config: { 'ssl.truststore.location': fixture('ca.pem') },
      says: /neither JKS nor PKCS12/,
    },
    {
      config: {
        'ssl.keystore.location': fixture('client.jks'),
        'ssl.keystore.password': 'hunter2',
      },
      says: /ssl\.keystore\.location.*password is wrong.*keytool -importkeystore/s,
    },
    {
      config: {
        'ssl.keystore.location': fixture('client-key-password.jks'),
        'ssl.keystore.password': 'store-secret',
      },
      says: /the password of the key is wrong/,
    },
    {
      config: {
        'ssl.keystore.location': fixture('trust.jks'),
        'ssl.keystore.password': 'store-secret',
      },
      says: /it holds no key/,
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
    { config: { 'security.protocol': 'SASL_SSL' }, says: /sasl\.jaas\.config/ },
    {
      config: { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'DIGEST-MD5' },
      says: /DIGEST-MD5.*PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER/,
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
    {
      config: {
        'security.protocol': 'SASL_SSL',
        'sasl.mechanism': 'PLAIN',
        'sasl.login.callback.handler.class': 'com.acme.Handler',
        'sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="hunter2";',
      },
      says: /com\.acme\.Handler.*sasl\.login\.callback\.handler\.class/,
    },
    { config: { 'ssl.cipher.suites': 'TLS_X' }, says: /ssl\.cipher\.suites.*TLS_X/ },
    {
      config: { 'ssl.cipher.suites': 'TLS_RSA_WITH_RC4_128_MD5' },
      says: /TLS_RSA_WITH_RC4_128_MD5/,
    },
    { config: { 'ssl.protocol': 'TLSv1.1' }, says: /ssl\.protocol/ },
    {
      config: { 'ssl.protocol': 'TLSv1.2', 'ssl.enabled.protocols': 'TLSv1.3' },
      says: /ssl\.enabled\.protocols.*ssl\.protocol/,
    },
    {
      config: {
        'ssl.cipher.suites': 'TLS_AES_256_GCM_SHA384',
        'ssl.enabled.protocols': 'TLSv1.2',
      },
      says: /ssl\.enabled\.protocols.*ssl\.cipher\.suites/,
    },
  ])('are refused by name, without a secret: $config', ({ config, says }) => {
    const given = config as unknown as Record<string, string>;
    expect(() => secure(given)).toThrow(says);
    expect(() => secure(given)).not.toThrow(/hunter2/);
  });
});
