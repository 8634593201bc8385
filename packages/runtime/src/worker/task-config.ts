/** The framework's keys that a running task needs, typed. (no I/O) */
import {
  boolean,
  ConfigError,
  type ConfigKey,
  type ConfigOf,
  compileJavaPattern,
  defineConfig,
  int,
  long,
  parseConfig,
  short,
  string,
} from '@tributary/sdk';
import { replicationFactor, topicPartitions } from '../config/topic-counts.ts';
import type { Config } from '../hosts/messages.ts';
import type { TopicGroup } from '../source/types.ts';
import type { TolerancePolicy } from '../stages/types.ts';
import { withoutPrefix } from './client-configs.ts';
import { aliasesIn } from './task-plugins.ts';

const connectorDef = defineConfig(
  int('tasks.max', { default: 1, min: 1, doc: '' }),
  boolean('tasks.max.enforce', { default: true, doc: '' }),
  long('errors.retry.timeout', { default: 0, doc: '' }),
  long('errors.retry.delay.max.ms', { default: 60000, doc: '' }),
  string('errors.tolerance', { default: 'none', oneOf: ['none', 'all'], doc: '' }),
  boolean('errors.log.enable', { default: false, doc: '' }),
  boolean('errors.log.include.messages', { default: false, doc: '' }),
  string('errors.deadletterqueue.topic.name', { default: '', doc: '' }),
  short('errors.deadletterqueue.topic.replication.factor', { default: 3, doc: '' }),
  boolean('errors.deadletterqueue.context.headers.enable', { default: false, doc: '' }),
);

const workerDef = defineConfig(
  long('offset.flush.interval.ms', { default: 60000, doc: '' }),
  long('offset.flush.timeout.ms', { default: 5000, doc: '' }),
  boolean('topic.creation.enable', { default: true, doc: '' }),
);

export function parseTaskConfig(connectorConfig: Config): ConfigOf<typeof connectorDef> {
  return parseConfig(connectorDef, connectorConfig);
}

export function parseWorkerKeys(workerConfig: Config): ConfigOf<typeof workerDef> {
  return parseConfig(workerDef, workerConfig);
}

export function tolerancePolicyOf(config: ReturnType<typeof parseTaskConfig>): TolerancePolicy {
  return {
    toleratesAll: config['errors.tolerance'] === 'all',
    retryTimeoutMs: config['errors.retry.timeout'],
    retryMaxDelayMs: config['errors.retry.delay.max.ms'],
  };
}

/** Null when there are not too many tasks; the text is Java's. */
export function tooManyTasks(connector: string, count: number, maxTasks: number): string | null {
  if (count <= maxTasks) return null;
  return (
    `The connector ${connector} has generated ${count} tasks, which is greater than ${maxTasks}, ` +
    'the maximum number of tasks it is configured to create. ' +
    'This behaviour should be considered a bug and is disallowed. ' +
    "If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false; " +
    'however, this option will be removed in a future release of Kafka Connect.'
  );
}

/** Topics to subscribe to: names, or a pattern that has to match the whole name. */
export function subscriptionOf(connectorConfig: Config): readonly string[] | RegExp {
  const topics = aliasesIn(connectorConfig['topics']);
  const pattern = connectorConfig['topics.regex']?.trim() ?? '';
  if (topics.length > 0 && pattern !== '') {
    throw new ConfigError(
      'topics and topics.regex are mutually exclusive options, but both are set.',
    );
  }
  if (topics.length > 0) return topics;
  if (pattern === '') throw new ConfigError('Must configure one of topics or topics.regex');
  return wholeName([pattern]);
}

/** Groups of `topic.creation.*`, the default group last; null when the connector has no such key (KIP-158). */
export function topicGroupsOf(connectorConfig: Config): TopicGroup[] | null {
  const all = withoutPrefix(connectorConfig, 'topic.creation.');
  if (Object.keys(all).length === 0) return null;
  const defaults = withoutPrefix(all, 'default.');
  const listed = aliasesIn(all['groups']).filter((name) => name !== 'default');
  return [
    ...listed.map((name) =>
      topicGroup(name, { ...onlyCounts(defaults), ...withoutPrefix(all, `${name}.`) }),
    ),
    { ...topicGroup('default', defaults), matches: () => true },
  ];
}

const groupKeys = ['include', 'exclude', 'replication.factor', 'partitions'];

function topicGroup(name: string, config: Config): TopicGroup {
  const include = aliasesIn(config['include']);
  const exclude = aliasesIn(config['exclude']);
  const included = include.length === 0 ? null : wholeName(include);
  const excluded = exclude.length === 0 ? null : wholeName(exclude);
  const configs = Object.entries(config).filter(([key]) => !groupKeys.includes(key));
  return {
    name,
    replicationFactor: parseCount(
      short(`topic.creation.${name}.replication.factor`, {
        validator: replicationFactor(),
        doc: '',
      }),
      config['replication.factor'],
    ),
    partitions: parseCount(
      int(`topic.creation.${name}.partitions`, { validator: topicPartitions(), doc: '' }),
      config['partitions'],
    ),
    configs: Object.fromEntries(configs),
    matches: (topic) => included?.test(topic) === true && excluded?.test(topic) !== true,
  };
}

function onlyCounts(config: Config): Config {
  const counts = Object.entries(config).filter(
    ([key]) => key === 'replication.factor' || key === 'partitions',
  );
  return Object.fromEntries(counts);
}

function parseCount(key: ConfigKey<string, number>, raw: string | undefined): number {
  const def = defineConfig(key);
  return parseConfig(def, { [key.name]: raw })[key.name] as number;
}

/** Java's expressions; JavaPatternError for one that is none. */
function wholeName(patterns: readonly string[]): RegExp {
  return compileJavaPattern(patterns.join('|')).whole;
}
