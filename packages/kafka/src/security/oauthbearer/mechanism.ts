import type { CommonSettings } from '../../config.ts';
import { clientError } from '../../errors.ts';
import { parseJaasConfig } from '../jaas.ts';
import {
  type Mechanism,
  requireHandler,
  requireLoginModule,
  type SaslDeps,
  type SaslStep,
} from '../sasl-mechanism.ts';
import type { AccessToken } from './access-token.ts';
import { cacheToken } from './cached-token.ts';
import { acknowledgeRefusal, initialResponse, refusalOf } from './initial-response.ts';
import { createTokenSource } from './token-source.ts';

const javaPackage = 'org.apache.kafka.common.security.oauthbearer';
const loginModule = `${javaPackage}.OAuthBearerLoginModule`;
const loginHandlers = [
  `${javaPackage}.OAuthBearerLoginCallbackHandler`,
  `${javaPackage}.secured.OAuthBearerLoginCallbackHandler`,
];
const retrievers = [
  'DefaultJwtRetriever',
  'ClientCredentialsJwtRetriever',
  'FileJwtRetriever',
  'JwtBearerJwtRetriever',
].map((name) => `${javaPackage}.${name}`);

export function oauthBearer(settings: CommonSettings, deps: SaslDeps): Mechanism {
  requireHandler('sasl.login.callback.handler.class', settings, loginHandlers);
  const retriever = settings['sasl.oauthbearer.jwt.retriever.class'];
  if (!retrievers.includes(retriever)) {
    throw clientError(
      'INVALID_CONFIG',
      `Invalid value ${retriever} for configuration sasl.oauthbearer.jwt.retriever.class: this client knows ${retrievers.join(', ')}`,
    );
  }
  const jaas = parseJaasConfig(settings['sasl.jaas.config']);
  requireLoginModule('OAUTHBEARER', jaas, [loginModule]);
  const token = cacheToken(createTokenSource(settings, jaas.options, deps), settings, deps.now);
  return bearerMechanism((_, signal) => token(signal));
}

/** For whatever gets its tokens elsewhere. */
export function bearerMechanism(
  tokenFor: (address: string, signal?: AbortSignal) => Promise<AccessToken>,
): Mechanism {
  return {
    handshakeName: 'OAUTHBEARER',
    async login(address, signal) {
      const token = await tokenFor(address, signal);
      return { who: token.subject, exchange: (step) => showToken(token, address, step) };
    },
  };
}

/** A broker that refuses the token says why before it is told that this was heard. Source: RFC 7628; Kafka `OAuthBearerSaslClient`. */
async function showToken(token: AccessToken, address: string, step: SaslStep): Promise<void> {
  const answer = await step(initialResponse(token));
  if (answer.length === 0) return;
  const refusal = refusalOf(answer);
  await step(acknowledgeRefusal);
  throw clientError(
    'SASL_AUTHENTICATION_FAILED',
    `Cannot authenticate to broker ${address} by OAUTHBEARER as "${token.subject}": ${refusal}`,
  );
}
