/**
 * Config keys of the connectors that replicate between clusters, beyond those of every connector. (no I/O)
 * Source: Kafka MirrorMaker `MirrorConnectorConfig`, `MirrorSourceConfig`, `MirrorCheckpointConfig`, `MirrorHeartbeatConfig`.
 */
import {
  anyNonDuplicateValues,
  boolean,
  type ConfigKey,
  classRef,
  int,
  list,
  listOf,
  long,
  short,
  string,
} from '@tributary/sdk';
import { commonClientKeys } from './common-client-keys.ts';
import { saslKeys } from './sasl-keys.ts';
import { sslKeys } from './ssl-keys.ts';

export const mirrorSourceKeys: readonly ConfigKey[] = [
  ...commonKeys(),
  patterns('topics', {
    default: '.*',
    doc: 'Topics to replicate: names and regular expressions.',
  }),
  patterns('topics.exclude', {
    default: 'mm2.*\\.internal, .*\\.replica, __.*',
    doc: 'Topics that are not replicated even where "topics" matches: names and regular expressions.',
  }),
  patterns('config.properties.exclude', {
    default:
      'follower.replication.throttled.replicas, leader.replication.throttled.replicas, message.timestamp.difference.max.ms, log.message.timestamp.before.max.ms, log.message.timestamp.after.max.ms, message.timestamp.type, unclean.leader.election.enable, min.insync.replicas',
    doc: 'Topic configs that are not copied to the target: names and regular expressions.',
  }),
  topicFilter(),
  classRef('config.property.filter.class', {
    default: 'org.apache.kafka.connect.mirror.DefaultConfigPropertyFilter',
    importance: 'LOW',
    doc: 'Class that decides which topic configs are copied.',
  }),
  pollTimeout(),
  toggle('refresh.topics.enabled', 'Whether new topics and partitions are looked for repeatedly.'),
  intervalSeconds('refresh.topics.interval.seconds', 600, 'looking for topics and partitions'),
  toggle('sync.topic.configs.enabled', 'Whether topic configs are copied repeatedly.'),
  intervalSeconds('sync.topic.configs.interval.seconds', 600, 'copying topic configs'),
  toggle(
    'sync.topic.acls.enabled',
    'Whether ACLs of topics are copied repeatedly; never the right to write.',
  ),
  intervalSeconds('sync.topic.acls.interval.seconds', 600, 'copying ACLs of topics'),
  int('replication.factor', {
    default: 2,
    importance: 'LOW',
    doc: 'Replication factor of the replicated topics when they are created.',
  }),
  factor('offset-syncs.topic.replication.factor', 'offset-syncs'),
  long('offset.lag.max', {
    default: 100,
    importance: 'LOW',
    doc: 'How many offsets the last offset sync of a partition may be off before another is written.',
  }),
  offsetSyncsLocation(),
  toggle(
    'emit.offset-syncs.enabled',
    'Whether the offsets of replicated records are written to the offset-syncs topic; checkpoints need them.',
  ),
  toggle(
    'heartbeats.replication.enabled',
    'Whether heartbeats topics are replicated even where "topics" does not match them.',
  ),
  metricNames(),
];

export const mirrorCheckpointKeys: readonly ConfigKey[] = [
  ...commonKeys(),
  pollTimeout(),
  patterns('groups', {
    default: '.*',
    doc: 'Consumer groups whose offsets are translated: names and regular expressions.',
  }),
  patterns('groups.exclude', {
    default: 'console-consumer-.*, connect-.*, __.*',
    doc: 'Groups that are left out even where "groups" matches: names and regular expressions.',
  }),
  classRef('group.filter.class', {
    default: 'org.apache.kafka.connect.mirror.DefaultGroupFilter',
    importance: 'LOW',
    doc: 'Class that decides which consumer groups are translated.',
  }),
  toggle('refresh.groups.enabled', 'Whether new consumer groups are looked for repeatedly.'),
  intervalSeconds('refresh.groups.interval.seconds', 600, 'looking for consumer groups'),
  toggle(
    'emit.checkpoints.enabled',
    'Whether translated offsets of consumer groups are written to the checkpoints topic.',
  ),
  intervalSeconds('emit.checkpoints.interval.seconds', 60, 'writing checkpoints'),
  boolean('sync.group.offsets.enabled', {
    default: false,
    importance: 'LOW',
    doc: "Whether translated offsets also become the target's committed ones, for groups without consumers there.",
  }),
  intervalSeconds('sync.group.offsets.interval.seconds', 60, 'committing translated offsets'),
  factor('checkpoints.topic.replication.factor', 'checkpoints'),
  offsetSyncsLocation(),
  topicFilter(),
  metricNames(),
];

