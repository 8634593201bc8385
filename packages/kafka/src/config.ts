/** Java client keys -> typed settings. (no I/O) Source: Kafka `CommonClientConfigs`, `ProducerConfig`, `ConsumerConfig`, `AdminClientConfig`. */
import { clientError } from './errors.ts';
import { longestDelayMs } from './timers.ts';
import type { ClientConfig, ClientLogger } from './types.ts';

/** `secret`: text that is never shown, nor trimmed. */
type Kind = 'text' | 'secret' | 'int' | 'long' | 'boolean' | 'list';

interface KeyTable {
  readonly [key: string]: readonly [kind: Kind, defaultValue: string];
}

const commonKeys = {
  'bootstrap.servers': ['list', ''],
  'client.id': ['text', ''],
  'client.rack': ['text', ''],
  'request.timeout.ms': ['int', '30000'],
  'default.api.timeout.ms': ['int', '60000'],
  'metadata.max.age.ms': ['long', '300000'],
  'retry.backoff.ms': ['long', '100'],
  'retry.backoff.max.ms': ['long', '1000'],
  'reconnect.backoff.ms': ['long', '50'],
  'reconnect.backoff.max.ms': ['long', '1000'],
  'socket.connection.setup.timeout.ms': ['long', '10000'],
  'connections.max.idle.ms': ['long', '540000'],
  'security.protocol': ['text', 'PLAINTEXT'],
  'sasl.mechanism': ['text', 'GSSAPI'],
  'sasl.jaas.config': ['secret', ''],
  'ssl.truststore.type': ['text', 'JKS'],
  'ssl.truststore.location': ['text', ''],
  'ssl.truststore.password': ['secret', ''],
  'ssl.truststore.certificates': ['secret', ''],
  'ssl.keystore.type': ['text', 'JKS'],
  'ssl.keystore.location': ['text', ''],
  'ssl.keystore.password': ['secret', ''],
  'ssl.keystore.certificate.chain': ['secret', ''],
  'ssl.keystore.key': ['secret', ''],
  'ssl.key.password': ['secret', ''],
  'ssl.enabled.protocols': ['list', 'TLSv1.2,TLSv1.3'],
  'ssl.endpoint.identification.algorithm': ['text', 'https'],
} as const satisfies KeyTable;

const producerKeys = {
  ...commonKeys,
  acks: ['text', 'all'],
  'batch.size': ['int', '16384'],
  'buffer.memory': ['long', '33554432'],
  'compression.type': ['text', 'none'],
  'delivery.timeout.ms': ['int', '120000'],
  'enable.idempotence': ['boolean', 'true'],
  'linger.ms': ['long', '5'],
  'max.block.ms': ['long', '60000'],
  'max.in.flight.requests.per.connection': ['int', '5'],
  'max.request.size': ['int', '1048576'],
  retries: ['int', '2147483647'],
  'transaction.timeout.ms': ['int', '60000'],
  'transactional.id': ['text', ''],
} as const satisfies KeyTable;

const consumerKeys = {
  ...commonKeys,
  'group.id': ['text', ''],
  'group.instance.id': ['text', ''],
  'allow.auto.create.topics': ['boolean', 'true'],
  'auto.offset.reset': ['text', 'latest'],
  'check.crcs': ['boolean', 'true'],
  'exclude.internal.topics': ['boolean', 'true'],
  'fetch.max.bytes': ['int', '52428800'],
  'fetch.max.wait.ms': ['int', '500'],
  'fetch.min.bytes': ['int', '1'],
  'heartbeat.interval.ms': ['int', '3000'],
  'isolation.level': ['text', 'read_uncommitted'],
  'max.partition.fetch.bytes': ['int', '1048576'],
  'max.poll.interval.ms': ['int', '300000'],
  'max.poll.records': ['int', '500'],
  'partition.assignment.strategy': ['list', 'range'],
  'session.timeout.ms': ['int', '45000'],
} as const satisfies KeyTable;

