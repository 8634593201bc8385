/** Java client keys -> typed settings. (no I/O) Source: Kafka `CommonClientConfigs`, `ProducerConfig`, `ConsumerConfig`, `AdminClientConfig`. */
import {
  adminKeys,
  type commonKeys,
  consumerKeys,
  harmlessKeys,
  type KeyTable,
  type Kind,
  limits,
  producerKeys,
  refusedKeys,
} from './config-keys.ts';
import { clientError } from './errors.ts';
import { longestDelayMs } from './timers.ts';
import type { ClientConfig, ClientLogger } from './types.ts';

const roundRobinPartitioner = 'org.apache.kafka.clients.producer.RoundRobinPartitioner';

export type CommonSettings = Settings<typeof commonKeys>;
export type AdminSettings = Settings<typeof adminKeys>;
export type ProducerSettings = Settings<typeof producerKeys>;
export type ConsumerSettings = Settings<typeof consumerKeys>;

type Settings<Table extends KeyTable> = {
  readonly [Key in keyof Table]: Table[Key][0] extends 'int' | 'long' | 'double'
    ? number
    : Table[Key][0] extends 'boolean'
      ? boolean
      : Table[Key][0] extends 'list'
        ? readonly string[]
        : string;
};

export function parseAdmin(config: ClientConfig, logger: ClientLogger): AdminSettings {
  // A worker's own admin client is given all of the worker's keys, and its reporters are the worker's affair.
  const { 'metric.reporters': _, ...own } = config;
  return parse(adminKeys, own, logger);
}

export function parseProducer(config: ClientConfig, logger: ClientLogger): ProducerSettings {
  const settings = parse(producerKeys, config, logger);
  if (!['all', '-1', '0', '1'].includes(settings.acks)) {
    throw invalid('acks', settings.acks, 'must be all, -1, 0 or 1');
  }
  if (!['none', 'gzip', 'snappy', 'lz4', 'zstd'].includes(settings['compression.type'])) {
    throw invalid('compression.type', settings['compression.type'], 'unknown codec');
  }
  if (settings['compression.gzip.level'] === 0) {
    throw invalid('compression.gzip.level', '0', 'must be 1 to 9, or -1 for the default');
  }
  if (!['', roundRobinPartitioner].includes(settings['partitioner.class'])) {
    throw invalid(
      'partitioner.class',
      settings['partitioner.class'],
      `this client has ${roundRobinPartitioner} and, without the key, Java's own; remove the key`,
    );
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
  requireInstanceId(settings['group.instance.id']);
  return { ...settings, 'auto.offset.reset': reset, 'isolation.level': isolation };
}

/** Source: Kafka `JoinGroupRequest.validateGroupInstanceId`. */
function requireInstanceId(id: string): void {
  if (id === '' || (/^[\w.-]{1,249}$/.test(id) && id !== '.' && id !== '..')) return;
  throw invalid(
    'group.instance.id',
    id,
    'it must be at most 249 letters, digits, ".", "_" and "-", and neither "." nor ".."',
  );
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
    ...Object.keys(adminKeys),
    ...Object.keys(producerKeys),
    ...Object.keys(consumerKeys),
    ...Object.keys(harmlessKeys),
    ...refusedKeys,
    'config.providers',
    'metric.reporters',
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
  const known = knownClientKeys();
  for (const [key, value] of Object.entries(config)) {
    if (key in table) continue;
    refuseUnsupported(key, value.trim());
    if (!known.has(key)) {
      logger.debug(`The configuration '${key}' was supplied but isn't a known config.`);
    }
  }
  refuseReporters(config['metric.reporters'] ?? '');
  refuseReferences(config);
  const protocol = (settings['security.protocol'] as string).toUpperCase();
  if (!['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'].includes(protocol)) {
    throw invalid(
      'security.protocol',
      protocol,
      'must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL',
    );
  }
  settings['security.protocol'] = protocol;
  const recovery = (settings['metadata.recovery.strategy'] as string).toLowerCase();
  if (!['none', 'rebootstrap'].includes(recovery)) {
    throw invalid('metadata.recovery.strategy', recovery, 'must be none or rebootstrap');
  }
  settings['metadata.recovery.strategy'] = recovery;
  if ((settings['bootstrap.servers'] as string[]).length === 0) {
    throw invalid('bootstrap.servers', '', 'at least one host:port is needed');
  }
  return settings as Settings<Table>;
}

function refuseUnsupported(key: string, value: string): void {
  const allowed = harmlessKeys[key];
  const isRefused = value !== '' && refusedKeys.includes(key);
  if (isRefused) throw unsupported(key, value, 'remove the key');
  if (allowed === undefined || allowed === null) return;
  if (!allowed.includes(value.toLowerCase())) {
    throw unsupported(key, value, `only ${allowed.join(', ')}`);
  }
}

/** Java's own reporter makes the metrics visible to JMX, which nothing here has. */
function refuseReporters(reporters: string): void {
  const jmxReporter = 'org.apache.kafka.common.metrics.JmxReporter';
  const other = itemsOf(reporters).find((name) => name !== jmxReporter);
  if (other !== undefined) throw unsupported('metric.reporters', other, 'remove the key');
}

/** A worker resolves the references in its clients' values itself; the client would take one that is left literally. */
function refuseReferences(config: ClientConfig): void {
  const providers = itemsOf(config['config.providers'] ?? '');
  for (const [key, value] of Object.entries(config)) {
    const isReferring = providers.some((provider) => value.includes(`\${${provider}:`));
    if (isReferring) {
      throw invalid(key, '[hidden]', 'this client resolves no references to config.providers');
    }
  }
}

function unsupported(key: string, value: string, advice: string): Error {
  const isSecurity = /^(sasl|ssl)\./.test(key);
  return invalid(
    key,
    isSecurity ? '[hidden]' : value,
    `this client does not support it; ${advice}`,
  );
}

function itemsOf(list: string): string[] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function parseValue(key: string, raw: string, kind: Kind): unknown {
  const text = raw.trim();
  switch (kind) {
    case 'secret':
      return raw;
    case 'text':
      return text;
    case 'list':
      return itemsOf(text);
    case 'boolean':
      if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
      throw invalid(key, text, 'Expected value to be either true or false');
    default: {
      const pattern = kind === 'double' ? /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i : /^[+-]?\d+$/;
      if (!pattern.test(text))
        throw invalid(key, text, `Not a number of type ${kind.toUpperCase()}`);
      const [least, greatest] = limits[key] ?? [0, Number.POSITIVE_INFINITY];
      // Java's Long.MAX_VALUE stands for "for ever"; beyond 2^53 the exact number does not matter.
      const number = Number(text);
      if (number < least) throw invalid(key, text, `Value must be at least ${least}`);
      if (number > greatest) throw invalid(key, text, `Value must be no more than ${greatest}`);
      return number;
    }
  }
}

function invalid(key: string, value: string, reason: string): Error {
  return clientError(
    'INVALID_CONFIG',
    `Invalid value ${value} for configuration ${key}: ${reason}`,
  );
}
