/**
 * Configuration of a connector's Kafka clients: defaults, then the worker's `producer.*` (`consumer.*`, `admin.*`), then the connector's `producer.override.*`. (no I/O)
 * Producers and consumers take only `bootstrap.servers` from the worker's own keys: security has to be repeated under their prefix.
 * An override that the worker's policy forbids is refused here, too: a stored config may be older than the policy.
 * Source: Kafka Connect `Worker.baseProducerConfigs`, `baseConsumerConfigs`, `adminConfigs`; of its defaults only a producer's `batch.size` differs.
 */
import type { ClientConfig } from '@tributary/kafka';
import { ConnectError } from '@tributary/sdk';
import { overridePolicyOf, refusalOf } from '../config/override-policy.ts';
import type { Config, TaskId } from '../hosts/messages.ts';

export interface ClientConfigFacts extends TaskId {
  readonly workerConfig: Config;
  readonly connectorConfig: Config;
  readonly kafkaClusterId: string;
}

const longMax = '9223372036854775807';

export function sourceProducerConfig(facts: ClientConfigFacts): ClientConfig {
  return producerConfig(facts, `connector-producer-${taskIdOf(facts)}`);
}

export function deadLetterProducerConfig(facts: ClientConfigFacts): ClientConfig {
  return producerConfig(facts, `connector-dlq-producer-${taskIdOf(facts)}`);
}

export function sinkConsumerConfig(facts: ClientConfigFacts): ClientConfig {
  const { workerConfig, connectorConfig, connector } = facts;
  return {
    'group.id': `connect-${connector}`,
    'client.id': `connector-consumer-${taskIdOf(facts)}`,
    ...bootstrap(workerConfig),
    'enable.auto.commit': 'false',
    'auto.offset.reset': 'earliest',
    'key.deserializer': 'org.apache.kafka.common.serialization.ByteArrayDeserializer',
    'value.deserializer': 'org.apache.kafka.common.serialization.ByteArrayDeserializer',
    ...withoutPrefix(workerConfig, 'consumer.'),
    ...metricsContext(facts),
    ...overrides('consumer', connectorConfig, workerConfig),
  };
}

export function sourceAdminConfig(facts: ClientConfigFacts): ClientConfig {
  return adminConfig(facts, `connector-adminclient-${taskIdOf(facts)}`);
}

export function deadLetterAdminConfig(facts: ClientConfigFacts): ClientConfig {
  return adminConfig(facts, `connector-dlq-adminclient-${taskIdOf(facts)}`);
}

/** The worker's own admin client. */
export function workerAdminConfig(workerConfig: Config): ClientConfig {
  const { 'group.id': groupId = 'connect', 'client.id': clientId = '' } = workerConfig;
  const base = clientId === '' ? groupId : `${groupId}-${clientId}`;
  return { ...workersOwn(workerConfig), 'client.id': `${base}-shared-admin` };
}

/** What the worker does to a connector's consumer group on a user's behalf. */
export function connectorAdminConfig(
  connector: string,
  connectorConfig: Readonly<Record<string, string | null>>,
  workerConfig: Config,
): ClientConfig {
  return {
    'client.id': `connector-worker-adminclient-${connector}`,
    ...workersOwn(workerConfig),
    ...withoutPrefix(workerConfig, 'admin.'),
    ...overrides('admin', connectorConfig, workerConfig),
  };
}

function producerConfig(facts: ClientConfigFacts, clientId: string): ClientConfig {
  const { workerConfig, connectorConfig } = facts;
  return {
    ...bootstrap(workerConfig),
    'key.serializer': 'org.apache.kafka.common.serialization.ByteArraySerializer',
    'value.serializer': 'org.apache.kafka.common.serialization.ByteArraySerializer',
    // A source waits as long as it takes: its records must neither get lost nor change their order.
    'max.block.ms': longMax,
    'enable.idempotence': 'false',
    acks: 'all',
    'max.in.flight.requests.per.connection': '1',
    'delivery.timeout.ms': '2147483647',
    // With one request on its way, Kafka's 16 KiB would make a task as slow as its round trips.
    'batch.size': '131072',
    'client.id': clientId,
    ...withoutPrefix(workerConfig, 'producer.'),
    ...metricsContext(facts),
    ...overrides('producer', connectorConfig, workerConfig),
  };
}

/** Unlike the others, admin clients take the worker's own keys, too. */
function adminConfig(facts: ClientConfigFacts, clientId: string): ClientConfig {
  const { workerConfig, connectorConfig } = facts;
  return {
    ...bootstrap(workerConfig),
    'client.id': clientId,
    ...workersOwn(workerConfig),
    ...withoutPrefix(workerConfig, 'admin.'),
    ...overrides('admin', connectorConfig, workerConfig),
    ...metricsContext(facts),
  };
}

function overrides(
  kind: 'producer' | 'consumer' | 'admin',
  connectorConfig: Readonly<Record<string, string | null>>,
  workerConfig: Config,
): Config {
  const found = withoutPrefix(connectorConfig, `${kind}.override.`);
  const policy = overridePolicyOf(workerConfig);
  for (const key of Object.keys(found)) {
    const refusal = refusalOf(policy, key);
    if (refusal !== null) {
      throw new ConnectError(`Client Config Overrides not allowed: ${refusal}`, {
        code: 'TRB_OVERRIDE_REFUSED',
      });
    }
  }
  return found;
}

function workersOwn(workerConfig: Config): Config {
  const own = Object.entries(workerConfig).filter(
    ([key]) => !/^(admin|producer|consumer)\./.test(key),
  );
  return Object.fromEntries(own);
}

function bootstrap(workerConfig: Config): Config {
  const servers = workerConfig['bootstrap.servers'];
  return servers === undefined ? {} : { 'bootstrap.servers': servers };
}

function metricsContext({ workerConfig, kafkaClusterId }: ClientConfigFacts): Config {
  const groupId = workerConfig['group.id'];
  return {
    ...Object.fromEntries(
      Object.entries(workerConfig).filter(([key]) => key.startsWith('metrics.context.')),
    ),
    'metrics.context.connect.kafka.cluster.id': kafkaClusterId,
    ...(groupId === undefined ? {} : { 'metrics.context.connect.group.id': groupId }),
  };
}

/** The keys that begin with `prefix`, without it. */
export function withoutPrefix(
  config: Readonly<Record<string, string | null>>,
  prefix: string,
): Config {
  const found: Config = {};
  for (const [key, value] of Object.entries(config)) {
    if (value !== null && key.startsWith(prefix)) found[key.slice(prefix.length)] = value;
  }
  return found;
}

function taskIdOf({ connector, task }: TaskId): string {
  return `${connector}-${task}`;
}
