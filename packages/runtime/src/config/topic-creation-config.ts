/** Keys of a group of `topic.creation.groups`, below `topic.creation.<group>.`. (no I/O) Source: Kafka Connect `TopicCreationConfig`. */
import {
  type ConfigDef,
  ConfigError,
  compileJavaPattern,
  defineConfig,
  int,
  list,
  short,
  validator,
} from '@tributary/sdk';
import { replicationFactor, topicPartitions } from './topic-counts.ts';

export const defaultTopicGroup: ConfigDef = defineConfig(
  list('include', {
    default: '.*',
    validator: patterns(),
    importance: 'LOW',
    group: 'default',
    order: 1,
    width: 'LONG',
    displayName: 'Inclusion Topic Pattern for default',
    doc: 'Patterns of the topics that belong to the group.',
  }),
  list('exclude', {
    default: '',
    validator: patterns(),
    importance: 'LOW',
    group: 'default',
    order: 2,
    width: 'LONG',
    displayName: 'Exclusion Topic Pattern for default',
    doc: 'Patterns of the topics that do not, although an inclusion matches.',
  }),
  short('replication.factor', {
    validator: replicationFactor(),
    importance: 'LOW',
    group: 'default',
    order: 3,
    width: 'LONG',
    displayName: 'Replication Factor for Topics in default',
    doc: 'Replication factor of topics of the group.',
  }),
  int('partitions', {
    validator: topicPartitions(),
    importance: 'LOW',
    group: 'default',
    order: 4,
    width: 'LONG',
    displayName: 'Partition Count for Topics in default',
    doc: 'Partitions of topics of the group.',
  }),
);

function patterns(): ReturnType<typeof validator> {
  return validator('non-null string', (name, value) => {
    for (const pattern of (value as readonly string[] | null) ?? []) {
      try {
        compileJavaPattern(pattern);
      } catch (error) {
        throw new ConfigError(name, value, `Invalid regex: ${(error as Error).message}`);
      }
    }
  });
}
