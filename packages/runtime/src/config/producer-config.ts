/** Config keys of Kafka producers, as Java's clients define them. (no I/O) Source: Kafka `ProducerConfig`. */
import {
  boolean,
  ConfigError,
  classRef,
  defineConfig,
  int,
  long,
  nonEmptyString,
  string,
  validator,
} from '@tributary/sdk';
import { commonClientKeys } from './common-client-keys.ts';
import { saslKeys } from './sasl-keys.ts';
import { sslKeys } from './ssl-keys.ts';

const gzipLevel = validator('[1,...,9] or -1', (name, value) => {
  const level = value as number;
  if (level !== -1 && (level < 1 || level > 9)) {
    throw new ConfigError(name, value, `Value must be between 1 and 9 or equal to -1`);
  }
});

export const producerConfig = defineConfig(
  ...commonClientKeys('bootstrap.servers', 'client.dns.lookup'),
  long('buffer.memory', {
    default: 33554432,
    min: 0,
    importance: 'HIGH',
    doc: 'Bytes of records that may wait to be sent; sending blocks beyond it.',
  }),
  int('retries', {
    default: 2147483647,
    min: 0,
    max: 2147483647,
    importance: 'HIGH',
    doc: 'How often a failed request is sent again at most; the time limits usually end it before.',
  }),
  string('acks', {
    default: 'all',
    oneOf: ['all', '-1', '0', '1'],
    importance: 'LOW',
    doc: 'Which replicas have to confirm a record: "0" none, "1" the leader, "all" or "-1" those in sync.',
  }),
  string('compression.type', {
    default: 'none',
    oneOf: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    importance: 'HIGH',
    doc: 'How record batches are compressed.',
  }),
  int('compression.gzip.level', {
    default: -1,
    validator: gzipLevel,
    doc: 'Compression level for gzip in Java, -1 for its default; here the default is used.',
  }),
  int('compression.lz4.level', {
    default: 9,
    min: 1,
    max: 17,
    doc: 'Compression level for lz4 in Java; here the default is used.',
  }),
  int('compression.zstd.level', {
    default: 3,
    min: -131072,
    max: 22,
    doc: 'Compression level for zstd in Java; here the default is used.',
  }),
  int('batch.size', {
    default: 16384,
    min: 0,
    doc: 'Bytes of a batch of records for one partition; a larger record makes a batch of its own, 0 turns batching off.',
  }),
  boolean('partitioner.adaptive.partitioning.enable', {
    default: true,
    importance: 'LOW',
    doc: 'Whether records without a key prefer the partitions of faster brokers; in Java only.',
  }),
  long('partitioner.availability.timeout.ms', {
    default: 0,
    min: 0,
    importance: 'LOW',
    doc: 'A partition that has not taken a batch for this long gets no record without key, in milliseconds; 0 never. In Java only.',
  }),
  boolean('partitioner.ignore.keys', {
    default: false,
    doc: 'Whether keys play no part in choosing the partition.',
  }),
  long('linger.ms', {
    default: 5,
    min: 0,
    doc: 'How long a batch waits for more records, in milliseconds.',
  }),
  int('delivery.timeout.ms', {
    default: 120000,
    min: 0,
    doc: 'Time from sending a record to its success or failure, in milliseconds; retries end there.',
  }),
  ...commonClientKeys('client.id', 'send.buffer.bytes'),
  int('receive.buffer.bytes', {
    default: 32768,
    min: -1,
    doc: 'Size of the socket buffer for receiving in Java; here the system decides.',
  }),
  int('max.request.size', {
    default: 1048576,
    min: 0,
    doc: 'Largest request in bytes, and so the largest record.',
  }),
  ...commonClientKeys(
    'reconnect.backoff.ms',
    'reconnect.backoff.max.ms',
    'retry.backoff.ms',
    'retry.backoff.max.ms',
    'enable.metrics.push',
  ),
  long('max.block.ms', {
    default: 60000,
    min: 0,
    doc: 'How long a send may wait for metadata or buffer memory, in milliseconds.',
  }),
  ...commonClientKeys('request.timeout.ms', 'metadata.max.age.ms'),
  long('metadata.max.idle.ms', {
    default: 300000,
    min: 5000,
    importance: 'LOW',
    doc: 'How long a producer in Java keeps metadata of a topic that it does not use, in milliseconds.',
  }),
  ...commonClientKeys(
    'metrics.sample.window.ms',
    'metrics.num.samples',
    'metrics.recording.level',
    'metric.reporters',
  ),
  int('max.in.flight.requests.per.connection', {
    default: 5,
    min: 1,
    importance: 'LOW',
    doc: 'Requests on one connection that wait for their answer at most.',
  }),
  classRef('key.serializer', {
    importance: 'HIGH',
    doc: 'Serializer of keys in Java; Connect sets it.',
  }),
  classRef('value.serializer', {
    importance: 'HIGH',
    doc: 'Serializer of values in Java; Connect sets it.',
  }),
  ...commonClientKeys(
    'socket.connection.setup.timeout.ms',
    'socket.connection.setup.timeout.max.ms',
    'connections.max.idle.ms',
  ),
  classRef('partitioner.class', {
    default: null,
    doc: 'Class in Java that chooses the partition; refused here.',
  }),
  ...commonClientKeys('interceptor.classes', 'security.protocol', 'security.providers'),
  ...sslKeys,
  ...saslKeys,
  boolean('enable.idempotence', {
    default: true,
    importance: 'LOW',
    doc: 'Whether brokers drop what a retry sends twice.',
  }),
  int('transaction.timeout.ms', {
    default: 60000,
    importance: 'LOW',
    doc: 'A transaction that is open for longer is aborted, in milliseconds.',
  }),
  string('transactional.id', {
    default: null,
    validator: nonEmptyString(),
    importance: 'LOW',
    doc: 'Name under which transactions survive a restart; absent: no transactions.',
  }),
  boolean('transaction.two.phase.commit.enable', {
    default: false,
    importance: 'LOW',
    doc: 'Whether an outer coordinator decides on transactions.',
  }),
  ...commonClientKeys(
    'metadata.recovery.strategy',
    'metadata.recovery.rebootstrap.trigger.ms',
    'config.providers',
  ),
);
