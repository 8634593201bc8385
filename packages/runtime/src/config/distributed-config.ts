/** Config keys of a worker in distributed mode, beyond those of every worker. (no I/O) Source: Kafka Connect `DistributedConfig`. */
import {
  ConfigError,
  defineConfig,
  int,
  list,
  long,
  short,
  string,
  type Validator,
  validator,
} from '@tributary/sdk';
import { commonClientKeys } from './common-client-keys.ts';
import { saslKeys } from './sasl-keys.ts';
import { replicationFactor, topicPartitions } from './topic-counts.ts';
import { workerKeys } from './worker-config.ts';

const supportedAlgorithms = [
  'HmacMD5',
  'HmacSHA1',
  'HmacSHA224',
  'HmacSHA256',
  'HmacSHA384',
  'HmacSHA512',
];

const storageTopic = (name: string, what: string) =>
  string(name, {
    importance: 'HIGH',
    doc: `Topic for ${what}; the same for all workers of the group.`,
  });

const partitions = (name: string, defaultCount: number) =>
  int(name, {
    default: defaultCount,
    validator: topicPartitions(),
    importance: 'LOW',
    doc: 'Partitions of that topic when it has to be created.',
  });

const factor = (name: string) =>
  short(name, {
    default: 3,
    validator: replicationFactor(),
    importance: 'LOW',
    doc: 'Replication factor of that topic when it has to be created.',
  });

export const distributedConfig = defineConfig(
  ...workerKeys,
  string('group.id', {
    importance: 'HIGH',
    doc: 'Group of workers that share the work; no consumer group may have the same name.',
  }),
  int('session.timeout.ms', {
    default: 10000,
    importance: 'HIGH',
    doc: 'A worker that is silent for longer leaves the group, in milliseconds.',
  }),
  int('rebalance.timeout.ms', {
    default: 60000,
    importance: 'HIGH',
    doc: 'How long workers may take to join once a rebalance has begun, in milliseconds.',
  }),
  int('heartbeat.interval.ms', {
    default: 3000,
    importance: 'HIGH',
    doc: 'Time between signs of life, in milliseconds.',
  }),
  string('exactly.once.source.support', {
    default: 'disabled',
    oneOf: ['disabled', 'preparing', 'enabled'],
    isCaseIgnored: true,
    importance: 'HIGH',
    doc: 'Whether sources may deliver exactly once; all workers pass through "preparing" before "enabled".',
  }),
  ...commonClientKeys('metadata.max.age.ms'),
  string('client.id', {
    default: '',
    importance: 'LOW',
    doc: 'Name of the worker in quotas, metrics and logs of brokers.',
  }),
  ...commonClientKeys('send.buffer.bytes'),
  int('receive.buffer.bytes', {
    default: 32768,
    min: -1,
    doc: 'Size of the socket buffer for receiving in Java; here the system decides.',
  }),
  ...commonClientKeys('reconnect.backoff.ms', 'reconnect.backoff.max.ms'),
  long('socket.connection.setup.timeout.ms', {
    default: 10000,
    min: 0,
    importance: 'LOW',
    doc: 'How long a connection may take to be made, in milliseconds.',
  }),
  long('socket.connection.setup.timeout.max.ms', {
    default: 30000,
    min: 0,
    importance: 'LOW',
    doc: 'Longest such time after repeated failures in Java, in milliseconds; here it does not grow.',
  }),
  ...commonClientKeys('retry.backoff.ms', 'retry.backoff.max.ms'),
  int('request.timeout.ms', {
    default: 40000,
    min: 0,
    doc: 'How long the answer to a request is waited for, in milliseconds.',
  }),
  long('connections.max.idle.ms', {
    default: 540000,
    doc: 'Connections without traffic are closed after this time, in milliseconds.',
  }),
  ...commonClientKeys('security.protocol'),
  ...saslKeys,
  int('worker.sync.timeout.ms', {
    default: 3000,
    doc: 'How long a worker that lags behind the config topic tries to catch up before it leaves the group, in milliseconds.',
  }),
  int('worker.unsync.backoff.ms', {
    default: 300000,
    doc: 'How long it then stays out, in milliseconds.',
  }),
  storageTopic('offset.storage.topic', 'offsets of sources'),
  partitions('offset.storage.partitions', 25),
  factor('offset.storage.replication.factor'),
  storageTopic('config.storage.topic', 'configs of connectors; it has one partition'),
  factor('config.storage.replication.factor'),
  storageTopic('status.storage.topic', 'states of connectors and tasks'),
  partitions('status.storage.partitions', 5),
  factor('status.storage.replication.factor'),
  string('connect.protocol', {
    default: 'sessioned',
    oneOf: ['eager', 'compatible', 'sessioned'],
    importance: 'LOW',
    doc: 'Protocol of the group: whether rebalances are incremental, and requests between workers signed.',
  }),
  int('scheduled.rebalance.max.delay.ms', {
    default: 300000,
    min: 0,
    max: 2147483647,
    importance: 'LOW',
    doc: 'How long the work of a worker that left waits for its return, in milliseconds.',
  }),
  int('inter.worker.key.ttl.ms', {
    default: 3600000,
    min: 0,
    max: 2147483647,
    importance: 'LOW',
    doc: 'After this time the key that signs requests between workers is replaced, in milliseconds; 0 never.',
  }),
  string('inter.worker.key.generation.algorithm', {
    default: 'HmacSHA256',
    validator: algorithm('Any KeyGenerator algorithm supported by the worker JVM'),
    importance: 'LOW',
    doc: 'Algorithm for such keys.',
  }),
  int('inter.worker.key.size', {
    default: null,
    importance: 'LOW',
    doc: 'Size of such keys in bits; absent: what the algorithm takes.',
  }),
  string('inter.worker.signature.algorithm', {
    default: 'HmacSHA256',
    validator: algorithm('Any MAC algorithm supported by the worker JVM'),
    importance: 'LOW',
    doc: 'Algorithm that signs requests between workers.',
  }),
  list('inter.worker.verification.algorithms', {
    default: 'HmacSHA256',
    validator: algorithms('A list of one or more MAC algorithms, each supported by the worker JVM'),
    importance: 'LOW',
    doc: 'Algorithms that are accepted from other workers.',
  }),
  ...commonClientKeys('metadata.recovery.strategy', 'metadata.recovery.rebootstrap.trigger.ms'),
);

function algorithm(description: string): Validator {
  return validator(description, (name, value) => {
    if (supportedAlgorithms.includes(value as string)) return;
    throw new ConfigError(
      name,
      value,
      `the algorithm is not supported; the supported algorithms are: [${supportedAlgorithms.join(', ')}]`,
    );
  });
}

function algorithms(description: string): Validator {
  const each = algorithm(description);
  return validator(description, (name, value) => {
    const items = value as readonly string[] | null;
    if (items === null || items.length === 0) {
      throw new ConfigError(
        name,
        value,
        'At least one signature verification algorithm must be provided',
      );
    }
    for (const item of items) each.check(name, item);
  });
}
