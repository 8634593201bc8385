import { DevBrokerError } from './errors.ts';
import type { BrokerLogger } from './logger.ts';

/** Broker keys that have an effect here, with Kafka's names, and their defaults: Kafka's but for those that only make a test wait. */
const defaults = {
  'node.id': 1,
  'num.partitions': 1,
  'auto.create.topics.enable': true,
  'socket.request.max.bytes': 104_857_600,
  'message.max.bytes': 1_048_588,
  'log.segment.bytes': 1_073_741_824,
  'log.roll.ms': 604_800_000,
  'log.retention.ms': 604_800_000,
  'log.retention.bytes': -1,
  'log.retention.check.interval.ms': 300_000,
  'log.cleanup.policy': 'delete',
  'log.cleaner.delete.retention.ms': 86_400_000,
  'log.cleaner.min.compaction.lag.ms': 0,
  'log.cleaner.backoff.ms': 15_000,
  'log.message.timestamp.type': 'CreateTime',
  'log.flush.interval.messages': 2 ** 63,
  'fetch.max.bytes': 57_671_680,
  'max.incremental.fetch.session.cache.slots': 1_000,
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 6_000,
  'group.max.session.timeout.ms': 1_800_000,
  'group.max.size': 2_147_483_647,
  'offset.metadata.max.bytes': 4_096,
  'offsets.retention.minutes': 10_080,
  'producer.id.expiration.ms': 86_400_000,
  'transaction.max.timeout.ms': 900_000,
  // In Kafka a feature of the cluster: 2, or 0 for the first protocol.
  'transaction.version': 2,
  'transactional.id.expiration.ms': 604_800_000,
} as const;

type Widen<T> = T extends boolean ? boolean : T extends number ? number : string;

export type BrokerConfig = { readonly [K in keyof typeof defaults]: Widen<(typeof defaults)[K]> };

/** Values may be text, as from a properties file. A value of the wrong kind throws; a key that has no effect here is logged. */
export function resolveBrokerConfig(
  given: Readonly<Record<string, string | number | boolean>>,
  logger: BrokerLogger,
): BrokerConfig {
  const config: Record<string, string | number | boolean> = { ...defaults };
  for (const [key, raw] of Object.entries(withAliases(given))) {
    const fallback = config[key];
    if (fallback === undefined) {
      logger.warn(`The broker key "${key}" has no effect in the dev broker`);
      continue;
    }
    config[key] = parse(key, String(raw).trim(), typeof fallback);
  }
  return config as BrokerConfig;
}

function parse(key: string, text: string, type: string): string | number | boolean {
  if (type === 'string') return text;
  if (type === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw invalid(key, text, 'true or false');
  }
  const number = Number(text);
  if (text === '' || !Number.isInteger(number)) throw invalid(key, text, 'a whole number');
  return number;
}

/** Kafka has several keys for the same time; the finer one wins. */
function withAliases(
  given: Readonly<Record<string, string | number | boolean>>,
): Record<string, string | number | boolean> {
  const config = { ...given };
  const alias = (coarse: string, fine: string, factor: number) => {
    const value = config[coarse];
    delete config[coarse];
    if (value === undefined || config[fine] !== undefined) return;
    config[fine] = Number(value) < 0 ? Number(value) : Number(value) * factor;
  };
  alias('broker.id', 'node.id', 1);
  alias('log.retention.minutes', 'log.retention.ms', 60_000);
  alias('log.retention.hours', 'log.retention.ms', 3_600_000);
  alias('log.roll.hours', 'log.roll.ms', 3_600_000);
  return config;
}

function invalid(key: string, text: string, wanted: string): DevBrokerError {
  return new DevBrokerError(
    'TRB_BROKER_CONFIG',
    `Cannot start the broker: key "${key}" has the value "${text}"; it must be ${wanted}`,
  );
}