/** Keys of Java's clients that change nothing here, each with the only value that is true of this client, or null for any. */
const harmlessKeys: Readonly<Record<string, readonly string[] | null>> = {
  'group.protocol': ['classic'],
  'enable.auto.commit': ['false'],
  'metadata.recovery.strategy': ['rebootstrap', 'REBOOTSTRAP'],
  'metadata.recovery.rebootstrap.trigger.ms': null,
  'client.dns.lookup': ['use_all_dns_ips'],
  'key.serializer': null,
  'value.serializer': null,
  'key.deserializer': null,
  'value.deserializer': null,
  'send.buffer.bytes': null,
  'receive.buffer.bytes': null,
  'socket.connection.setup.timeout.max.ms': null,
  'auto.commit.interval.ms': null,
  'auto.include.jmx.reporter': null,
  'enable.metrics.push': null,
  'metric.reporters': null,
  'metrics.num.samples': null,
  'metrics.recording.level': null,
  'metrics.sample.window.ms': null,
  'security.providers': null,
  'ssl.protocol': null,
  'ssl.keymanager.algorithm': null,
  'ssl.trustmanager.algorithm': null,
  'ssl.secure.random.implementation': null,
  'partitioner.ignore.keys': ['false'],
  'partitioner.adaptive.partitioning.enable': null,
  'partitioner.availability.timeout.ms': null,
  'metadata.max.idle.ms': null,
};

/** What Java's clients have and this one refuses, because passing it over would change what is delivered or how safely. */
const refusedKeys = [
  'ssl.cipher.suites',
  'ssl.engine.factory.class',
  'ssl.provider',
  'sasl.client.callback.handler.class',
  'sasl.login.callback.handler.class',
  'sasl.login.class',
  'interceptor.classes',
  'partitioner.class',
  'group.remote.assignor',
  'config.providers',
];

const atLeastOne = ['max.in.flight.requests.per.connection', 'max.poll.records'];

export type CommonSettings = Settings<typeof commonKeys>;
export type ProducerSettings = Settings<typeof producerKeys>;
export type ConsumerSettings = Settings<typeof consumerKeys>;

type Settings<Table extends KeyTable> = {
  readonly [Key in keyof Table]: Table[Key][0] extends 'int' | 'long'
    ? number
    : Table[Key][0] extends 'boolean'
      ? boolean
      : Table[Key][0] extends 'list'
        ? readonly string[]
        : string;
};

export function parseCommon(config: ClientConfig, logger: ClientLogger): CommonSettings {
  return parse(commonKeys, config, logger);
}

export function parseProducer(config: ClientConfig, logger: ClientLogger): ProducerSettings {
  const settings = parse(producerKeys, config, logger);
  if (!['all', '-1', '0', '1'].includes(settings.acks)) {
    throw invalid('acks', settings.acks, 'must be all, -1, 0 or 1');
  }
  if (!['none', 'gzip', 'snappy', 'lz4', 'zstd'].includes(settings['compression.type'])) {
    throw invalid('compression.type', settings['compression.type'], 'unknown codec');
  }
  const isIdempotent = mayBeIdempotent(settings, config);
  if (settings['transactional.id'] !== '' && !isIdempotent) {
    throw invalid(
      'transactional.id',
      settings['transactional.id'],
      'needs enable.idempotence=true, acks=all and retries above 0',
    );
  }
  return {
    ...settings,
    'enable.idempotence': isIdempotent,
    'delivery.timeout.ms': deliveryTimeoutMs(settings, config),
  };
}

export function parseConsumer(config: ClientConfig, logger: ClientLogger): ConsumerSettings {
  const settings = parse(consumerKeys, config, logger);
  const configuredReset = settings['auto.offset.reset'];
  const isByDuration = /^by_duration:/i.test(configuredReset);
  const reset = isByDuration
    ? `by_duration:${configuredReset.slice('by_duration:'.length)}`
    : configuredReset.toLowerCase();
  const isDurationGood = isByDuration && durationMs(reset.slice('by_duration:'.length)) >= 0;
  if (!['earliest', 'latest', 'none'].includes(reset) && !isDurationGood) {
    throw invalid(
      'auto.offset.reset',
      configuredReset,
      'must be latest, earliest, none or by_duration:<PnDTnHnMn.nS>',
    );
  }
  const isolation = settings['isolation.level'].toLowerCase();
  if (!['read_uncommitted', 'read_committed'].includes(isolation)) {
    throw invalid('isolation.level', isolation, 'must be read_committed or read_uncommitted');
  }
  const { 'heartbeat.interval.ms': heartbeatMs, 'session.timeout.ms': sessionMs } = settings;
  if (heartbeatMs >= sessionMs) {
    throw invalid(
      'heartbeat.interval.ms',
      String(heartbeatMs),
      `must be less than session.timeout.ms, ${sessionMs}`,
    );
  }
  return { ...settings, 'auto.offset.reset': reset, 'isolation.level': isolation };
}

