/** Config keys of Kafka admin clients, as Java's clients define them. (no I/O) Source: Kafka `AdminClientConfig`. */
import { anyNonDuplicateValues, boolean, defineConfig, int, list, long } from '@tributary/sdk';
import { commonClientKeys } from './common-client-keys.ts';
import { saslKeys } from './sasl-keys.ts';
import { sslKeys } from './ssl-keys.ts';

export const adminClientConfig = defineConfig(
  list('bootstrap.servers', {
    default: '',
    validator: anyNonDuplicateValues(true, false),
    importance: 'HIGH',
    doc: 'Brokers to begin with, as host:port.',
  }),
  list('bootstrap.controllers', {
    default: '',
    validator: anyNonDuplicateValues(true, false),
    importance: 'HIGH',
    doc: 'Controllers to begin with, as host:port, instead of brokers.',
  }),
  ...commonClientKeys(
    'client.id',
    'metadata.max.age.ms',
    'send.buffer.bytes',
    'receive.buffer.bytes',
    'reconnect.backoff.ms',
    'reconnect.backoff.max.ms',
    'retry.backoff.ms',
    'retry.backoff.max.ms',
  ),
  boolean('enable.metrics.push', {
    default: false,
    importance: 'LOW',
    doc: 'Whether client metrics are pushed to a cluster that asks for them; in Java only.',
  }),
  ...commonClientKeys(
    'request.timeout.ms',
    'socket.connection.setup.timeout.ms',
    'socket.connection.setup.timeout.max.ms',
  ),
  long('connections.max.idle.ms', {
    default: 300000,
    doc: 'Connections without traffic are closed after this time, in milliseconds.',
  }),
  int('retries', {
    default: 2147483647,
    min: 0,
    max: 2147483647,
    importance: 'LOW',
    doc: 'How often a failed request is sent again at most; the time limits usually end it before.',
  }),
  ...commonClientKeys(
    'default.api.timeout.ms',
    'metrics.sample.window.ms',
    'metrics.num.samples',
    'metric.reporters',
    'metrics.recording.level',
    'client.dns.lookup',
    'security.providers',
    'security.protocol',
  ),
  ...sslKeys,
  ...saslKeys,
  ...commonClientKeys(
    'metadata.recovery.strategy',
    'metadata.recovery.rebootstrap.trigger.ms',
    'config.providers',
  ),
);
