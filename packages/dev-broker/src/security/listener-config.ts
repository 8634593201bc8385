import { DevBrokerError } from '../errors.ts';
import { parseJaas } from './parse-jaas.ts';
import { readTlsOptions, type TlsOptions } from './tls-options.ts';

export interface ListenerConfig {
  /** Undefined where the keys do not say. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** What clients are told; port 0 stands for the one that is listened on. */
  readonly advertised: { readonly host: string; readonly port: number } | undefined;
  readonly tls: TlsOptions | undefined;
  /** Passwords by user for SASL PLAIN; undefined: no SASL. */
  readonly plainUsers: ReadonlyMap<string, string> | undefined;
}

type Config = Readonly<Record<string, string | number | boolean>>;

const brokerWideKeys = new Set([
  'listeners',
  'advertised.listeners',
  'listener.security.protocol.map',
]);
const listenerKeys = new Set([
  'ssl.keystore.type',
  'ssl.keystore.location',
  'ssl.keystore.certificate.chain',
  'ssl.keystore.key',
  'ssl.key.password',
  'ssl.truststore.type',
  'ssl.truststore.location',
  'ssl.truststore.certificates',
  'ssl.client.auth',
  'sasl.enabled.mechanisms',
  'plain.sasl.jaas.config',
]);
const protocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];

/**
 * Takes the keys of the listener, with Kafka's names, out of the broker's keys. A key of the listener's own (`listener.name.NAME.KEY`) comes before the
 * general one. Throws DevBrokerError for what is wrong or not supported; neither messages nor what is returned as `rest` hold a password or key.
 */
export function readListenerConfig(config: Config): { listener: ListenerConfig; rest: Config } {
  const own = parseEndpoint('listeners', text(config, 'listeners'));
  const name = own?.name ?? 'PLAINTEXT';
  const advertised = parseEndpoint('advertised.listeners', text(config, 'advertised.listeners'));
  if (advertised !== undefined && advertised.name !== name) {
    throw wrong('advertised.listeners', `names "${advertised.name}"; the listener is "${name}"`);
  }
  const protocol = protocolOf(name, text(config, 'listener.security.protocol.map'));
  const prefix = `listener.name.${name.toLowerCase()}.`;
  const key = (wanted: string) => text(config, prefix + wanted) ?? text(config, wanted);
  const listener = {
    host: own?.host || undefined,
    port: own?.port,
    advertised,
    tls: protocol.endsWith('SSL') ? readTlsOptions(key) : undefined,
    plainUsers: protocol.startsWith('SASL_')
      ? readPlainUsers(key('sasl.enabled.mechanisms'), `${prefix}plain.sasl.jaas.config`, config)
      : undefined,
  };
  const isRead = (one: string) =>
    brokerWideKeys.has(one) ||
    listenerKeys.has(one.startsWith(prefix) ? one.slice(prefix.length) : one);
  const rest = Object.fromEntries(Object.entries(config).filter(([one]) => !isRead(one)));
  return { listener, rest };
}

function parseEndpoint(
  key: string,
  value: string | undefined,
): { name: string; host: string; port: number } | undefined {
  if (value === undefined) return undefined;
  if (value.includes(',')) {
    throw wrong(key, 'has several listeners; the dev broker has one, give the one that is wanted');
  }
  const found = /^([A-Za-z0-9._-]+):\/\/(\[[0-9a-fA-F:]+\]|[^:/\s]*):(\d{1,5})$/.exec(value);
  const port = Number(found?.[3]);
  if (found === null || port > 65_535) {
    throw wrong(key, `is "${value}"; it must be NAME://HOST:PORT`);
  }
  const host = (found[2] as string).replace(/^\[|\]$/g, '');
  return { name: (found[1] as string).toUpperCase(), host, port };
}

/** A listener that the map does not name has the protocol of its name. */
function protocolOf(name: string, map = ''): string {
  const pairs = map.split(',').map((pair) => pair.trim().toUpperCase().split(':'));
  const protocol = pairs.find(([one]) => one === name)?.[1] ?? name;
  if (protocols.includes(protocol)) return protocol;
  throw wrong(
    'listener.security.protocol.map',
    `gives listener "${name}" no known protocol; it must be one of ${protocols.join(', ')}`,
  );
}

function readPlainUsers(
  mechanisms: string | undefined,
  jaasKey: string,
  config: Config,
): ReadonlyMap<string, string> {
  if (mechanisms?.trim() !== 'PLAIN') {
    throw wrong(
      'sasl.enabled.mechanisms',
      `is ${mechanisms === undefined ? 'not set' : `"${mechanisms}"`}; the dev broker has PLAIN only`,
    );
  }
  const jaas = parseJaas(text(config, jaasKey) ?? '');
  if (jaas?.module !== 'org.apache.kafka.common.security.plain.PlainLoginModule') {
    throw wrong(
      jaasKey,
      'must be: org.apache.kafka.common.security.plain.PlainLoginModule required user_NAME="PASSWORD" ;',
    );
  }
  const users = [...jaas.options].filter(([name]) => name.startsWith('user_'));
  return new Map(users.map(([name, password]) => [name.slice('user_'.length), password]));
}

function text(config: Config, key: string): string | undefined {
  const value = config[key];
  return value === undefined || String(value).trim() === '' ? undefined : String(value).trim();
}

function wrong(key: string, problem: string): DevBrokerError {
  return new DevBrokerError(
    'TRB_BROKER_CONFIG',
    `Cannot start the broker: key "${key}" ${problem}`,
  );
}
