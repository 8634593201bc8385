import { crypto } from '../../node-modules.ts';
import { derValue, derValues, expectTag, oidOf, tags } from './der.ts';

/**
 * A store of `keytool -storetype JKS`: magic, version, number of entries, and for each its tag, alias (length and UTF-8), time, and a certificate (type, length, DER),
 * or a protected key with its chain; then SHA-1 of password, a fixed phrase and all of it. Source: Java `sun.security.provider.JavaKeyStore`.
 */
export interface Jks {
  /** Trusted certificates, and the first of each key's chain, which Java trusts, too. DER. */
  readonly trusted: readonly Buffer[];
  readonly keys: readonly { readonly protectedKey: Buffer; readonly chain: readonly Buffer[] }[];
}

export const jksMagic = 0xfeedfeed;
const keyTag = 1;
const certificateTag = 2;
const digestBytes = 20;
const phrase = 'Mighty Aphrodite';
const protectionOid = '1.3.6.1.4.1.42.2.17.1.1';

/** Throws when it is damaged or the password is not that of the store; an empty password is not compared. */
export function readJks(bytes: Buffer, password: string): Jks {
  const end = bytes.length - digestBytes;
  if (password !== '' && !isGenuine(bytes.subarray(0, end), password, bytes.subarray(end))) {
    throw new Error('the password is wrong, or the store was changed');
  }
  let at = 4;
  const take = (length: number): Buffer => {
    if (at + length > end) throw new Error('it ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = (): number => take(4).readUInt32BE();
  const text = (): string => take(take(2).readUInt16BE()).toString();
  const version = number();
  const certificate = (): Buffer => {
    if (version >= 2) text();
    return take(number());
  };
  const trusted: Buffer[] = [];
  const keys: { protectedKey: Buffer; chain: Buffer[] }[] = [];
  for (let left = number(); left > 0; left--) {
    const tag = number();
    text();
    take(8);
    if (tag === certificateTag) trusted.push(certificate());
    else if (tag === keyTag) {
      const protectedKey = take(number());
      const chain: Buffer[] = [];
      for (let more = number(); more > 0; more--) chain.push(certificate());
      keys.push({ protectedKey, chain });
      trusted.push(...chain.slice(0, 1));
    } else throw new Error(`it has an entry of the unknown kind ${tag}`);
  }
  return { trusted, keys };
}

/** PKCS8, in DER. Source: Java `sun.security.provider.KeyProtector`. */
export function unprotectKey(protectedKey: Buffer, password: string): Buffer {
  const [algorithm, octets] = derValues(derValue(protectedKey, tags.sequence));
  if (oidOf(derValues(expectTag(algorithm, tags.sequence))[0]) !== protectionOid) {
    throw new Error('its key is protected in a way that is not known');
  }
  const sealed = expectTag(octets, tags.octets);
  const secret = utf16(password);
  let stream = sealed.subarray(0, digestBytes);
  const body = sealed.subarray(digestBytes, sealed.length - digestBytes);
  const plain = Buffer.alloc(body.length);
  for (let at = 0; at < body.length; at++) {
    if (at % digestBytes === 0) stream = sha1(secret, stream);
    plain[at] = (body[at] as number) ^ (stream[at % digestBytes] as number);
  }
  const check = sealed.subarray(sealed.length - digestBytes);
  if (!sha1(secret, plain).equals(check)) throw new Error('the password of the key is wrong');
  return plain;
}

function isGenuine(content: Buffer, password: string, digest: Buffer): boolean {
  return sha1(utf16(password), Buffer.from(phrase), content).equals(digest);
}

function sha1(...parts: Buffer[]): Buffer {
  const hash = crypto().createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}
