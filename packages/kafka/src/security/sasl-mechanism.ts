import type { CommonSettings } from '../config.ts';
import { clientError } from '../errors.ts';
import type { JaasEntry } from './jaas.ts';
import type { PostForm } from './oauthbearer/post-form.ts';

/** One token to the broker, and its answer. Rejects when the broker refuses. */
export type SaslStep = (token: Buffer) => Promise<Buffer>;

/** How a client says who it is. One object serves all connections of a client. */
export interface Mechanism {
  /** What the broker calls it. */
  readonly handshakeName: string;
  /** Before each exchange: fetches what it needs, for the broker at `address` (`host:port`). Bounded in time; ends with the signal. */
  login(address: string, signal?: AbortSignal): Promise<Login>;
}

export interface Login {
  /** For messages. */
  readonly who: string;
  exchange(step: SaslStep): Promise<void>;
}

/** What mechanisms need of the machine. */
export interface SaslDeps {
  readonly environment: NodeJS.ProcessEnv;
  readonly post: PostForm;
  readonly now: () => number;
  /** Imports an optional package; rejects when it is not installed. */
  readonly load: (name: string) => Promise<unknown>;
}

/** Throws INVALID_CONFIG unless it is one of the mechanism's own. */
export function requireLoginModule(
  mechanism: string,
  { loginModule }: JaasEntry,
  expected: readonly string[],
): void {
  if (expected.includes(loginModule)) return;
  throw clientError(
    'INVALID_CONFIG',
    `Invalid value [hidden] for configuration sasl.jaas.config: its login module is ${loginModule}; ${mechanism} needs ${expected[0]}`,
  );
}

/** Throws INVALID_CONFIG for a class that this client has no counterpart of. */
export function requireHandler(
  key: 'sasl.login.callback.handler.class',
  settings: Pick<CommonSettings, 'sasl.login.callback.handler.class'>,
  known: readonly string[],
): void {
  const handler = settings[key];
  if (handler === '' || known.includes(handler)) return;
  const choice = known.length === 0 ? 'remove the key' : `it knows ${known.join(', ')}`;
  throw clientError(
    'INVALID_CONFIG',
    `Invalid value ${handler} for configuration ${key}: this client does not run Java classes; ${choice}`,
  );
}
