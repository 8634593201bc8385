/** What an admin client can do. No I/O. Names are those of Kafka's `org.apache.kafka.clients.admin.Admin` where it has one. */
import {
  type GroupMemberId,
  KafkaError,
  type TopicPartition,
  type TopicPartitionOffset,
} from '../types.ts';

export interface NewTopic {
  readonly topic: string;
  /** -1: the broker's default, or as `assignments` say. */
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Ids of the brokers with each partition's replicas, the preferred leader first; partitions and replication factor must then be -1. */
  readonly assignments?: readonly (readonly number[])[];
  readonly configs?: Readonly<Record<string, string>>;
}

/** What came of a topic's creation. Brokers before 2.4, and those that do not let the user describe configs, tell nothing: -1 and none. */
export interface CreatedTopic {
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs: readonly ConfigEntry[];
}

export interface NewPartitions {
  readonly topic: string;
  /** The new total. */
  readonly count: number;
  /** Replicas of each partition that is added. */
  readonly assignments?: readonly (readonly number[])[];
}

export interface TopicDescription {
  readonly topicId: string;
  readonly isInternal: boolean;
  /** By number. */
  readonly partitions: readonly PartitionDescription[];
  /** Only where it was asked for, and from brokers that tell. */
  readonly authorizedOperations?: readonly AclOperation[];
}

export interface PartitionDescription {
  readonly partition: number;
  /** Id of the broker; -1 while there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly offlineReplicas: readonly number[];
}

export interface ClusterDescription {
  readonly clusterId: string;
  readonly controllerId: number;
  readonly brokers: readonly {
    readonly id: number;
    readonly host: string;
    readonly port: number;
    readonly rack: string | null;
  }[];
  readonly authorizedOperations?: readonly AclOperation[];
}

/** `name` of a broker is its id; empty: the dynamic defaults of all brokers. */
export interface ConfigResource {
  readonly type: 'TOPIC' | 'BROKER' | 'BROKER_LOGGER' | 'CLIENT_METRICS' | 'GROUP';
  readonly name: string;
}

export type ConfigSource =
  | 'DYNAMIC_TOPIC_CONFIG'
  | 'DYNAMIC_BROKER_CONFIG'
  | 'DYNAMIC_DEFAULT_BROKER_CONFIG'
  | 'STATIC_BROKER_CONFIG'
  | 'DEFAULT_CONFIG'
  | 'DYNAMIC_BROKER_LOGGER_CONFIG'
  | 'DYNAMIC_CLIENT_METRICS_CONFIG'
  | 'DYNAMIC_GROUP_CONFIG'
  | 'UNKNOWN';

export interface ConfigEntry {
  readonly name: string;
  /** Null where it is sensitive, or set to nothing. */
  readonly value: string | null;
  readonly source: ConfigSource;
  readonly isSensitive: boolean;
  readonly isReadOnly: boolean;
  /** What the value would be, were those before it not set: the strongest first. Empty unless asked for. */
  readonly synonyms: readonly ConfigSynonym[];
}

export interface ConfigSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: ConfigSource;
}

export interface DescribedConfigs {
  readonly resource: ConfigResource;
  readonly entries: readonly ConfigEntry[];
}

export interface ConfigAlteration {
  readonly resource: ConfigResource;
  readonly changes: readonly {
    readonly name: string;
    /** DELETE goes back to the default; APPEND and SUBTRACT are for lists. */
    readonly operation: 'SET' | 'DELETE' | 'APPEND' | 'SUBTRACT';
    readonly value?: string;
  }[];
}

/** A number: the first record at that time (epoch milliseconds) or later. `max-timestamp`: the record with the largest timestamp. */
export type OffsetSpec = 'earliest' | 'latest' | 'max-timestamp' | number;

/** Offset -1: there is no such record. */
export interface ListedOffset extends TopicPartitionOffset {
  /** Of the record; missing where no record was looked for. */
  readonly timestampMs?: number;
}

