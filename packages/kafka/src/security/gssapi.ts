import type { CommonSettings } from '../config.ts';
import { clientError, isKafkaError } from '../errors.ts';
import { inTime } from './in-time.ts';
import { type JaasEntry, parseJaasConfig } from './jaas.ts';
import { optionalPackage } from './optional-package.ts';
import {
  type Mechanism,
  requireHandler,
  requireLoginModule,
  type SaslDeps,
  type SaslStep,
} from './sasl-mechanism.ts';

/** What is used of the npm package `kerberos`: tokens as Base64 text. */
export interface Kerberos {
  readonly GSS_C_MUTUAL_FLAG: number;
  readonly GSS_C_SEQUENCE_FLAG: number;
  readonly GSS_MECH_OID_KRB5: number;
  initializeClient(
    service: string,
    options: { principal?: string; flags: number; mechOID: number },
  ): Promise<KerberosClient>;
}
export interface KerberosClient {
  readonly contextComplete: boolean;
  step(challenge: string): Promise<string>;
  wrap(message: string): Promise<string>;
  unwrap(challenge: string): Promise<string>;
}

const loginModule = 'com.sun.security.auth.module.Krb5LoginModule';
/** For the key distribution centre to answer. */
const ticketTimeoutMs = 30_000;
/** An exchange has two tokens of each side; more is a broker that plays. */
const maxSteps = 8;
/** RFC 4752: the bit for "no security layer"; TLS is the layer. */
const noLayer = 1;

/**
 * Kerberos 5. Where credentials come from is the process's affair, as the library has it: the key table or ticket cache of JAAS is set in its environment,
 * so that a process can use one of each. Source: RFC 4752; Kafka `SaslClientAuthenticator`, `KerberosLogin`.
 */
export function gssapi(settings: CommonSettings, deps: SaslDeps): Mechanism {
  requireHandler('sasl.login.callback.handler.class', settings, []);
  const jaas = parseJaasConfig(settings['sasl.jaas.config']);
  requireLoginModule('GSSAPI', jaas, [loginModule]);
  const service = serviceNameOf(settings['sasl.kerberos.service.name'], jaas);
  useCredentials(jaas.options, deps.environment);
  const { principal } = jaas.options;
  return {
    handshakeName: 'GSSAPI',
    async login(address, signal) {
      const kerberos = await optionalPackage<Kerberos>(
        'kerberos',
        'sasl.mechanism=GSSAPI',
        deps.load,
      );
      const host = address.slice(0, address.lastIndexOf(':'));
      const doing = `Cannot authenticate to broker ${address} by GSSAPI`;
      const ask: Ask = (work) => asked(doing, work, signal);
      const client = await ask(() =>
        kerberos.initializeClient(`${service}@${host}`, {
          flags: kerberos.GSS_C_MUTUAL_FLAG | kerberos.GSS_C_SEQUENCE_FLAG,
          mechOID: kerberos.GSS_MECH_OID_KRB5,
          ...(principal === undefined ? {} : { principal }),
        }),
      );
      return {
        who: principal ?? 'the ticket of this process',
        exchange: (step) => negotiate(client, step, doing, ask),
      };
    },
  };
}

/** Runs what the library does, in time. */
type Ask = <T>(work: () => Promise<T>) => Promise<T>;

async function negotiate(
  client: KerberosClient,
  step: SaslStep,
  doing: string,
  ask: Ask,
): Promise<void> {
  let challenge = '';
  for (let steps = 0; !client.contextComplete; steps++) {
    if (steps === maxSteps) throw refused(doing, `no agreement in ${maxSteps} steps`);
    const token = await ask(() => client.step(challenge));
    challenge = (await step(Buffer.from(token ?? '', 'base64'))).toString('base64');
  }
  const offer = Buffer.from(await ask(() => client.unwrap(challenge)), 'base64');
  const layers = offer.length === 4 ? offer.readUInt8(0) : 0;
  if ((layers & noLayer) === 0) throw refused(doing, 'the broker wants a security layer');
  // No layer, hence no size, and nobody else to act for.
  const choice = Buffer.from([noLayer, 0, 0, 0]).toString('base64');
  await step(Buffer.from(await ask(() => client.wrap(choice)), 'base64'));
}

async function asked<T>(
  doing: string,
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await inTime(work(), ticketTimeoutMs, `${doing}: Kerberos did not answer`, signal);
  } catch (error) {
    if (isKafkaError(error)) throw error;
    signal?.throwIfAborted();
    throw refused(doing, (error as Error).message, error);
  }
}

function serviceNameOf(configured: string, { options }: JaasEntry): string {
  const { serviceName = '' } = options;
  if (configured !== '' && serviceName !== '' && configured !== serviceName) {
    throw wrong(
      'sasl.kerberos.service.name',
      `"${configured}" conflicts with serviceName="${serviceName}" of sasl.jaas.config`,
    );
  }
  const service = configured || serviceName;
  if (service !== '') return service;
  throw wrong('sasl.kerberos.service.name', 'is needed, or serviceName in sasl.jaas.config');
}

function useCredentials(
  options: Readonly<Record<string, string>>,
  environment: NodeJS.ProcessEnv,
): void {
  const { useKeyTab, keyTab, useTicketCache, ticketCache } = options;
  if (useKeyTab === 'true' && keyTab !== undefined) {
    setOnce(environment, 'KRB5_CLIENT_KTNAME', keyTab.replace(/^FILE:/, ''));
    // Tickets that came of a key table are of no use to anybody else.
    environment['KRB5CCNAME'] ??= 'MEMORY:tributary';
  } else if (useTicketCache === 'true' && ticketCache !== undefined) {
    setOnce(environment, 'KRB5CCNAME', ticketCache);
  }
}

function setOnce(environment: NodeJS.ProcessEnv, variable: string, value: string): void {
  const present = environment[variable];
  if (present !== undefined && present !== value) {
    throw wrong(
      'sasl.jaas.config',
      `this process uses the ${variable} "${present}" already, and Kerberos has one per process; give the connector a task host of its own`,
    );
  }
  environment[variable] = value;
}

function refused(doing: string, why: string, cause?: unknown): Error {
  return clientError('SASL_AUTHENTICATION_FAILED', `${doing}: ${why}`, cause);
}

function wrong(key: string, why: string): Error {
  return clientError('INVALID_CONFIG', `Invalid configuration ${key}: ${why}`);
}
