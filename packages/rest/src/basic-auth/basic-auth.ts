import { createHash, timingSafeEqual } from 'node:crypto';
import type { Logger } from '@tributary/runtime';
import { ConfigError } from '@tributary/sdk';
import { HttpError } from '../error-mapping.ts';
import { readUsers } from './login-file.ts';

/** May the sender of this `Authorization` header in? HttpError 500 for base64 that is none, as in Java. */
export type Authenticate = (authorization: string | undefined) => boolean;

const extension =
  'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension';

/** `rest.extension.classes`: null where it is empty. Kafka's own extension for basic authentication is built in; ConfigError for others, and for a login configuration that cannot be used. */
export function createAuthenticator(
  config: Readonly<Record<string, string>>,
  { environment, logger }: { environment: NodeJS.ProcessEnv; logger: Logger },
): Authenticate | null {
  const classes = (config['rest.extension.classes'] ?? '').split(',').map((name) => name.trim());
  const named = classes.filter((name) => name !== '');
  if (named.length === 0) return null;
  for (const name of named) {
    if (name === extension || name === 'BasicAuthSecurityRestExtension') continue;
    throw new ConfigError(
      'rest.extension.classes',
      name,
      `extensions are Java code and cannot be loaded; only ${extension} is built in, remove the others`,
    );
  }
  const users = readUsers(environment);
  if (users.size === 0) {
    logger.warn('The password file of basic authentication is empty: everybody is let in');
  }
  return authenticateAgainst(users);
}

/** Without any user everybody is let in. (no I/O) Source: Kafka `JaasBasicAuthFilter`, `PropertyFileLoginModule`. */
export function authenticateAgainst(users: ReadonlyMap<string, string>): Authenticate {
  const digests = new Map([...users].map(([user, password]) => [user, digest(password)]));
  const nobody = digest('');
  return (authorization) => {
    if (users.size === 0) return true;
    const credentials = parseBasic(authorization);
    if (credentials === null) return false;
    const wanted = digests.get(credentials.user);
    // As long for a name that does not exist as for a password that is wrong.
    const isEqual = timingSafeEqual(wanted ?? nobody, digest(credentials.password));
    return wanted !== undefined && isEqual;
  };
}

function parseBasic(authorization = ''): { user: string; password: string } | null {
  const space = authorization.indexOf(' ');
  if (space <= 0 || authorization.slice(0, space).toLowerCase() !== 'basic') return null;
  const token = authorization.slice(space + 1);
  const stranger = /[^A-Za-z0-9+/=]/.exec(token)?.[0];
  if (stranger !== undefined) {
    const code = stranger.charCodeAt(0).toString(16);
    throw new HttpError(500, `Illegal base64 character ${code}`, { quotesRequest: true });
  }
  const text = Buffer.from(token, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon <= 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function digest(password: string): Buffer {
  return createHash('sha256').update(password).digest();
}
