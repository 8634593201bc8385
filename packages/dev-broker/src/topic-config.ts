import type { BrokerConfig } from './broker-config.ts';

/** DescribeConfigs' types: see Kafka `ConfigResource`, `ConfigEntry.ConfigType`. */
export type TopicConfigType = 'boolean' | 'string' | 'int' | 'long' | 'double' | 'list';

export interface TopicConfigKey {
  readonly type: TopicConfigType;
  /** Value of a topic that does not set it. */
  readonly default: (broker: BrokerConfig) => string;
  /** Why a value is refused; undefined when it is fine. */
  readonly refuse: (value: string) => string | undefined;
  /** The broker key that the default comes from. */
  readonly brokerKey?: keyof BrokerConfig;
}

/** Every topic key of Kafka 4. What has no effect here is kept and shown all the same. */
export const topicConfigKeys: Readonly<Record<string, TopicConfigKey>> = {
  'cleanup.policy': {
    type: 'list',
    default: (broker) => broker['log.cleanup.policy'],
    refuse: (value) => {
      const policies = value.split(',').map((one) => one.trim());
      const isKnown = policies.every((one) => one === '' || one === 'delete' || one === 'compact');
      return isKnown ? undefined : 'must be delete, compact or both';
    },
    brokerKey: 'log.cleanup.policy',
  },
  'compression.gzip.level': whole('int', -1, 9, '-1'),
  'compression.lz4.level': whole('int', 1, 17, '9'),
  'compression.type': choice('producer', [
    'uncompressed',
    'zstd',
    'lz4',
    'snappy',
    'gzip',
    'producer',
  ]),
  'compression.zstd.level': whole('int', -131_072, 22, '3'),
  'delete.retention.ms': fromBroker('long', 0, 'log.cleaner.delete.retention.ms'),
  'file.delete.delay.ms': whole('long', 0, maxLong(), '60000'),
  'flush.messages': fromBroker('long', 1, 'log.flush.interval.messages'),
  'flush.ms': whole('long', 0, maxLong(), '9223372036854775807'),
  'follower.replication.throttled.replicas': anything('list', ''),
  'index.interval.bytes': whole('int', 0, maxInt(), '4096'),
  'leader.replication.throttled.replicas': anything('list', ''),
  'local.retention.bytes': whole('long', -2, maxLong(), '-2'),
  'local.retention.ms': whole('long', -2, maxLong(), '-2'),
  'max.compaction.lag.ms': whole('long', 1, maxLong(), '9223372036854775807'),
  'max.message.bytes': fromBroker('int', 0, 'message.max.bytes'),
  'message.timestamp.after.max.ms': whole('long', 0, maxLong(), '3600000'),
  'message.timestamp.before.max.ms': whole('long', 0, maxLong(), '9223372036854775807'),
  'message.timestamp.type': {
    ...choice('CreateTime', ['CreateTime', 'LogAppendTime']),
    default: (broker) => broker['log.message.timestamp.type'],
    brokerKey: 'log.message.timestamp.type',
  },
  'min.cleanable.dirty.ratio': {
    type: 'double',
    default: () => '0.5',
    refuse: (value) => {
      const ratio = Number(value);
      return value !== '' && ratio >= 0 && ratio <= 1 ? undefined : 'must lie between 0 and 1';
    },
  },
  'min.compaction.lag.ms': fromBroker('long', 0, 'log.cleaner.min.compaction.lag.ms'),
  'min.insync.replicas': whole('int', 1, maxInt(), '1'),
  preallocate: choice('false', ['true', 'false'], 'boolean'),
  'remote.log.copy.disable': choice('false', ['true', 'false'], 'boolean'),
  'remote.log.delete.on.disable': choice('false', ['true', 'false'], 'boolean'),
  'remote.storage.enable': choice('false', ['true', 'false'], 'boolean'),
  'retention.bytes': fromBroker('long', -1, 'log.retention.bytes'),
  'retention.ms': fromBroker('long', -1, 'log.retention.ms'),
  'segment.bytes': fromBroker('int', 1024, 'log.segment.bytes'),
  'segment.index.bytes': whole('int', 4, maxInt(), '10485760'),
  'segment.jitter.ms': whole('long', 0, maxLong(), '0'),
  'segment.ms': fromBroker('long', 1, 'log.roll.ms'),
  'unclean.leader.election.enable': choice('false', ['true', 'false'], 'boolean'),
};

export type TopicConfigs = ReadonlyMap<string, string>;

/** Why a topic cannot have these configs; undefined when it can. */
export function refuseTopicConfigs(
  configs: Iterable<readonly [string, string | null]>,
): string | undefined {
  for (const [name, value] of configs) {
    const key = topicConfigKeys[name];
    if (key === undefined) return `Unknown topic config name: ${name}`;
    if (value === null) return `Null value not supported for topic configs: ${name}`;
    const refusal = key.refuse(value);
    if (refusal !== undefined)
      return `Invalid value ${value} for configuration ${name}: ${refusal}`;
  }
  return undefined;
}

export function topicConfigValue(
  configs: TopicConfigs,
  name: string,
  broker: BrokerConfig,
): string {
  return configs.get(name) ?? (topicConfigKeys[name] as TopicConfigKey).default(broker);
}

/** Of a key that holds a whole number; "no limit" stays the very large number it is in Kafka. */
export function topicConfigNumber(
  configs: TopicConfigs,
  name: string,
  broker: BrokerConfig,
): number {
  return Number(topicConfigValue(configs, name, broker));
}

function whole(type: 'int' | 'long', min: number, max: number, value: string): TopicConfigKey {
  return {
    type,
    default: () => value,
    refuse: (text) => {
      const number = Number(text);
      const isFine = /^-?\d+$/.test(text.trim()) && number >= min && number <= max;
      return isFine ? undefined : `must be a whole number from ${min} to ${max}`;
    },
  };
}

function fromBroker(
  type: 'int' | 'long',
  min: number,
  brokerKey: keyof BrokerConfig,
): TopicConfigKey {
  const key = whole(type, min, type === 'int' ? maxInt() : maxLong(), '');
  // The largest long is not exact as a number.
  const text = (value: number) => (value >= maxLong() ? '9223372036854775807' : String(value));
  return { ...key, default: (broker) => text(Number(broker[brokerKey])), brokerKey };
}

function choice(
  value: string,
  choices: readonly string[],
  type: TopicConfigType = 'string',
): TopicConfigKey {
  return {
    type,
    default: () => value,
    refuse: (text) => (choices.includes(text) ? undefined : `must be one of ${choices.join(', ')}`),
  };
}

function anything(type: TopicConfigType, value: string): TopicConfigKey {
  return { type, default: () => value, refuse: () => undefined };
}

function maxInt(): number {
  return 2_147_483_647;
}

function maxLong(): number {
  return 2 ** 63;
}