/** `metadata` is missing where it is empty, `leaderEpoch` where it is not known. */
export interface CommittedOffset extends TopicPartitionOffset {
  readonly metadata?: string;
  readonly leaderEpoch?: number;
}

export interface GroupListing {
  readonly groupId: string;
  /** `consumer`, `connect`, ...; empty for a group that only has offsets. */
  readonly protocolType: string;
  /** `Stable`, `Empty`, ...; empty from brokers before 2.6. */
  readonly state: string;
  /** `Classic`, `Consumer`, `Share`, ...; empty from brokers before 3.8. */
  readonly type: string;
}

/** Of a classic group. Metadata and assignments are the bytes of its own protocol. */
export interface GroupDescription {
  readonly groupId: string;
  readonly state: string;
  readonly protocolType: string;
  /** The protocol that the members agreed on, for consumers their assignor. */
  readonly protocol: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly clientId: string;
    readonly clientHost: string;
    readonly metadata: Buffer;
    readonly assignment: Buffer;
  }[];
  readonly authorizedOperations?: readonly AclOperation[];
}

export type AclResourceType =
  | 'UNKNOWN'
  | 'ANY'
  | 'TOPIC'
  | 'GROUP'
  | 'CLUSTER'
  | 'TRANSACTIONAL_ID'
  | 'DELEGATION_TOKEN'
  | 'USER';
export type AclPatternType = 'UNKNOWN' | 'ANY' | 'MATCH' | 'LITERAL' | 'PREFIXED';
export type AclPermission = 'UNKNOWN' | 'ANY' | 'DENY' | 'ALLOW';
export type AclOperation =
  | 'UNKNOWN'
  | 'ANY'
  | 'ALL'
  | 'READ'
  | 'WRITE'
  | 'CREATE'
  | 'DELETE'
  | 'ALTER'
  | 'DESCRIBE'
  | 'CLUSTER_ACTION'
  | 'DESCRIBE_CONFIGS'
  | 'ALTER_CONFIGS'
  | 'IDEMPOTENT_WRITE'
  | 'CREATE_TOKENS'
  | 'DESCRIBE_TOKENS'
  | 'TWO_PHASE_COMMIT';

export interface AclBinding {
  readonly resourceType: AclResourceType;
  readonly resourceName: string;
  readonly patternType: AclPatternType;
  /** `User:alice`. */
  readonly principal: string;
  /** `*`: any. */
  readonly host: string;
  readonly operation: AclOperation;
  readonly permission: AclPermission;
}

/** What is left out matches any. A `patternType` of MATCH finds whatever would apply to `resourceName`. */
export type AclFilter = Partial<AclBinding>;

/** Every item was tried, and some failed: the error is that of the first. */
export class PartialError extends KafkaError {
  /** By topic, `topic-partition`, group, type and name of a config resource (`TOPIC orders`), or index of an ACL. */
  readonly failures: ReadonlyMap<string, KafkaError>;
  /** What the call found or made for the others, in the type that it would have resolved with; null for a call without result. */
  readonly results: unknown;

  constructor(failures: ReadonlyMap<string, KafkaError>, results: unknown = null) {
    const first = [...failures.values()][0] as KafkaError;
    const { errorName, errorCode, isRetriable } = first;
    const more = failures.size > 1 ? `, and ${failures.size - 1} more failed` : '';
    super(`${first.message}${more}`, { errorName, errorCode, isRetriable, cause: first });
    this.failures = failures;
    this.results = results;
  }
}

/**
 * Every call tries again on retriable errors until `default.api.timeout.ms`. Of several items each is tried, and one that fails does not cost the others:
 * the call then rejects with a PartialError, which has all failures and the results of the rest.
 */
export interface Admin {
  describeCluster(
    signal?: AbortSignal,
    options?: { includeAuthorizedOperations?: boolean },
  ): Promise<ClusterDescription>;

