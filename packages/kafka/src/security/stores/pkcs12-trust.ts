import { crypto } from '../../node-modules.ts';
import { type DerValue, derValue, derValues, expectTag, integerOf, oidOf, tags } from './der.ts';

const oids = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  /** With which Java marks a certificate that is trusted, and not only part of a chain. */
  trustedKeyUsage: '2.16.840.1.113894.746875.1.1',
} as const;
const digests: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
const ciphers: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.1.2': 'aes-128-cbc',
  '2.16.840.1.101.3.4.1.22': 'aes-192-cbc',
  '2.16.840.1.101.3.4.1.42': 'aes-256-cbc',
};
/** Java has 10,000; more than this would keep the process busy. */
const mostIterations = 1_000_000;

/**
 * The trusted certificates of a PKCS12 store, in DER: those that `keytool` imported as such. Throws when it is damaged, the password is wrong, or it is encrypted
 * as Java before 11.0.12 did it. Source: RFC 7292, RFC 8018; Java `sun.security.pkcs12.PKCS12KeyStore`.
 */
export function readPkcs12Trust(bytes: Buffer, password: string): Buffer[] {
  const [version, content, mac] = derValues(derValue(bytes, tags.sequence));
  integerOf(version);
  const safe = contentOf(content);
  if (safe.type !== oids.data) throw new Error('it is signed, and not by a password');
  const safes = derValue(safe.explicit, tags.octets);
  if (mac !== undefined) checkMac(expectTag(mac, tags.sequence), safes, password);
  return derValues(derValue(safes, tags.sequence)).flatMap((each) => {
    const { type, explicit } = contentOf(each);
    if (type === oids.data) return trustedIn(derValue(explicit, tags.octets));
    if (type === oids.encryptedData) return trustedIn(decrypt(explicit, password));
    return [];
  });
}

function contentOf(value: DerValue | undefined): { type: string; explicit: Buffer } {
  const [type, explicit] = derValues(expectTag(value, tags.sequence));
  return { type: oidOf(type), explicit: expectTag(explicit, tags.context0) };
}

function trustedIn(safeContents: Buffer): Buffer[] {
  return derValues(derValue(safeContents, tags.sequence)).flatMap((bag) => {
    const [type, value, attributes] = derValues(expectTag(bag, tags.sequence));
    if (oidOf(type) !== oids.certificateBag || attributes === undefined) return [];
    const isTrusted = derValues(expectTag(attributes, tags.set)).some(
      (attribute) =>
        oidOf(derValues(expectTag(attribute, tags.sequence))[0]) === oids.trustedKeyUsage,
    );
    if (!isTrusted) return [];
    const [, certificate] = derValues(derValue(expectTag(value, tags.context0), tags.sequence));
    return [derValue(expectTag(certificate, tags.context0), tags.octets)];
  });
}

function decrypt(explicit: Buffer, password: string): Buffer {
  const [, content] = derValues(derValue(explicit, tags.sequence));
  const [, algorithm, sealed] = derValues(expectTag(content, tags.sequence));
  const [scheme, parameters] = derValues(expectTag(algorithm, tags.sequence));
  if (oidOf(scheme) !== oids.pbes2) throw new Error('it is encrypted in an old way');
  const [derivation, encryption] = derValues(expectTag(parameters, tags.sequence));
  const [cipherOid, iv] = derValues(expectTag(encryption, tags.sequence));
  const cipher = ciphers[oidOf(cipherOid)];
  if (cipher === undefined) throw new Error('it is encrypted in a way that is not known');
  const keyBytes = Number(cipher.slice(4, 7)) / 8;
  const key = deriveKey(expectTag(derivation, tags.sequence), password, keyBytes);
  const decipher = crypto().createDecipheriv(cipher, key, expectTag(iv, tags.octets));
  try {
    const encrypted = expectTag(sealed, tags.context0Primitive);
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  } catch {
    throw new Error('the password is wrong, or the store was changed');
  }
}

function deriveKey(derivation: Buffer, password: string, keyBytes: number): Buffer {
  const [scheme, parameters] = derValues(derivation);
  if (oidOf(scheme) !== oids.pbkdf2)
    throw new Error('its key is derived in a way that is not known');
  const [salt, iterations, ...optional] = derValues(expectTag(parameters, tags.sequence));
  const digestValue = optional.find(({ tag }) => tag === tags.sequence);
  const digest =
    digestValue === undefined ? 'sha1' : digests[oidOf(derValues(digestValue.content)[0])];
  if (digest === undefined) throw new Error('its key is derived in a way that is not known');
  const count = bounded(integerOf(iterations));
  return crypto().pbkdf2Sync(password, expectTag(salt, tags.octets), count, keyBytes, digest);
}

function checkMac(mac: Buffer, content: Buffer, password: string): void {
  const [info, salt, iterations] = derValues(mac);
  const [algorithm, expected] = derValues(expectTag(info, tags.sequence));
  const digest = digests[oidOf(derValues(expectTag(algorithm, tags.sequence))[0])];
  if (digest === undefined) throw new Error('it is protected in a way that is not known');
  const count = iterations === undefined ? 1 : bounded(integerOf(iterations));
  const key = macKey(digest, password, expectTag(salt, tags.octets), count);
  const found = crypto().createHmac(digest, key).update(content).digest();
  if (!found.equals(expectTag(expected, tags.octets))) {
    throw new Error('the password is wrong, or the store was changed');
  }
}

/** RFC 7292 appendix B.2, for one block, which is all that a MAC needs. */
function macKey(digest: string, password: string, salt: Buffer, iterations: number): Buffer {
  const blockBytes = digest === 'sha1' || digest === 'sha256' ? 64 : 128;
  const filled = (text: Buffer): Buffer => {
    const length = Math.ceil(text.length / blockBytes) * blockBytes;
    return Buffer.alloc(length, text);
  };
  const secret = Buffer.from(`${password}\0`, 'utf16le').swap16();
  const macPurpose = 3;
  let key = Buffer.concat([Buffer.alloc(blockBytes, macPurpose), filled(salt), filled(secret)]);
  for (let i = 0; i < iterations; i++) key = crypto().createHash(digest).update(key).digest();
  return key;
}

function bounded(iterations: number): number {
  if (iterations >= 1 && iterations <= mostIterations) return iterations;
  throw new Error(`it wants ${iterations} iterations; 1 to ${mostIterations} are made`);
}