/** Days to seconds of an ISO 8601 duration, as Java's `Duration.parse` takes them; NaN for anything else. */
export function durationMs(text: string): number {
  const match =
    /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,9})?)S)?)?$/i.exec(text);
  if (match === null) return Number.NaN;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  return Math.floor((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
}

/** Java's rule: what contradicts idempotence turns it off, unless it was asked for. */
function mayBeIdempotent(settings: ProducerSettings, config: ClientConfig): boolean {
  if (!settings['enable.idempotence']) return false;
  const isAskedFor = config['enable.idempotence'] !== undefined;
  const { acks, retries, 'max.in.flight.requests.per.connection': inFlight } = settings;
  const contradictions: [key: string, value: string, reason: string, isContradiction: boolean][] = [
    ['acks', acks, 'must be all', acks === '0' || acks === '1'],
    ['retries', String(retries), 'must not be 0', retries === 0],
    ['max.in.flight.requests.per.connection', String(inFlight), 'must be at most 5', inFlight > 5],
  ];
  const found = contradictions.find(([, , , isContradiction]) => isContradiction);
  if (found === undefined) return true;
  const [key, value, reason] = found;
  // Java refuses this one even where idempotence is only the default.
  if (!isAskedFor && key !== 'max.in.flight.requests.per.connection') return false;
  throw invalid(key, value, `${reason} in order to use the idempotent producer`);
}

function deliveryTimeoutMs(settings: ProducerSettings, config: ClientConfig): number {
  const { 'delivery.timeout.ms': timeoutMs } = settings;
  const leastMs = Math.min(settings['linger.ms'] + settings['request.timeout.ms'], longestDelayMs);
  if (timeoutMs >= leastMs) return timeoutMs;
  if (config['delivery.timeout.ms'] === undefined) return leastMs;
  throw invalid(
    'delivery.timeout.ms',
    String(timeoutMs),
    'should be equal to or larger than linger.ms + request.timeout.ms',
  );
}

/** Every key that one of the clients reads. */
export function knownClientKeys(): Set<string> {
  return new Set([
    ...Object.keys(producerKeys),
    ...Object.keys(consumerKeys),
    ...Object.keys(harmlessKeys),
    ...refusedKeys,
  ]);
}

function parse<Table extends KeyTable>(
  table: Table,
  config: ClientConfig,
  logger: ClientLogger,
): Settings<Table> {
  const settings: Record<string, unknown> = {};
  for (const [key, [kind, defaultValue]] of Object.entries(table)) {
    settings[key] = parseValue(key, config[key] ?? defaultValue, kind);
  }
  for (const [key, value] of Object.entries(config)) {
    if (key in table) continue;
    refuseUnsupported(key, value.trim());
    if (!(key in harmlessKeys) && !(key in producerKeys) && !(key in consumerKeys)) {
      logger.debug(`The configuration '${key}' was supplied but isn't a known config.`);
    }
  }
  const protocol = (settings['security.protocol'] as string).toUpperCase();
  if (!['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'].includes(protocol)) {
    throw invalid(
      'security.protocol',
      protocol,
      'must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL',
    );
  }
  settings['security.protocol'] = protocol;
  if ((settings['bootstrap.servers'] as string[]).length === 0) {
    throw invalid('bootstrap.servers', '', 'at least one host:port is needed');
  }
  return settings as Settings<Table>;
}

function refuseUnsupported(key: string, value: string): void {
  const allowed = harmlessKeys[key];
  const isRefused = value !== '' && refusedKeys.includes(key);
  if (isRefused || (allowed !== undefined && allowed !== null && !allowed.includes(value))) {
    const isSecurity = /^(sasl|ssl)\./.test(key);
    throw invalid(
      key,
      isSecurity ? '[hidden]' : value,
      'this client does not support it; remove the key',
    );
  }
}

function parseValue(key: string, raw: string, kind: Kind): unknown {
  const text = raw.trim();
  switch (kind) {
    case 'secret':
      return raw;
    case 'text':
      return text;
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'boolean':
      if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
      throw invalid(key, text, 'Expected value to be either true or false');
    default: {
      const isWhole = /^[+-]?\d+$/.test(text);
      if (!isWhole) throw invalid(key, text, `Not a number of type ${kind.toUpperCase()}`);
      const least = atLeastOne.includes(key) ? 1 : 0;
      if (Number(text) < least) throw invalid(key, text, `Value must be at least ${least}`);
      // Java's Long.MAX_VALUE stands for "for ever"; beyond 2^53 the exact number does not matter.
      return Number(text);
    }
  }
}

function invalid(key: string, value: string, reason: string): Error {
  return clientError(
    'INVALID_CONFIG',
    `Invalid value ${value} for configuration ${key}: ${reason}`,
  );
}
