import { clientError } from '../../errors.ts';

/** A bearer token and for how long it is good. The token itself is a secret. */
export interface AccessToken {
  readonly token: string;
  readonly expiresAtMs: number;
  /** For messages: who the token says the client is. */
  readonly subject: string;
  /** Sent beside the token (KIP-342). */
  readonly extensions: Readonly<Record<string, string>>;
}

/**
 * Reads what the client needs of a JWT; that it is genuine is for the broker to judge. Errors never quote it. (no I/O)
 * Source: Kafka `ClientJwtValidator`.
 */
export function readAccessToken(
  token: string,
  claimNames: { readonly scope: string; readonly subject: string },
  extensions: Readonly<Record<string, string>>,
): AccessToken {
  const parts = token.split('.');
  if (parts.length !== 3) throw wrong(`it has ${parts.length} parts, where a JWT has three`);
  const claims = claimsOf(parts[1] ?? '');
  const { exp } = claims;
  const subject = claims[claimNames.subject];
  const scope = claims[claimNames.scope];
  if (typeof exp !== 'number' || exp <= 0) throw wrong('its claim "exp" is no time');
  if (typeof subject !== 'string' || subject.trim() === '') {
    throw wrong(`its claim "${claimNames.subject}" is no name`);
  }
  const isList = Array.isArray(scope) && scope.every((each) => typeof each === 'string');
  if (scope !== undefined && typeof scope !== 'string' && !isList) {
    throw wrong(`its claim "${claimNames.scope}" is neither text nor a list of texts`);
  }
  return { token, expiresAtMs: exp * 1000, subject, extensions };
}

function claimsOf(payload: string): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    if (typeof claims === 'object' && claims !== null) return claims as Record<string, unknown>;
  } catch {
    // The parser's own message quotes the token.
  }
  throw wrong('its claims are no JSON object');
}

function wrong(why: string): Error {
  return clientError('SASL_AUTHENTICATION_FAILED', `The access token is not usable: ${why}`);
}