  /** True when made, false when it exists already. */
  createTopic(topic: NewTopic, signal?: AbortSignal): Promise<boolean>;
  /** By topic. One that exists is a failure, TOPIC_ALREADY_EXISTS; so is one whose first answer was lost. */
  createTopics(
    topics: readonly NewTopic[],
    signal?: AbortSignal,
    options?: { validateOnly?: boolean },
  ): Promise<Map<string, CreatedTopic>>;
  createPartitions(
    topics: readonly NewPartitions[],
    signal?: AbortSignal,
    options?: { validateOnly?: boolean },
  ): Promise<void>;
  deleteTopics(topics: readonly string[], signal?: AbortSignal): Promise<void>;
  /** By topic; null: all topics. Those that do not exist are missing. */
  describeTopics(
    topics: readonly string[] | null,
    signal?: AbortSignal,
    options?: { includeAuthorizedOperations?: boolean },
  ): Promise<Map<string, TopicDescription>>;
  /** Names, those of internal topics too. */
  listTopics(signal?: AbortSignal): Promise<string[]>;
  /** In the order of `resources`. */
  describeConfigs(
    resources: readonly ConfigResource[],
    signal?: AbortSignal,
    options?: { includeSynonyms?: boolean },
  ): Promise<DescribedConfigs[]>;
  incrementalAlterConfigs(
    alterations: readonly ConfigAlteration[],
    signal?: AbortSignal,
    options?: { validateOnly?: boolean },
  ): Promise<void>;

  /** In the order of `partitions`. */
  listOffsets(
    partitions: readonly TopicPartition[],
    at: OffsetSpec,
    signal?: AbortSignal,
    options?: { isolation?: 'read_uncommitted' | 'read_committed' },
  ): Promise<ListedOffset[]>;
  /** Removes what lies below each offset (-1: everything). Resolves with the first offset that is left, in the order of `offsets`. */
  deleteRecords(
    offsets: readonly TopicPartitionOffset[],
    signal?: AbortSignal,
  ): Promise<TopicPartitionOffset[]>;

  /** Of the brokers that answer: one that does not is a failure named by its id. Filters are case insensitive. */
  listGroups(
    signal?: AbortSignal,
    options?: { states?: readonly string[]; types?: readonly string[] },
  ): Promise<GroupListing[]>;
  /** By group id. One that does not exist, or is no classic group, fails with GROUP_ID_NOT_FOUND. */
  describeGroups(
    groupIds: readonly string[],
    signal?: AbortSignal,
    options?: { includeAuthorizedOperations?: boolean },
  ): Promise<Map<string, GroupDescription>>;
  /** False when there was no such group. */
  deleteGroup(groupId: string, signal?: AbortSignal): Promise<boolean>;
  deleteGroups(groupIds: readonly string[], signal?: AbortSignal): Promise<void>;
  listGroupOffsets(groupId: string, signal?: AbortSignal): Promise<CommittedOffset[]>;
  alterGroupOffsets(
    groupId: string,
    offsets: readonly CommittedOffset[],
    signal?: AbortSignal,
  ): Promise<void>;
  /** Forgets the committed offsets of these partitions (OffsetDelete). */
  deleteGroupOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
    signal?: AbortSignal,
  ): Promise<void>;
  /** Takes dynamic members whose process is gone out of their group; one that is not there is out already. */
  removeMembers(members: readonly GroupMemberId[], signal?: AbortSignal): Promise<void>;

  /** Ends the open transactions of these ids and fences their producers. */
  fenceProducers(transactionalIds: readonly string[], signal?: AbortSignal): Promise<void>;

  describeAcls(filter: AclFilter, signal?: AbortSignal): Promise<AclBinding[]>;
  createAcls(bindings: readonly AclBinding[], signal?: AbortSignal): Promise<void>;
  /** Resolves with what was deleted. */
  deleteAcls(filters: readonly AclFilter[], signal?: AbortSignal): Promise<AclBinding[]>;

  close(): Promise<void>;
}
