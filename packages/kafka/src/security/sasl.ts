import {
  type Api,
  type Decoded,
  errorByCode,
  saslAuthenticateApi,
  saslHandshakeApi,
} from '@tributary/wire';
import type { CommonSettings } from '../config.ts';
import { brokerError, clientError } from '../errors.ts';
import { awsMskIam } from './aws-msk-iam.ts';
import { gssapi } from './gssapi.ts';
import { oauthBearer } from './oauthbearer/mechanism.ts';
import { plain, scram } from './password-mechanisms.ts';
import type { Mechanism, SaslDeps } from './sasl-mechanism.ts';

export interface Sasl {
  readonly mechanism: string;
  /** Says who the client is, until the signal. Resolves with for how long the broker believes it, in milliseconds; 0: for ever. */
  authenticate(address: string, request: SaslRequest, signal?: AbortSignal): Promise<number>;
}

/** Of the connection that authenticates. */
export type SaslRequest = <Req, Res>(api: Api<Req, Res>, value: Req) => Promise<Decoded<Res>>;

/** By `sasl.mechanism`. Another one is a file that makes a `Mechanism`, and a line here. */
const mechanisms: Readonly<
  Record<string, (settings: CommonSettings, deps: SaslDeps) => Mechanism>
> = {
  PLAIN: plain,
  'SCRAM-SHA-256': (settings) => scram('sha256', settings),
  'SCRAM-SHA-512': (settings) => scram('sha512', settings),
  OAUTHBEARER: oauthBearer,
  AWS_MSK_IAM: awsMskIam,
  GSSAPI: gssapi,
};

/** Throws INVALID_CONFIG for a mechanism that is not known and a login that does not fit it. */
export function createSasl(settings: CommonSettings, deps: SaslDeps): Sasl {
  const name = settings['sasl.mechanism'];
  const create = mechanisms[name];
  if (create === undefined) {
    throw clientError(
      'INVALID_CONFIG',
      `Invalid value ${name} for configuration sasl.mechanism: this client knows ${Object.keys(mechanisms).join(', ')}`,
    );
  }
  const mechanism = create(settings, deps);
  return {
    mechanism: name,
    async authenticate(address, request, signal) {
      const login = await mechanism.login(address, signal);
      const handshake = await request(saslHandshakeApi, { mechanism: mechanism.handshakeName });
      if (handshake.errorCode !== 0) {
        throw brokerError(
          handshake.errorCode,
          `Cannot authenticate to broker ${address} by ${name}`,
          `it knows ${handshake.mechanisms.join(', ')}`,
        );
      }
      let lifetimeMs = 0;
      await login.exchange(async (authBytes) => {
        const answer = await request(saslAuthenticateApi, { authBytes });
        if (answer.errorCode !== 0) {
          throw brokerError(
            answer.errorCode,
            `Cannot authenticate to broker ${address} by ${name} as "${login.who}"`,
            answer.errorMessage ?? errorByCode(answer.errorCode).description,
          );
        }
        lifetimeMs = Number(answer.sessionLifetimeMs);
        return answer.authBytes;
      });
      return lifetimeMs;
    },
  };
}
