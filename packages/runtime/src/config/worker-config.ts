/** Config keys of a worker, both modes. (no I/O) Source: Kafka Connect `WorkerConfig`, `RestServerConfig`. */
import {
  anyNonDuplicateValues,
  boolean,
  ConfigError,
  classRef,
  defineConfig,
  int,
  list,
  long,
  string,
  validator,
} from '@tributary/sdk';
import { sslKeys } from './ssl-keys.ts';

/** What REST makes of the rules is checked there, before anything else starts. */
const headerRules = validator(
  "Comma-separated header rules, where each header rule is of the form '[action] [header name]:[header value]' and optionally surrounded by double quotes if any part of a header rule contains a comma",
  () => {},
);

export const workerKeys = [
  list('bootstrap.servers', {
    validator: anyNonDuplicateValues(false, false),
    importance: 'HIGH',
    doc: 'Brokers to begin with, as host:port.',
  }),
  string('client.dns.lookup', {
    default: 'use_all_dns_ips',
    oneOf: ['use_all_dns_ips', 'resolve_canonical_bootstrap_servers_only'],
    doc: 'How names of brokers are looked up.',
  }),
  classRef('key.converter', { importance: 'HIGH', doc: 'Converter for record keys.' }),
  string('key.converter.plugin.version', {
    default: null,
    importance: 'LOW',
    doc: 'Version of the key converter.',
  }),
  classRef('value.converter', { importance: 'HIGH', doc: 'Converter for record values.' }),
  string('value.converter.plugin.version', {
    default: null,
    importance: 'LOW',
    doc: 'Version of the value converter.',
  }),
  long('task.shutdown.graceful.timeout.ms', {
    default: 5000,
    importance: 'LOW',
    doc: 'How long tasks that stop together may take, in milliseconds.',
  }),
  long('offset.flush.interval.ms', {
    default: 60000,
    importance: 'LOW',
    doc: 'Time between offset commits of a task, in milliseconds.',
  }),
  long('offset.flush.timeout.ms', {
    default: 5000,
    importance: 'LOW',
    doc: 'How long one such commit may take, in milliseconds.',
  }),
  list('plugin.path', {
    default: null,
    validator: anyNonDuplicateValues(false, true),
    importance: 'LOW',
    doc: 'Folders of plugin packages.',
  }),
  string('plugin.discovery', {
    default: 'hybrid_warn',
    oneOf: ['ONLY_SCAN', 'SERVICE_LOAD', 'HYBRID_WARN', 'HYBRID_FAIL'],
    isCaseIgnored: true,
    importance: 'LOW',
    doc: 'How plugins are found in Java; here always by the manifests of their packages.',
  }),
  long('metrics.sample.window.ms', {
    default: 30000,
    min: 0,
    importance: 'LOW',
    doc: 'Length of a window of measurements, in milliseconds.',
  }),
  int('metrics.num.samples', {
    default: 2,
    min: 1,
    importance: 'LOW',
    doc: 'How many windows a rate is computed over.',
  }),
  string('metrics.recording.level', {
    default: 'INFO',
    oneOf: ['INFO', 'DEBUG'],
    importance: 'LOW',
    doc: 'How much is measured.',
  }),
  list('metric.reporters', {
    default: 'org.apache.kafka.common.metrics.JmxReporter',
    validator: anyNonDuplicateValues(true, false),
    importance: 'LOW',
    doc: 'Reporter classes in Java; here metrics are read over HTTP.',
  }),
  classRef('header.converter', {
    default: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    importance: 'LOW',
    doc: 'Converter for record headers.',
  }),
  string('header.converter.plugin.version', {
    default: null,
    importance: 'LOW',
    doc: 'Version of the header converter.',
  }),
  list('config.providers', {
    default: '',
    validator: anyNonDuplicateValues(true, false),
    importance: 'LOW',
    doc: 'Names of config providers, each with config.providers.NAME.class.',
  }),
  string('connector.client.config.override.policy', {
    default: 'All',
    doc: 'Which client keys connectors may override: All, None, Principal or Allowlist.',
  }),
  boolean('topic.creation.enable', {
    default: true,
    importance: 'LOW',
    doc: 'Whether sources may create topics by topic.creation.* keys.',
  }),
  ...sslKeys,
  boolean('topic.tracking.enable', {
    default: true,
    importance: 'LOW',
    doc: 'Whether the topics a connector uses are recorded.',
  }),
  boolean('topic.tracking.allow.reset', {
    default: true,
    importance: 'LOW',
    doc: 'Whether that record may be reset.',
  }),
  list('listeners', {
    default: 'http://:8083',
    validator: areListeners(),
    importance: 'LOW',
    doc: 'Addresses of the REST API, as URLs; an empty host is every interface.',
  }),
  string('rest.advertised.host.name', {
    default: null,
    importance: 'LOW',
    doc: 'Host under which other workers reach this one.',
  }),
  int('rest.advertised.port', {
    default: null,
    importance: 'LOW',
    doc: 'Port under which other workers reach this one.',
  }),
  string('rest.advertised.listener', {
    default: null,
    importance: 'LOW',
    doc: 'Protocol that other workers use: http or https.',
  }),
  string('access.control.allow.origin', {
    default: '',
    importance: 'LOW',
    doc: 'Origins that browsers may call from, as regular expressions.',
  }),
  string('access.control.allow.methods', {
    default: '',
    importance: 'LOW',
    doc: 'Methods that browsers may use from other origins.',
  }),
  string('response.http.headers.config', {
    default: '',
    validator: headerRules,
    importance: 'LOW',
    doc: 'Rules for additional response headers.',
  }),
  string('ssl.client.auth', {
    default: 'none',
    oneOf: ['required', 'requested', 'none'],
    importance: 'LOW',
    doc: 'Whether REST clients need a certificate.',
  }),
  list('rest.extension.classes', {
    default: '',
    validator: anyNonDuplicateValues(true, false),
    importance: 'LOW',
    doc: 'REST extensions; the one for basic authentication is built in, others are refused.',
  }),
  list('admin.listeners', {
    default: null,
    validator: anyNonDuplicateValues(true, true),
    importance: 'LOW',
    doc: 'Addresses of the admin endpoints; absent: those of listeners; empty: nowhere.',
  }),
] as const;

/** Standalone mode. */
export const standaloneConfig = defineConfig(
  ...workerKeys,
  string('offset.storage.file.filename', {
    importance: 'HIGH',
    doc: 'File for the offsets of sources.',
  }),
);

function areListeners(): ReturnType<typeof validator> {
  const description =
    'List of comma-separated URLs, ex: http://localhost:8080,https://localhost:8443.';
  return validator(description, (_name, value) => {
    if (value === null) {
      throw new ConfigError(
        'Invalid value type for listeners (expected list of URLs , ex: http://localhost:8080,https://localhost:8443).',
      );
    }
    const listeners = value as readonly string[];
    if (listeners.length === 0) {
      throw new ConfigError(
        'Invalid value for listeners, at least one URL is expected, ex: http://localhost:8080,https://localhost:8443.',
      );
    }
    for (const listener of listeners) {
      if (listener.trim() === '') {
        throw new ConfigError('Empty URL found when parsing listeners list.');
      }
    }
  });
}
