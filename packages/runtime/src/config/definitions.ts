/** Every definition of this package under the name of the Java class that has the same keys; for tools that compare or describe them. (no I/O) */
import { type ConfigDef, defineConfig } from '@tributary/sdk';
import { PluginRegistry } from '../plugins/plugin-registry.ts';
import { adminClientConfig } from './admin-client-config.ts';
import { connectorKeys, withKeys } from './connector-config.ts';
import { consumerConfig } from './consumer-config.ts';
import { distributedConfig } from './distributed-config.ts';
import { mirrorCheckpointKeys, mirrorHeartbeatKeys, mirrorSourceKeys } from './mirror-config.ts';
import { mirrorMakerConfig } from './mirror-maker-config.ts';
import { producerConfig } from './producer-config.ts';
import { sinkConnectorKeys } from './sink-connector-config.ts';
import { sourceConnectorKeys } from './source-connector-config.ts';
import { defaultTopicGroup } from './topic-creation-config.ts';
import { standaloneConfig, workerKeys } from './worker-config.ts';

const common = connectorKeys({ registry: new PluginRegistry([]), workerConfig: {} });

export const definitions: Readonly<Record<string, ConfigDef>> = {
  'org.apache.kafka.clients.admin.AdminClientConfig': adminClientConfig,
  'org.apache.kafka.clients.consumer.ConsumerConfig': consumerConfig,
  'org.apache.kafka.clients.producer.ProducerConfig': producerConfig,
  'org.apache.kafka.connect.mirror.MirrorCheckpointConnector': defineConfig(
    ...withKeys(common, mirrorCheckpointKeys),
  ),
  'org.apache.kafka.connect.mirror.MirrorHeartbeatConnector': defineConfig(
    ...withKeys(common, mirrorHeartbeatKeys),
  ),
  'org.apache.kafka.connect.mirror.MirrorMakerConfig': mirrorMakerConfig,
  'org.apache.kafka.connect.mirror.MirrorSourceConnector': defineConfig(
    ...withKeys(common, mirrorSourceKeys),
  ),
  'org.apache.kafka.connect.runtime.ConnectorConfig': defineConfig(...common),
  'org.apache.kafka.connect.runtime.SinkConnectorConfig': defineConfig(
    ...withKeys(common, sinkConnectorKeys()),
  ),
  'org.apache.kafka.connect.runtime.SourceConnectorConfig': defineConfig(
    ...withKeys(common, sourceConnectorKeys()),
  ),
  'org.apache.kafka.connect.runtime.TopicCreationConfig': defaultTopicGroup,
  'org.apache.kafka.connect.runtime.WorkerConfig': defineConfig(...workerKeys),
  'org.apache.kafka.connect.runtime.distributed.DistributedConfig': distributedConfig,
  'org.apache.kafka.connect.runtime.standalone.StandaloneConfig': standaloneConfig,
};
