import { jksMagic, readJks, unprotectKey } from './jks.ts';
import { readPkcs12Trust } from './pkcs12-trust.ts';

const derSequence = 0x30;

/** Trusted certificates of a JKS or PKCS12 store, whatever it is called: Java looks at the bytes, too. PEM. Throws, without a secret. */
export function trustedCertificates(bytes: Buffer, password: string): string[] {
  const trusted =
    formatOf(bytes) === 'JKS' ? readJks(bytes, password).trusted : readPkcs12Trust(bytes, password);
  if (trusted.length === 0) throw new Error('it holds no trusted certificate');
  return trusted.map((der) => pemOf(der, 'CERTIFICATE'));
}

/** The first key of a JKS store, and its chain. PEM. An empty key password: that of the store. */
export function keyOfJks(
  bytes: Buffer,
  password: string,
  keyPassword: string,
): { key: string; cert: string } {
  const [entry] = readJks(bytes, password).keys;
  if (entry === undefined) throw new Error('it holds no key');
  const key = unprotectKey(entry.protectedKey, keyPassword === '' ? password : keyPassword);
  return {
    key: pemOf(key, 'PRIVATE KEY'),
    cert: entry.chain.map((der) => pemOf(der, 'CERTIFICATE')).join(''),
  };
}

export function formatOf(bytes: Buffer): 'JKS' | 'PKCS12' {
  if (bytes.length > 24 && bytes.readUInt32BE(0) === jksMagic) return 'JKS';
  if (bytes[0] === derSequence) return 'PKCS12';
  throw new Error('it is neither JKS nor PKCS12');
}

function pemOf(der: Buffer, label: string): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
