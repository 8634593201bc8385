import { configKinds } from './config-kinds.ts';
import { converterKinds } from './converter-kinds.ts';
import { dataKinds } from './data-kinds.ts';
import { kafkaKinds } from './kafka-kinds.ts';
import { providerKinds } from './provider-kinds.ts';
import { storageKinds } from './storage-kinds.ts';
import { transformClasses, transformKinds } from './transform-kinds.ts';
import { valuesKinds } from './values-kinds.ts';
import type { Adapter } from './vector-file.ts';

/** Every kind of recording that can be run, by file name without `.json`. This list only grows. */
export const kinds: Readonly<Record<string, Adapter>> = {
  ...configKinds,
  ...converterKinds,
  ...dataKinds,
  ...kafkaKinds,
  ...providerKinds,
  ...storageKinds,
  ...transformKinds,
  ...valuesKinds,
};

/** Classes whose configuration definition can be compared with `configdef/CLASS.json`. */
export const definedClasses: readonly string[] = [
  'AdminClientConfig',
  'BooleanConverter',
  'ByteArrayConverter',
  'ConnectorConfig',
  'ConsumerConfig',
  'DistributedConfig',
  'FileStreamSinkConnector',
  'FileStreamSourceConnector',
  'JsonConverter',
  'LongConverter',
  'MirrorCheckpointConnector',
  'MirrorHeartbeatConnector',
  'MirrorMakerConfig',
  'MirrorSourceConnector',
  'ProducerConfig',
  'SimpleHeaderConverter',
  'SinkConnectorConfig',
  'SourceConnectorConfig',
  'StandaloneConfig',
  'StringConverter',
  'TopicCreationDefaultGroup',
  'WorkerConfig',
  ...transformClasses,
];
