import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { readContextOptions } from '@tributary/kafka/security';
import { ConfigError } from '@tributary/sdk';

/** How an HTTPS listener proves itself, and what it wants of clients. */
export interface ListenerTls {
  readonly context: SecureContextOptions;
  /** `requested`: a certificate that is shown must be trusted. */
  readonly clientAuth: 'none' | 'requested' | 'required';
}

type Config = Readonly<Record<string, string>>;

/**
 * TLS of the listeners whose keys begin with `prefix` (`listeners.https.`, `admin.listeners.https.`): with one such key only they count, without any the worker's plain `ssl.*` keys.
 * Stores are read here. ConfigError, naming the key, for what cannot be used. Source: Kafka `SSLUtils`.
 */
export function readListenerTls(config: Config, prefix: string): ListenerTls {
  const isPrefixed = Object.keys(config).some((key) => key.startsWith(prefix));
  const keyPrefix = isPrefixed ? prefix : '';
  const value = (key: string, byDefault: string): string => config[keyPrefix + key] ?? byDefault;
  const wrong = (reason: string, cause?: unknown): ConfigError =>
    new ConfigError(`HTTPS listeners, keys ${keyPrefix}ssl.*: ${reason}`, { cause });

  const clientAuth = value('ssl.client.auth', 'none').trim();
  if (clientAuth !== 'none' && clientAuth !== 'requested' && clientAuth !== 'required') {
    throw wrong(`ssl.client.auth is ${clientAuth}; it must be none, requested or required`);
  }
  if (value('ssl.keystore.location', '') === '' && value('ssl.keystore.key', '') === '') {
    throw wrong('a listener needs a certificate; set ssl.keystore.location to a key store with it');
  }
  const list = (key: string, byDefault: string): string[] =>
    value(key, byDefault)
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  try {
    const context = readContextOptions({
      'ssl.truststore.type': value('ssl.truststore.type', 'JKS'),
      'ssl.truststore.location': value('ssl.truststore.location', ''),
      'ssl.truststore.password': value('ssl.truststore.password', ''),
      'ssl.truststore.certificates': value('ssl.truststore.certificates', ''),
      'ssl.keystore.type': value('ssl.keystore.type', 'JKS'),
      'ssl.keystore.location': value('ssl.keystore.location', ''),
      'ssl.keystore.password': value('ssl.keystore.password', ''),
      'ssl.keystore.certificate.chain': value('ssl.keystore.certificate.chain', ''),
      'ssl.keystore.key': value('ssl.keystore.key', ''),
      'ssl.key.password': value('ssl.key.password', ''),
      'ssl.cipher.suites': list('ssl.cipher.suites', ''),
      'ssl.protocol': value('ssl.protocol', 'TLSv1.3'),
      'ssl.enabled.protocols': list('ssl.enabled.protocols', 'TLSv1.2,TLSv1.3'),
    });
    createSecureContext(context);
    return { context, clientAuth };
  } catch (error) {
    throw wrong((error as Error).message, error);
  }
}
