import { clientError } from '../errors.ts';
import { tls } from '../node-modules.ts';

const keyExchanges: Readonly<Record<string, string>> = {
  ECDHE_ECDSA: 'ECDHE-ECDSA-',
  ECDHE_RSA: 'ECDHE-RSA-',
  DHE_RSA: 'DHE-RSA-',
  RSA: '',
};
const encryptions: Readonly<Record<string, string>> = {
  AES_128_GCM: 'AES128-GCM',
  AES_256_GCM: 'AES256-GCM',
  AES_128_CCM: 'AES128-CCM',
  AES_256_CCM: 'AES256-CCM',
  AES_128_CBC: 'AES128',
  AES_256_CBC: 'AES256',
  CHACHA20_POLY1305: 'CHACHA20-POLY1305',
};

/** `ssl.cipher.suites` as OpenSSL takes it: Java has the names of the RFCs, OpenSSL has those of TLS 1.3 only. Throws INVALID_CONFIG for a suite that is not known here. */
export function openSslCiphers(suites: readonly string[]): string {
  const known = new Set(tls().getCiphers());
  return suites
    .map((suite) => {
      const name = suite.includes('_WITH_') ? openSslName(suite) : suite;
      if (name !== undefined && known.has(name.toLowerCase())) return name;
      throw clientError(
        'INVALID_CONFIG',
        `Invalid configuration ssl.cipher.suites: "${suite}" is not known here; use names such as TLS_AES_256_GCM_SHA384 or TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384`,
      );
    })
    .join(':');
}

function openSslName(suite: string): string | undefined {
  const match = /^TLS_(\w+)_WITH_(\w+?)(?:_(SHA\d*))?$/.exec(suite);
  const [, exchange = '', encryption = '', digest] = match ?? [];
  const before = keyExchanges[exchange];
  const name = encryptions[encryption];
  if (before === undefined || name === undefined) return undefined;
  const isDigestNamed = digest !== undefined && !encryption.startsWith('CHACHA20');
  return `${before}${name}${isDigestNamed ? `-${digest}` : ''}`;
}
