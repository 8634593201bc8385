import { clientError } from '../../errors.ts';
import type { AccessToken } from './access-token.ts';

const option = {
  principalClaim: 'unsecuredLoginPrincipalClaimName',
  scopeClaim: 'unsecuredLoginScopeClaimName',
  lifetime: 'unsecuredLoginLifetimeSeconds',
  stringClaim: 'unsecuredLoginStringClaim_',
  numberClaim: 'unsecuredLoginNumberClaim_',
  listClaim: 'unsecuredLoginListClaim_',
  extension: 'unsecuredLoginExtension_',
} as const;

/**
 * A token that anybody can make: for tests and development, and for brokers that take unsigned tokens. (no I/O)
 * `unsecuredLoginStringClaim_sub="alice"` names the user; a list's first character is its separator. Source: Kafka `OAuthBearerUnsecuredLoginCallbackHandler`.
 */
export function unsecuredToken(
  options: Readonly<Record<string, string>>,
  nowMs: number,
): AccessToken {
  const principalClaim = options[option.principalClaim] ?? 'sub';
  const lifetimeSeconds = Number(options[option.lifetime] ?? '3600');
  if (!(lifetimeSeconds > 0)) throw wrong(`${option.lifetime} must be a number above 0`);
  const issuedAt = nowMs / 1000;
  const expiresAt = issuedAt + lifetimeSeconds;
  const claims: Record<string, unknown> = { iat: issuedAt, exp: expiresAt };
  const extensions: Record<string, string> = {};
  const take = (prefix: string, put: (name: string, value: string, key: string) => void): void => {
    for (const [key, value] of Object.entries(options)) {
      if (key.startsWith(prefix)) put(key.slice(prefix.length), value, key);
    }
  };
  const claim = (name: string, value: unknown, key: string): void => {
    if (name === 'iat' || name === 'exp') throw wrong(`${key} sets a claim that follows the clock`);
    claims[name] = value;
  };
  take(option.stringClaim, claim);
  take(option.numberClaim, (name, value, key) => {
    if (value.trim() === '' || !Number.isFinite(Number(value))) throw wrong(`${key} is no number`);
    claim(name, Number(value), key);
  });
  take(option.listClaim, (name, value, key) => claim(name, listOf(value), key));
  take(option.extension, (name, value) => {
    extensions[name] = value;
  });
  const subject = claims[principalClaim];
  if (typeof subject !== 'string' || subject === '') {
    throw wrong(
      `it needs ${option.stringClaim}${principalClaim}, or sasl.oauthbearer.token.endpoint.url and sasl.login.callback.handler.class for a token from a provider`,
    );
  }
  const header = encode({ alg: 'none' });
  return {
    token: `${header}.${encode(claims)}.`,
    expiresAtMs: expiresAt * 1000,
    subject,
    extensions,
  };
}

function listOf(value: string): string[] {
  return value === '' ? [] : value.slice(1).split(value.slice(0, 1));
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function wrong(why: string): Error {
  return clientError(
    'INVALID_CONFIG',
    `Invalid value [hidden] for configuration sasl.jaas.config: ${why}`,
  );
}
