/** Keys that several Kafka clients define alike. (no I/O) Source: Kafka `CommonClientConfigs`. */
import {
  anyNonDuplicateValues,
  boolean,
  type ConfigKey,
  int,
  list,
  long,
  string,
} from '@tributary/sdk';

const common = {
  'bootstrap.servers': list('bootstrap.servers', {
    validator: anyNonDuplicateValues(false, false),
    importance: 'HIGH',
    doc: 'Brokers to begin with, as host:port.',
  }),
  'client.dns.lookup': string('client.dns.lookup', {
    default: 'use_all_dns_ips',
    oneOf: ['use_all_dns_ips', 'resolve_canonical_bootstrap_servers_only'],
    doc: 'How names of brokers are looked up.',
  }),
  'client.id': string('client.id', {
    default: '',
    doc: 'Name of the client in quotas, metrics and logs of brokers.',
  }),
  'send.buffer.bytes': int('send.buffer.bytes', {
    default: 131072,
    min: -1,
    doc: 'Size of the socket buffer for sending in Java; here the system decides.',
  }),
  'reconnect.backoff.ms': long('reconnect.backoff.ms', {
    default: 50,
    min: 0,
    importance: 'LOW',
    doc: 'Pause before a broker is connected to again, in milliseconds.',
  }),
  'reconnect.backoff.max.ms': long('reconnect.backoff.max.ms', {
    default: 1000,
    min: 0,
    importance: 'LOW',
    doc: 'Longest such pause after repeated failures, in milliseconds.',
  }),
  'retry.backoff.ms': long('retry.backoff.ms', {
    default: 100,
    min: 0,
    importance: 'LOW',
    doc: 'Pause before a failed request is sent again, in milliseconds.',
  }),
  'retry.backoff.max.ms': long('retry.backoff.max.ms', {
    default: 1000,
    min: 0,
    importance: 'LOW',
    doc: 'Longest such pause after repeated failures, in milliseconds.',
  }),
  'enable.metrics.push': boolean('enable.metrics.push', {
    default: true,
    importance: 'LOW',
    doc: 'Whether client metrics are pushed to a cluster that asks for them; in Java only.',
  }),
  'request.timeout.ms': int('request.timeout.ms', {
    default: 30000,
    min: 0,
    doc: 'How long the answer to a request is waited for, in milliseconds.',
  }),
  'metadata.max.age.ms': long('metadata.max.age.ms', {
    default: 300000,
    min: 0,
    importance: 'LOW',
    doc: 'After this time metadata is fetched again even when nothing seems to have changed, in milliseconds.',
  }),
  'metrics.sample.window.ms': long('metrics.sample.window.ms', {
    default: 30000,
    min: 0,
    importance: 'LOW',
    doc: 'Length of a window of measurements, in milliseconds.',
  }),
  'metrics.num.samples': int('metrics.num.samples', {
    default: 2,
    min: 1,
    importance: 'LOW',
    doc: 'How many windows a rate is computed over.',
  }),
  'metrics.recording.level': string('metrics.recording.level', {
    default: 'INFO',
    oneOf: ['INFO', 'DEBUG', 'TRACE'],
    importance: 'LOW',
    doc: 'How much is measured.',
  }),
  'metric.reporters': list('metric.reporters', {
    default: 'org.apache.kafka.common.metrics.JmxReporter',
    validator: anyNonDuplicateValues(true, false),
    importance: 'LOW',
    doc: 'Reporter classes in Java.',
  }),
  'socket.connection.setup.timeout.ms': long('socket.connection.setup.timeout.ms', {
    default: 10000,
    doc: 'How long a connection may take to be made, in milliseconds.',
  }),
  'socket.connection.setup.timeout.max.ms': long('socket.connection.setup.timeout.max.ms', {
    default: 30000,
    doc: 'Longest such time after repeated failures in Java, in milliseconds; here it does not grow.',
  }),
  'connections.max.idle.ms': long('connections.max.idle.ms', {
    default: 540000,
    doc: 'Connections without traffic are closed after this time, in milliseconds.',
  }),
  'interceptor.classes': list('interceptor.classes', {
    default: '',
    validator: anyNonDuplicateValues(true, false),
    importance: 'LOW',
    doc: 'Interceptor classes in Java; refused here.',
  }),
  'security.protocol': string('security.protocol', {
    default: 'PLAINTEXT',
    oneOf: ['SASL_SSL', 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT'],
    isCaseIgnored: true,
    doc: 'How brokers are talked to: in plain text or over TLS, with SASL or without.',
  }),
  'security.providers': string('security.providers', {
    default: null,
    importance: 'LOW',
    doc: 'Classes in Java that supply security providers.',
  }),
  'metadata.recovery.strategy': string('metadata.recovery.strategy', {
    default: 'rebootstrap',
    oneOf: ['REBOOTSTRAP', 'NONE'],
    isCaseIgnored: true,
    importance: 'LOW',
    doc: 'What is done when no known broker can be reached: begin anew with bootstrap.servers, or (in Java only) fail.',
  }),
  'metadata.recovery.rebootstrap.trigger.ms': long('metadata.recovery.rebootstrap.trigger.ms', {
    default: 300000,
    min: 0,
    importance: 'LOW',
    doc: 'Time without metadata after which bootstrap.servers are asked again, in milliseconds.',
  }),
  'config.providers': list('config.providers', {
    default: '',
    validator: anyNonDuplicateValues(true, false),
    importance: 'LOW',
    doc: 'Names of config providers, each with config.providers.NAME.class; for whole processes, single clients refuse them.',
  }),
  'receive.buffer.bytes': int('receive.buffer.bytes', {
    default: 65536,
    min: -1,
    doc: 'Size of the socket buffer for receiving in Java; here the system decides.',
  }),
  'default.api.timeout.ms': int('default.api.timeout.ms', {
    default: 60000,
    min: 0,
    doc: 'How long a whole call may take, in milliseconds.',
  }),
};

/** In the order of the names, which differs from client to client. */
export function commonClientKeys(...names: (keyof typeof common)[]): ConfigKey[] {
  return names.map((name) => common[name]);
}
