import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { DevBrokerError } from '../errors.ts';

export type ClientAuth = 'none' | 'requested' | 'required';

export interface TlsOptions extends SecureContextOptions {
  readonly clientAuth: ClientAuth;
}

/** `key` gives the value of an `ssl.*` key of the listener. Reads the files; throws DevBrokerError for what cannot be used. Messages hold no key. */
export function readTlsOptions(key: (name: string) => string | undefined): TlsOptions {
  const isInline = key('ssl.keystore.certificate.chain') !== undefined;
  requirePem('ssl.keystore.type', key('ssl.keystore.type'));
  const store = isInline ? '' : readStore('ssl.keystore.location', key('ssl.keystore.location'));
  const chain = isInline ? key('ssl.keystore.certificate.chain') : store;
  const privateKey = isInline ? key('ssl.keystore.key') : store;
  const passphrase = key('ssl.key.password');
  const trusted = readTrusted(key);
  const options = {
    cert: blocks('CERTIFICATE', chain),
    key: blocks('PRIVATE KEY', privateKey),
    ...(passphrase !== undefined && { passphrase }),
    ...(trusted !== undefined && { ca: blocks('CERTIFICATE', trusted) }),
    clientAuth: readClientAuth(key('ssl.client.auth') ?? 'none'),
  };
  for (const [part, found] of [
    ['certificate', options.cert],
    ['private key', options.key],
  ] as const) {
    if (found !== '') continue;
    throw unusable(
      `no ${part} in PEM form was found in the key store; give ssl.keystore.location, or ssl.keystore.certificate.chain and ssl.keystore.key`,
    );
  }
  try {
    createSecureContext(options);
  } catch (error) {
    throw unusable(
      `the key store or trust store cannot be read (${(error as Error).message}); check that key and certificate belong together, and ssl.key.password`,
    );
  }
  return options;
}

function readTrusted(key: (name: string) => string | undefined): string | undefined {
  const inline = key('ssl.truststore.certificates');
  const location = key('ssl.truststore.location');
  if (inline === undefined && location === undefined) return undefined;
  requirePem('ssl.truststore.type', key('ssl.truststore.type'));
  return inline ?? readStore('ssl.truststore.location', location);
}

/** Kafka's default type is JKS. */
function requirePem(name: string, type: string | undefined): void {
  if (type?.toUpperCase() === 'PEM') return;
  throw unusable(
    `key "${name}" is ${type === undefined ? 'not set, which means JKS' : `"${type}"`}, and only PEM is supported; convert the store (\`openssl pkcs12 -in STORE -out store.pem -nodes\`, after \`keytool -importkeystore\` for JKS) and set ${name}=PEM`,
  );
}

function readStore(name: string, location: string | undefined): string {
  if (location === undefined) {
    throw unusable(`key "${name}" has no value; give the path of a PEM file`);
  }
  try {
    return readFileSync(location, 'latin1');
  } catch (error) {
    throw unusable(
      `the file "${location}" of key "${name}" cannot be read (${(error as NodeJS.ErrnoException).code}); check the path`,
    );
  }
}

function readClientAuth(value: string): ClientAuth {
  if (value === 'none' || value === 'requested' || value === 'required') return value;
  throw unusable(`key "ssl.client.auth" is "${value}"; it must be none, requested or required`);
}

const headerLine = /-----(?:BEGIN|END) [A-Z0-9 ]+-----/;
const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \1-----/g;

/** The blocks whose label ends so, with the line breaks that OpenSSL wants: in a properties file they are often lost, which Kafka allows. */
function blocks(labelEnd: string, text = ''): string {
  const found: string[] = [];
  for (const [, label = '', body = ''] of text.matchAll(pemBlock)) {
    if (!label.endsWith(labelEnd) || headerLine.test(body)) continue;
    // Fields of an old encrypted key ("Proc-Type: ...") need their own lines.
    const lines = body.includes(':') ? body.trim() : body.split(/\s+/).filter(Boolean).join('\n');
    found.push(`-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`);
  }
  return found.join('');
}

function unusable(problem: string): DevBrokerError {
  return new DevBrokerError('TRB_BROKER_CONFIG', `Cannot start the listener with TLS: ${problem}`);
}
