import { createHash, timingSafeEqual } from 'node:crypto';

/** Handshake (a mechanism was chosen) -> authenticated or failed. A failed connection ends once its answer is sent. */
export type SaslStatus = 'initial' | 'handshaken' | 'authenticated' | 'failed';

/** Authentication of one connection by SASL PLAIN. */
export interface PlainSession {
  readonly status: SaslStatus;
  /** False: the mechanism is not served. */
  chooseMechanism(mechanism: string): boolean;
  /** The client sent something else in place of its token. */
  giveUp(): void;
  /** Undefined when the token is right, else what the client is told. */
  authenticate(token: Buffer): string | undefined;
}

export const saslMechanisms: readonly string[] = ['PLAIN'];

/** Source: RFC 4616; messages of Kafka `PlainSaslServer` and `SaslServerAuthenticator`. */
export function createPlainSession(users: ReadonlyMap<string, string>): PlainSession {
  let status: SaslStatus = 'initial';
  return {
    get status() {
      return status;
    },
    chooseMechanism(mechanism) {
      const isServed = saslMechanisms.includes(mechanism);
      status = isServed ? 'handshaken' : 'failed';
      return isServed;
    },
    giveUp() {
      status = 'failed';
    },
    authenticate(token) {
      const problem = refuseToken(users, token);
      status = problem === undefined ? 'authenticated' : 'failed';
      return problem;
    },
  };
}

function refuseToken(users: ReadonlyMap<string, string>, token: Buffer): string | undefined {
  const parts = token.toString('utf8').split('\0');
  const [authorizationId = '', user = '', password = ''] = parts;
  if (parts.length !== 3 || user === '' || password === '') {
    return 'Authentication failed during authentication due to invalid credentials with SASL mechanism PLAIN';
  }
  const expected = users.get(user);
  if (expected === undefined || !isSame(expected, password)) {
    return 'Authentication failed: Invalid username or password';
  }
  if (authorizationId !== '' && authorizationId !== user) {
    return 'Authentication failed: Client requested an authorization id that is different from username';
  }
  return undefined;
}

/** In the same time for every wrong password. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
