/** Config keys of Kafka consumers, as Java's clients define them. (no I/O) Source: Kafka `ConsumerConfig`. */
import {
  anyNonDuplicateValues,
  boolean,
  ConfigError,
  classRef,
  defineConfig,
  int,
  list,
  nonEmptyString,
  string,
  validator,
} from '@tributary/sdk';
import { commonClientKeys } from './common-client-keys.ts';
import { saslKeys } from './sasl-keys.ts';
import { sslKeys } from './ssl-keys.ts';

const offsetReset = validator(
  '[latest, earliest, none, by_duration:PnDTnHnMn.nS]',
  (name, value) => {
    if (/^(?:latest|earliest|none|by_duration:P.+)$/i.test(String(value))) return;
    throw new ConfigError(
      name,
      value,
      `must be earliest, latest, none or by_duration: with an ISO-8601 duration`,
    );
  },
);
const acquireMode = validator('[batch_optimized, record_limit]', (name, value) => {
  if (/^(?:batch_optimized|record_limit)$/i.test(String(value))) return;
  throw new ConfigError(name, value, 'must be batch_optimized or record_limit');
});

export const consumerConfig = defineConfig(
  ...commonClientKeys('bootstrap.servers', 'client.dns.lookup'),
  string('group.id', { default: null, importance: 'HIGH', doc: 'Consumer group.' }),
  string('group.instance.id', {
    default: null,
    validator: nonEmptyString(),
    doc: 'Name of a member that stays the same over restarts; absent: a member without one.',
  }),
  int('session.timeout.ms', {
    default: 45000,
    importance: 'HIGH',
    doc: 'A member that is silent for longer leaves the group, in milliseconds.',
  }),
  int('heartbeat.interval.ms', {
    default: 3000,
    importance: 'HIGH',
    doc: 'Time between signs of life, in milliseconds.',
  }),
  list('partition.assignment.strategy', {
    default:
      'class org.apache.kafka.clients.consumer.RangeAssignor,class org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
    validator: anyNonDuplicateValues(true, false),
    doc: 'How partitions are shared out among the group, in order of preference.',
  }),
  ...commonClientKeys('metadata.max.age.ms'),
  boolean('enable.auto.commit', {
    default: true,
    doc: 'Whether offsets are committed by time; sinks never do.',
  }),
  int('auto.commit.interval.ms', {
    default: 5000,
    min: 0,
    importance: 'LOW',
    doc: 'Time between such commits, in milliseconds.',
  }),
  string('client.id', {
    default: '',
    importance: 'LOW',
    doc: 'Name of the client in quotas, metrics and logs of brokers.',
  }),
  string('client.rack', {
    default: '',
    importance: 'LOW',
    doc: 'Rack of the client, so that a replica near it may serve.',
  }),
  int('max.partition.fetch.bytes', {
    default: 1048576,
    min: 0,
    importance: 'HIGH',
    doc: 'Bytes that one fetch takes from one partition at most; a first batch that is larger comes whole.',
  }),
  ...commonClientKeys('send.buffer.bytes', 'receive.buffer.bytes'),
  int('fetch.min.bytes', {
    default: 1,
    min: 0,
    importance: 'HIGH',
    doc: 'Bytes that a broker waits for before it answers a fetch.',
  }),
  int('fetch.max.bytes', {
    default: 52428800,
    min: 0,
    doc: 'Bytes that the answer to one fetch holds at most; a first batch that is larger comes whole.',
  }),
  int('fetch.max.wait.ms', {
    default: 500,
    min: 0,
    importance: 'LOW',
    doc: 'How long a broker waits for fetch.min.bytes, in milliseconds.',
  }),
  ...commonClientKeys(
    'reconnect.backoff.ms',
    'reconnect.backoff.max.ms',
    'retry.backoff.ms',
    'retry.backoff.max.ms',
    'enable.metrics.push',
  ),
  string('auto.offset.reset', {
    default: 'latest',
    validator: offsetReset,
    doc: 'Where reading begins when there is no committed offset, or it is out of range.',
  }),
  boolean('check.crcs', {
    default: true,
    importance: 'LOW',
    doc: 'Whether checksums of fetched records are verified.',
  }),
  ...commonClientKeys(
    'metrics.sample.window.ms',
    'metrics.num.samples',
    'metrics.recording.level',
    'metric.reporters',
  ),
  classRef('key.deserializer', {
    importance: 'HIGH',
    doc: 'Deserializer of keys in Java; Connect sets it.',
  }),
  classRef('value.deserializer', {
    importance: 'HIGH',
    doc: 'Deserializer of values in Java; Connect sets it.',
  }),
  ...commonClientKeys(
    'request.timeout.ms',
    'default.api.timeout.ms',
    'socket.connection.setup.timeout.ms',
    'socket.connection.setup.timeout.max.ms',
    'connections.max.idle.ms',
    'interceptor.classes',
  ),
  int('max.poll.records', {
    default: 500,
    min: 1,
    doc: 'Records that one poll hands out at most.',
  }),
  int('max.poll.interval.ms', {
    default: 300000,
    min: 1,
    doc: 'A member that does not poll for longer leaves the group, in milliseconds.',
  }),
  boolean('exclude.internal.topics', {
    default: true,
    doc: 'Whether a pattern of topics leaves internal topics out.',
  }),
  boolean('internal.throw.on.fetch.stable.offset.unsupported', {
    default: false,
    importance: 'LOW',
    group: '',
    isInternal: true,
    doc: 'Whether old brokers that cannot wait for transactions are an error.',
  }),
  string('isolation.level', {
    default: 'read_uncommitted',
    oneOf: ['read_committed', 'read_uncommitted'],
    doc: 'Whether records of transactions are read before they are committed.',
  }),
  boolean('allow.auto.create.topics', {
    default: true,
    doc: 'Whether asking for a missing topic may create it.',
  }),
  string('group.protocol', {
    default: 'classic',
    oneOf: ['CONSUMER', 'CLASSIC'],
    isCaseIgnored: true,
    importance: 'HIGH',
    doc: 'Group protocol: "classic" or the newer "consumer"; Connect uses the classic one.',
  }),
  string('group.remote.assignor', {
    default: null,
    doc: 'Assignor of the broker for the newer group protocol in Java; refused here.',
  }),
  ...commonClientKeys('security.providers', 'security.protocol'),
  ...sslKeys,
  ...saslKeys,
  ...commonClientKeys('metadata.recovery.strategy', 'metadata.recovery.rebootstrap.trigger.ms'),
  string('share.acknowledgement.mode', {
    default: 'implicit',
    oneOf: ['implicit', 'explicit'],
    doc: 'How share consumers acknowledge; Connect has none.',
  }),
  string('share.acquire.mode', {
    default: 'BATCH_OPTIMIZED',
    validator: acquireMode,
    doc: 'How share consumers acquire records; Connect has none.',
  }),
  ...commonClientKeys('config.providers'),
);
