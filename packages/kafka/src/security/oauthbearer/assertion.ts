import type { KeyObject } from 'node:crypto';
import { clientError } from '../../errors.ts';
import { crypto, fs } from '../../node-modules.ts';
import { requireAllowedFile } from './allowed-resources.ts';

export interface AssertionSettings {
  readonly 'sasl.oauthbearer.assertion.algorithm': string;
  readonly 'sasl.oauthbearer.assertion.claim.aud': string;
  readonly 'sasl.oauthbearer.assertion.claim.exp.seconds': number;
  readonly 'sasl.oauthbearer.assertion.claim.iss': string;
  readonly 'sasl.oauthbearer.assertion.claim.jti.include': boolean;
  readonly 'sasl.oauthbearer.assertion.claim.nbf.seconds': number;
  readonly 'sasl.oauthbearer.assertion.claim.sub': string;
  readonly 'sasl.oauthbearer.assertion.file': string;
  readonly 'sasl.oauthbearer.assertion.private.key.file': string;
  readonly 'sasl.oauthbearer.assertion.private.key.passphrase': string;
  readonly 'sasl.oauthbearer.assertion.template.file': string;
}

/**
 * A function that makes, each time anew, the JWT by which the client says who it is: the content of `assertion.file`, or one signed with the private key.
 * Files are read each time, so that a new key needs no restart. Source: Kafka `AssertionSupplierFactory`, RFC 7523.
 */
export function assertionMaker(
  settings: AssertionSettings,
  environment: NodeJS.ProcessEnv,
): (nowMs: number) => string {
  const fileKey = 'sasl.oauthbearer.assertion.file';
  if (settings[fileKey] !== '') {
    requireAllowedFile(fileKey, settings[fileKey], environment);
    return () => readText(fileKey, settings[fileKey]).trim();
  }
  const keyFileKey = 'sasl.oauthbearer.assertion.private.key.file';
  if (settings[keyFileKey] === '') {
    throw wrong(keyFileKey, `a private key, or ${fileKey}, is needed to make an assertion`);
  }
  requireAllowedFile(keyFileKey, settings[keyFileKey], environment);
  const templateKey = 'sasl.oauthbearer.assertion.template.file';
  if (settings[templateKey] !== '') {
    requireAllowedFile(templateKey, settings[templateKey], environment);
  }
  return (nowMs) => signedAssertion(settings, nowMs);
}

function signedAssertion(settings: AssertionSettings, nowMs: number): string {
  const algorithm = settings['sasl.oauthbearer.assertion.algorithm'];
  const template = templateOf(settings);
  const now = Math.floor(nowMs / 1000);
  const fixed = {
    aud: settings['sasl.oauthbearer.assertion.claim.aud'],
    iss: settings['sasl.oauthbearer.assertion.claim.iss'],
    sub: settings['sasl.oauthbearer.assertion.claim.sub'],
  };
  const content = [
    { ...template.header, alg: algorithm, typ: 'JWT' },
    {
      ...template.payload,
      ...Object.fromEntries(Object.entries(fixed).filter(([, value]) => value !== '')),
      iat: now,
      exp: now + settings['sasl.oauthbearer.assertion.claim.exp.seconds'],
      nbf: now - settings['sasl.oauthbearer.assertion.claim.nbf.seconds'],
      ...(settings['sasl.oauthbearer.assertion.claim.jti.include']
        ? { jti: crypto().randomUUID() }
        : {}),
    },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const key = privateKeyOf(settings);
  // JWS wants the two numbers of an ECDSA signature side by side, not in DER.
  const signature = crypto().sign('sha256', Buffer.from(content), {
    key,
    dsaEncoding: 'ieee-p1363',
  });
  return `${content}.${signature.toString('base64url')}`;
}

function templateOf(settings: AssertionSettings): { header: object; payload: object } {
  const key = 'sasl.oauthbearer.assertion.template.file';
  if (settings[key] === '') return { header: {}, payload: {} };
  try {
    const { header = {}, payload = {} } = JSON.parse(readText(key, settings[key])) as Partial<{
      header: object;
      payload: object;
    }>;
    return { header, payload };
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw wrong(key, 'the file holds no JSON of the form {"header": {...}, "payload": {...}}');
    }
    throw error;
  }
}

/** PEM, or PKCS8 as Java has it: Base64 without armour, or DER where it is encrypted. */
function privateKeyOf(settings: AssertionSettings): KeyObject {
  const key = 'sasl.oauthbearer.assertion.private.key.file';
  const passphrase = settings['sasl.oauthbearer.assertion.private.key.passphrase'];
  const bytes = readBytes(key, settings[key]);
  const text = bytes.toString();
  const secret = passphrase === '' ? {} : { passphrase };
  try {
    if (text.includes('-----BEGIN')) return crypto().createPrivateKey({ key: text, ...secret });
    const isBase64 = /^[A-Za-z0-9+/=\s]+$/.test(text);
    const der = isBase64 ? Buffer.from(text, 'base64') : bytes;
    return crypto().createPrivateKey({ key: der, format: 'der', type: 'pkcs8', ...secret });
  } catch {
    throw wrong(key, 'the file holds no private key, or the passphrase is not that of the key');
  }
}

function readText(key: string, path: string): string {
  return readBytes(key, path).toString();
}

function readBytes(key: string, path: string): Buffer {
  try {
    return fs().readFileSync(path);
  } catch (error) {
    throw wrong(key, `"${path}" cannot be read: ${(error as Error).message}`);
  }
}

function wrong(key: string, why: string): Error {
  return clientError('INVALID_CONFIG', `Invalid configuration ${key}: ${why}`);
}
