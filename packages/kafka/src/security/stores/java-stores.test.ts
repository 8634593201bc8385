import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOfJks, trustedCertificates } from './java-stores.ts';

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../../integration/fixtures/tls/${name}`, import.meta.url));
const password = 'store-secret';
const fingerprint = (pem: string | Buffer): string => new X509Certificate(pem).fingerprint256;

describe('a store that keytool made', () => {
  it.each([
    { store: 'trust.jks', holds: ['ca.pem'] },
    { store: 'trust.p12', holds: ['ca.pem', 'other-ca.pem'] },
    { store: 'client.jks', holds: ['client.pem'] },
  ])('$store holds the trusted certificates $holds', ({ store, holds }) => {
    const trusted = trustedCertificates(fixture(store), password);
    const expected = holds.map((name) => fingerprint(fixture(name)));
    expect(trusted.map(fingerprint).sort()).toEqual(expected.sort());
  });

  it('is read without its password in JKS, where nothing of trust is encrypted, as in Java', () => {
    expect(trustedCertificates(fixture('trust.jks'), '')).toHaveLength(1);
    expect(() => trustedCertificates(fixture('trust.p12'), '')).toThrow(/password/);
  });

  it.each([
    { store: 'client.jks', keyPassword: '' },
    { store: 'client-key-password.jks', keyPassword: 'key-secret' },
  ])('$store holds the key of its certificate', ({ store, keyPassword }) => {
    const { key, cert } = keyOfJks(fixture(store), password, keyPassword);
    expect(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(fingerprint(cert)).toBe(fingerprint(fixture('client.pem')));
  });

  it.each(['trust.jks', 'trust.p12'])('%s does not pass when a byte of it was changed', (store) => {
    const bytes = fixture(store);
    const whole = trustedCertificates(bytes, password);
    fc.assert(
      fc.property(fc.integer({ min: 4, max: bytes.length - 1 }), (at) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] as number) ^ 0x40;
        let trusted: string[];
        try {
          trusted = trustedCertificates(changed, password);
        } catch {
          return;
        }
        // Where a change has no meaning, it has no effect, either.
        expect(trusted).toEqual(whole);
      }),
      { numRuns: 15, seed: 7 },
    );
  });

  it.each(['trust.jks', 'trust.p12'])('%s does not pass when its end is missing', (store) => {
    const bytes = fixture(store);
    for (let length = 0; length < bytes.length; length += 13) {
      expect(() => trustedCertificates(bytes.subarray(0, length), password)).toThrow(Error);
    }
  });
});
