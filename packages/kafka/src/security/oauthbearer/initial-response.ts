import { clientError } from '../../errors.ts';
import type { AccessToken } from './access-token.ts';

const separator = '\u0001';
const keyPattern = /^[A-Za-z]+$/;
const valuePattern = /^[\x21-\x7e \t\r\n]+$/;

/** What goes on after the broker has said why it refuses. */
export const acknowledgeRefusal: Buffer = Buffer.from(separator);

/** `n,,`, then the token and the extensions, each between separators. (no I/O) Source: RFC 7628 section 3.1; KIP-342. */
export function initialResponse({ token, extensions }: AccessToken): Buffer {
  const pairs = Object.entries(extensions);
  for (const [key, value] of pairs) {
    const isFine = keyPattern.test(key) && key !== 'auth' && valuePattern.test(value);
    if (isFine) continue;
    throw clientError(
      'INVALID_CONFIG',
      `Invalid value [hidden] for configuration sasl.jaas.config: "${key}" cannot be sent as a SASL extension; names are of letters and not "auth", values of printable ASCII`,
    );
  }
  const parts = ['n,,', `auth=Bearer ${token}`, ...pairs.map(([key, value]) => `${key}=${value}`)];
  return Buffer.from(`${parts.join(separator)}${separator}${separator}`);
}

/** Of the JSON with which a broker refuses a token; its scopes are no secret. */
export function refusalOf(answer: Buffer): string {
  try {
    const { status, scope } = JSON.parse(answer.toString()) as Record<string, unknown>;
    const wanted = typeof scope === 'string' && scope !== '' ? `; it wants the scope ${scope}` : '';
    return `the broker says ${String(status)}${wanted}`;
  } catch {
    return 'the broker refuses the token';
  }
}