export const mirrorHeartbeatKeys: readonly ConfigKey[] = [
  ...commonKeys(),
  toggle('emit.heartbeats.enabled', 'Whether heartbeats are written.'),
  intervalSeconds('emit.heartbeats.interval.seconds', 1, 'heartbeats'),
  factor('heartbeats.topic.replication.factor', 'heartbeats'),
];

function commonKeys(): ConfigKey[] {
  return [
    toggle('enabled', 'Whether replication from the source to the target is on.'),
    string('source.cluster.alias', {
      importance: 'HIGH',
      doc: 'Name of the cluster that is read; by default replicated topics begin with it.',
    }),
    string('target.cluster.alias', {
      default: 'target',
      importance: 'HIGH',
      doc: 'Name of the cluster that is written to, for metrics and internal topics.',
    }),
    long('admin.timeout.ms', {
      default: 60000,
      importance: 'LOW',
      doc: 'How long administration, such as looking for new topics, may take, in milliseconds.',
    }),
    classRef('replication.policy.class', {
      default: 'org.apache.kafka.connect.mirror.DefaultReplicationPolicy',
      importance: 'LOW',
      doc: 'Class that decides how replicated topics are called.',
    }),
    string('replication.policy.separator', {
      default: '.',
      importance: 'LOW',
      doc: "Text between a cluster's alias and the topic's name.",
    }),
    toggle(
      'replication.policy.internal.topic.separator.enabled',
      'Whether that text also separates the names of offset-syncs and checkpoints topics; if not, a dot does.',
    ),
    classRef('forwarding.admin.class', {
      default: 'org.apache.kafka.clients.admin.ForwardingAdmin',
      importance: 'LOW',
      doc: 'Class of the admin clients, for topics and configs that are managed in a way of their own.',
    }),
    ...commonClientKeys('metric.reporters', 'security.protocol', 'config.providers'),
    ...sslKeys,
    ...saslKeys,
  ];
}

function patterns(name: string, options: { default: string; doc: string }): ConfigKey {
  const validator = anyNonDuplicateValues(true, false);
  return list(name, { ...options, validator, importance: 'HIGH' });
}

function toggle(name: string, doc: string): ConfigKey {
  return boolean(name, { default: true, importance: 'LOW', doc });
}

function intervalSeconds(name: string, defaultSeconds: number, what: string): ConfigKey {
  const doc = `Time between two rounds of ${what}, in seconds.`;
  return long(name, { default: defaultSeconds, importance: 'LOW', doc });
}

function factor(name: string, topic: string): ConfigKey {
  const doc = `Replication factor of the ${topic} topic when it has to be created.`;
  return short(name, { default: 3, importance: 'LOW', doc });
}

function pollTimeout(): ConfigKey {
  return long('consumer.poll.timeout.ms', {
    default: 1000,
    importance: 'LOW',
    doc: 'How long one poll waits for records of the source cluster, in milliseconds.',
  });
}

function topicFilter(): ConfigKey {
  return classRef('topic.filter.class', {
    default: 'org.apache.kafka.connect.mirror.DefaultTopicFilter',
    importance: 'LOW',
    doc: 'Class that decides which topics are replicated.',
  });
}

function offsetSyncsLocation(): ConfigKey {
  return string('offset-syncs.topic.location', {
    default: 'source',
    oneOf: ['source', 'target'],
    importance: 'LOW',
    doc: 'Cluster that holds the offset-syncs topic.',
  });
}

function metricNames(): ConfigKey {
  return list('metric.names.formats', {
    default: 'legacy',
    validator: listOf(false, 'legacy', 'new'),
    importance: 'LOW',
    doc: 'Which names the metrics have: the older ones, the newer ones or both. Deprecated.',
  });
}
