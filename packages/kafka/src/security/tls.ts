import type { ConnectionOptions, SecureContext, SecureContextOptions } from 'node:tls';
import { clientError } from '../errors.ts';
import { fs, net, tls } from '../node-modules.ts';
import { openSslCiphers } from './cipher-suites.ts';
import { formatOf, keyOfJks, trustedCertificates } from './stores/java-stores.ts';

/** The `ssl.*` keys of Java's clients that mean something here. */
export interface TlsSettings {
  readonly 'ssl.truststore.type': string;
  readonly 'ssl.truststore.location': string;
  readonly 'ssl.truststore.password': string;
  readonly 'ssl.truststore.certificates': string;
  readonly 'ssl.keystore.type': string;
  readonly 'ssl.keystore.location': string;
  readonly 'ssl.keystore.password': string;
  readonly 'ssl.keystore.certificate.chain': string;
  readonly 'ssl.keystore.key': string;
  readonly 'ssl.key.password': string;
  readonly 'ssl.cipher.suites': readonly string[];
  readonly 'ssl.protocol': string;
  readonly 'ssl.enabled.protocols': readonly string[];
  readonly 'ssl.endpoint.identification.algorithm': string;
}

/** Without what only a client needs. */
export type StoreSettings = Omit<TlsSettings, 'ssl.endpoint.identification.algorithm'>;

export type TlsOptions = (host: string) => ConnectionOptions;

const versions = ['TLSv1.2', 'TLSv1.3'] as const;

/**
 * What `tls.connect` needs for a host. Stores are read once, here. Throws INVALID_CONFIG, naming the key, for a store that cannot be read.
 * Trusted: the certificates of the trust store, else those that Node trusts. Source: Kafka `DefaultSslEngineFactory`.
 */
export function createTls(settings: TlsSettings): TlsOptions {
  const options = readContextOptions(settings);
  let secureContext: SecureContext;
  try {
    secureContext = tls().createSecureContext(options);
  } catch (error) {
    throw wrong(
      'ssl.keystore',
      `certificates and key do not make a TLS context: ${(error as Error).message}`,
      error,
    );
  }
  const algorithm = settings['ssl.endpoint.identification.algorithm'].toLowerCase();
  if (!['https', ''].includes(algorithm)) {
    throw wrong(
      'ssl.endpoint.identification.algorithm',
      'must be https, or empty to accept any host name',
    );
  }
  return (host) => ({
    secureContext,
    // An address is no name: it is only compared with the certificate.
    ...(net().isIP(host) === 0 ? { servername: host } : {}),
    ...(algorithm === '' ? { checkServerIdentity: () => undefined } : {}),
  });
}

/**
 * Stores, protocols and cipher suites, as clients and servers have them. Throws INVALID_CONFIG, naming the key, for what cannot be read; whether key and certificate belong
 * together shows when a context is made of them.
 */
export function readContextOptions(settings: StoreSettings): SecureContextOptions {
  const [minVersion, maxVersion] = versionRange(settings);
  return {
    minVersion,
    maxVersion,
    ...ciphers(settings['ssl.cipher.suites']),
    ...trusted(settings),
    ...own(settings),
  };
}

/** As in Java `ssl.protocol` is the newest that is spoken, whatever else is enabled. */
function versionRange(
  settings: StoreSettings,
): [(typeof versions)[number], (typeof versions)[number]] {
  const enabled = settings['ssl.enabled.protocols'];
  const newest = settings['ssl.protocol'];
  if (!['TLS', ...versions].includes(newest)) {
    throw wrong('ssl.protocol', `must be one of TLS, ${versions.join(', ')}`);
  }
  if (enabled.length === 0 || !enabled.every((each) => versions.some((one) => one === each))) {
    throw wrong('ssl.enabled.protocols', `must be a list of ${versions.join(', ')}`);
  }
  const suites = settings['ssl.cipher.suites'];
  // OpenSSL keeps its own suites for a version that none of these is of.
  const hasSuite = (version: string): boolean =>
    suites.length === 0 ||
    suites.some((suite) => suite.includes('_WITH_') === (version === 'TLSv1.2'));
  const known = versions.filter((version) => {
    return (
      enabled.includes(version) &&
      hasSuite(version) &&
      (version !== 'TLSv1.3' || newest !== 'TLSv1.2')
    );
  });
  const [min, max] = [known[0], known.at(-1)];
  if (min !== undefined && max !== undefined) return [min, max];
  throw wrong(
    'ssl.enabled.protocols',
    'has no version that ssl.protocol and ssl.cipher.suites allow',
  );
}

