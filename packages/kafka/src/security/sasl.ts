import {
  type Api,
  type Decoded,
  errorByCode,
  saslAuthenticateApi,
  saslHandshakeApi,
} from '@tributary/wire';
import { brokerError, clientError } from '../errors.ts';
import { type JaasEntry, parseJaasConfig } from './jaas.ts';
import { ScramExchange } from './scram.ts';

export interface Sasl {
  readonly mechanism: string;
  /** Says who the client is. Resolves with for how long the broker believes it, in milliseconds; 0: for ever. */
  authenticate(address: string, request: SaslRequest): Promise<number>;
}

/** Of the connection that authenticates. */
export type SaslRequest = <Req, Res>(api: Api<Req, Res>, value: Req) => Promise<Decoded<Res>>;

type Step = (token: Buffer) => Promise<Buffer>;

const loginModules: Readonly<Record<string, string>> = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
};

/** Throws INVALID_CONFIG for a mechanism that is not known and a login that does not fit it. */
export function createSasl(mechanism: string, jaasConfig: string): Sasl {
  const loginModule = loginModules[mechanism];
  if (loginModule === undefined) {
    throw clientError(
      'INVALID_CONFIG',
      `Invalid value ${mechanism} for configuration sasl.mechanism: this client knows ${Object.keys(loginModules).join(', ')}`,
    );
  }
  const credentials = credentialsOf(mechanism, loginModule, parseJaasConfig(jaasConfig));
  return {
    mechanism,
    async authenticate(address, request) {
      const handshake = await request(saslHandshakeApi, { mechanism });
      if (handshake.errorCode !== 0) {
        throw brokerError(
          handshake.errorCode,
          `Cannot authenticate to broker ${address} by ${mechanism}`,
          `it knows ${handshake.mechanisms.join(', ')}`,
        );
      }
      let lifetimeMs = 0;
      const step: Step = async (authBytes) => {
        const answer = await request(saslAuthenticateApi, { authBytes });
        if (answer.errorCode !== 0) {
          throw brokerError(
            answer.errorCode,
            `Cannot authenticate to broker ${address} by ${mechanism} as "${credentials.username}"`,
            answer.errorMessage ?? errorByCode(answer.errorCode).description,
          );
        }
        lifetimeMs = Number(answer.sessionLifetimeMs);
        return answer.authBytes;
      };
      if (mechanism === 'PLAIN') {
        await step(Buffer.from(`\0${credentials.username}\0${credentials.password}`));
      } else {
        const exchange = new ScramExchange(
          mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512',
          credentials,
        );
        const serverFirst = await step(exchange.first());
        exchange.verify(await step(await exchange.final(serverFirst)));
      }
      return lifetimeMs;
    },
  };
}

function credentialsOf(
  mechanism: string,
  expected: string,
  { loginModule, options }: JaasEntry,
): { username: string; password: string; isToken: boolean } {
  const { username, password } = options;
  if (loginModule !== expected) {
    throw clientError(
      'INVALID_CONFIG',
      `Invalid value [hidden] for configuration sasl.jaas.config: its login module is ${loginModule}; ${mechanism} needs ${expected}`,
    );
  }
  if (username === undefined || password === undefined) {
    throw clientError(
      'INVALID_CONFIG',
      `Invalid value [hidden] for configuration sasl.jaas.config: ${mechanism} needs the options username and password`,
    );
  }
  return { username, password, isToken: options['tokenauth'] === 'true' };
}
