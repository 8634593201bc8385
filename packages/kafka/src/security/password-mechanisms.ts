import type { CommonSettings } from '../config.ts';
import { clientError } from '../errors.ts';
import { parseJaasConfig } from './jaas.ts';
import { type Mechanism, requireHandler, requireLoginModule } from './sasl-mechanism.ts';
import { type ScramCredentials, ScramExchange } from './scram.ts';

const plainModule = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const scramModule = 'org.apache.kafka.common.security.scram.ScramLoginModule';

/** Source: RFC 4616. */
export function plain(settings: CommonSettings): Mechanism {
  const { username, password } = credentialsOf('PLAIN', plainModule, settings);
  return {
    handshakeName: 'PLAIN',
    login: async () => ({
      who: username,
      async exchange(step) {
        await step(Buffer.from(`\0${username}\0${password}`));
      },
    }),
  };
}

export function scram(hash: 'sha256' | 'sha512', settings: CommonSettings): Mechanism {
  const handshakeName = hash === 'sha256' ? 'SCRAM-SHA-256' : 'SCRAM-SHA-512';
  const credentials = credentialsOf(handshakeName, scramModule, settings);
  return {
    handshakeName,
    login: async () => ({
      who: credentials.username,
      async exchange(step) {
        const exchange = new ScramExchange(hash, credentials);
        const serverFirst = await step(exchange.first());
        exchange.verify(await step(await exchange.final(serverFirst)));
      },
    }),
  };
}

function credentialsOf(
  mechanism: string,
  expected: string,
  settings: CommonSettings,
): ScramCredentials {
  requireHandler('sasl.login.callback.handler.class', settings, []);
  const jaas = parseJaasConfig(settings['sasl.jaas.config']);
  requireLoginModule(mechanism, jaas, [expected]);
  const { username, password } = jaas.options;
  if (username === undefined || password === undefined) {
    throw clientError(
      'INVALID_CONFIG',
      `Invalid value [hidden] for configuration sasl.jaas.config: ${mechanism} needs the options username and password`,
    );
  }
  return { username, password, isToken: jaas.options['tokenauth'] === 'true' };
}