function ciphers(suites: readonly string[]): SecureContextOptions {
  return suites.length === 0 ? {} : { ciphers: openSslCiphers(suites) };
}

function trusted(settings: StoreSettings): SecureContextOptions {
  const inline = settings['ssl.truststore.certificates'];
  const location = settings['ssl.truststore.location'];
  if (inline !== '') {
    requirePem(
      settings['ssl.truststore.type'],
      'ssl.truststore.type',
      'ssl.truststore.certificates',
    );
    return { ca: certificatesOf(inline, 'ssl.truststore.certificates') };
  }
  if (location === '') return {};
  const bytes = read(location, 'ssl.truststore.location');
  if (settings['ssl.truststore.type'].toUpperCase() === 'PEM') {
    return { ca: certificatesOf(bytes.toString(), 'ssl.truststore.location') };
  }
  try {
    return { ca: trustedCertificates(bytes, settings['ssl.truststore.password']) };
  } catch (error) {
    throw wrong(
      'ssl.truststore.location',
      `"${location}" cannot be read as ${settings['ssl.truststore.type']}: ${(error as Error).message}. If the password is right, convert it by: keytool -list -rfc -keystore ${location} > trust.pem; then set ssl.truststore.type=PEM, ssl.truststore.location=trust.pem and no ssl.truststore.password`,
      error,
    );
  }
}

function own(settings: StoreSettings): SecureContextOptions {
  const chain = settings['ssl.keystore.certificate.chain'];
  const key = settings['ssl.keystore.key'];
  const location = settings['ssl.keystore.location'];
  const keyPassword = settings['ssl.key.password'];
  const withPassword = keyPassword === '' ? {} : { passphrase: keyPassword };
  if (chain !== '' || key !== '') {
    requirePem(settings['ssl.keystore.type'], 'ssl.keystore.type', 'ssl.keystore.key');
    if (chain === '' || key === '') {
      throw wrong('ssl.keystore.certificate.chain', 'is needed together with ssl.keystore.key');
    }
    return {
      cert: certificatesOf(chain, 'ssl.keystore.certificate.chain'),
      key: keyOf(key, 'ssl.keystore.key'),
      ...withPassword,
    };
  }
  if (location === '') return {};
  const bytes = read(location, 'ssl.keystore.location');
  if (settings['ssl.keystore.type'].toUpperCase() === 'PEM') {
    const text = bytes.toString();
    return {
      cert: certificatesOf(text, 'ssl.keystore.location'),
      key: keyOf(text, 'ssl.keystore.location'),
      ...withPassword,
    };
  }
  const password = settings['ssl.keystore.password'];
  try {
    // Java, too, looks at the bytes and not at the type.
    return formatOf(bytes) === 'PKCS12'
      ? { pfx: bytes, passphrase: password }
      : keyOfJks(bytes, password, keyPassword);
  } catch (error) {
    throw wrong(
      'ssl.keystore.location',
      `"${location}" cannot be read as ${settings['ssl.keystore.type']}: ${(error as Error).message}. If the passwords are right, convert it by: keytool -importkeystore -srckeystore ${location} -destkeystore keystore.p12 -deststoretype PKCS12; then set ssl.keystore.type=PKCS12 and ssl.keystore.location=keystore.p12`,
      error,
    );
  }
}

function requirePem(type: string, typeKey: string, key: string): void {
  if (type.toUpperCase() === 'PEM') return;
  throw wrong(key, `is used only with ${typeKey}=PEM, which is ${type}`);
}

function read(location: string, key: string): Buffer {
  try {
    return fs().readFileSync(location);
  } catch (error) {
    throw wrong(key, `"${location}" cannot be read: ${(error as Error).message}`, error);
  }
}

function certificatesOf(pem: string, key: string): string[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g);
  if (found === null) throw wrong(key, 'holds no certificate in PEM form');
  return [...found];
}

function keyOf(pem: string, key: string): string {
  const found =
    /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[^]+?-----END (?:[A-Z]+ )*PRIVATE KEY-----/.exec(pem);
  if (found === null) throw wrong(key, 'holds no private key in PEM form');
  return found[0];
}

function wrong(key: string, reason: string, cause?: unknown): Error {
  return clientError('INVALID_CONFIG', `Invalid configuration ${key}: ${reason}`, cause);
}
