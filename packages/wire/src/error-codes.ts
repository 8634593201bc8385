/**
 * Every error code of the protocol, with the names of Apache Kafka 4.3. Retriable is what Java's clients retry; `stale` means that they also
 * ask for metadata again.
 */
const table = [
  [
    -1,
    'UNKNOWN_SERVER_ERROR',
    'final',
    'The broker failed in a way that has no code of its own; its log says why.',
  ],
  [0, 'NONE', 'final', 'No error.'],
  [
    1,
    'OFFSET_OUT_OF_RANGE',
    'final',
    'The offset lies before the start or behind the end of the partition.',
  ],
  [
    2,
    'CORRUPT_MESSAGE',
    'retriable',
    'The batch is damaged, too large, or lacks the key that a compacted topic needs.',
  ],
  [3, 'UNKNOWN_TOPIC_OR_PARTITION', 'stale', 'The broker does not know the topic or partition.'],
  [4, 'INVALID_FETCH_SIZE', 'final', 'The size to fetch is not valid.'],
  [5, 'LEADER_NOT_AVAILABLE', 'stale', 'The partition has no leader at the moment.'],
  [6, 'NOT_LEADER_OR_FOLLOWER', 'stale', 'The broker no longer leads, or holds, the partition.'],
  [7, 'REQUEST_TIMED_OUT', 'retriable', 'The request took longer than its own time limit.'],
  [8, 'BROKER_NOT_AVAILABLE', 'final', 'The broker is not available.'],
  [
    9,
    'REPLICA_NOT_AVAILABLE',
    'stale',
    'The broker holds no copy of the partition that it could read from.',
  ],
  [
    10,
    'MESSAGE_TOO_LARGE',
    'final',
    'A batch is larger than the topic or broker allows (max.message.bytes).',
  ],
  [11, 'STALE_CONTROLLER_EPOCH', 'final', 'A newer controller has taken over.'],
  [
    12,
    'OFFSET_METADATA_TOO_LARGE',
    'final',
    'The metadata stored with an offset is too long (offset.metadata.max.bytes).',
  ],
  [13, 'NETWORK_EXCEPTION', 'stale', 'The connection was lost before the answer came.'],
  [14, 'COORDINATOR_LOAD_IN_PROGRESS', 'retriable', 'The coordinator is still reading its state.'],
  [15, 'COORDINATOR_NOT_AVAILABLE', 'retriable', 'The coordinator is not available.'],
  [16, 'NOT_COORDINATOR', 'retriable', 'The broker does not coordinate this group or transaction.'],
  [
    17,
    'INVALID_TOPIC_EXCEPTION',
    'final',
    'The topic name is not valid, or the topic may not be written to.',
  ],
  [18, 'RECORD_LIST_TOO_LARGE', 'final', 'A batch is larger than a segment of the log.'],
  [
    19,
    'NOT_ENOUGH_REPLICAS',
    'retriable',
    'Too few replicas are in sync to accept the write (min.insync.replicas).',
  ],
  [
    20,
    'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
    'retriable',
    'The write was made, but too few replicas had it in time.',
  ],
  [21, 'INVALID_REQUIRED_ACKS', 'final', 'The value of acks is none of 0, 1 and -1.'],
  [22, 'ILLEGAL_GENERATION', 'final', 'The group has moved on to another generation.'],
  [
    23,
    'INCONSISTENT_GROUP_PROTOCOL',
    'final',
    'The member shares no protocol with the group, or named none.',
  ],
  [24, 'INVALID_GROUP_ID', 'final', 'The group id is empty or not valid.'],
  [25, 'UNKNOWN_MEMBER_ID', 'final', 'The coordinator does not know the member.'],
  [
    26,
    'INVALID_SESSION_TIMEOUT',
    'final',
    'The session timeout lies outside the limits of the broker.',
  ],
  [27, 'REBALANCE_IN_PROGRESS', 'final', 'The group is rebalancing: join again.'],
  [28, 'INVALID_COMMIT_OFFSET_SIZE', 'final', 'The offsets to commit are together too large.'],
  [29, 'TOPIC_AUTHORIZATION_FAILED', 'final', 'The user may not use the topic.'],
  [30, 'GROUP_AUTHORIZATION_FAILED', 'final', 'The user may not use the group.'],
  [31, 'CLUSTER_AUTHORIZATION_FAILED', 'final', 'The user may not do this to the cluster.'],
  [
    32,
    'INVALID_TIMESTAMP',
    'final',
    'The timestamp of a record is outside what the topic accepts.',
  ],
  [33, 'UNSUPPORTED_SASL_MECHANISM', 'final', 'The broker does not offer the SASL mechanism.'],
  [34, 'ILLEGAL_SASL_STATE', 'final', 'The request does not fit the state of authentication.'],
  [35, 'UNSUPPORTED_VERSION', 'final', 'The broker does not speak this version of the request.'],
  [36, 'TOPIC_ALREADY_EXISTS', 'final', 'The topic exists already.'],
  [37, 'INVALID_PARTITIONS', 'final', 'The number of partitions is not valid.'],
  [
    38,
    'INVALID_REPLICATION_FACTOR',
    'final',
    'The replication factor is below 1 or above the number of brokers.',
  ],
  [39, 'INVALID_REPLICA_ASSIGNMENT', 'final', 'The given placement of replicas is not valid.'],
  [40, 'INVALID_CONFIG', 'final', 'A configuration key or value is not valid.'],
  [41, 'NOT_CONTROLLER', 'retriable', 'The broker is not the controller.'],
  [42, 'INVALID_REQUEST', 'final', 'The request contradicts itself or the protocol.'],
  [
    43,
    'UNSUPPORTED_FOR_MESSAGE_FORMAT',
    'final',
    'The message format on the broker cannot serve the request.',
  ],
  [44, 'POLICY_VIOLATION', 'final', 'A policy of the cluster forbids it.'],
  [
    45,
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    'final',
    'The sequence number leaves a gap behind the last batch of the producer.',
  ],
  [
    46,
    'DUPLICATE_SEQUENCE_NUMBER',
    'final',
    'The batch with this sequence number was written before.',
  ],
  [
    47,
    'INVALID_PRODUCER_EPOCH',
    'final',
    'The producer writes with an epoch older than the current one.',
  ],
  [48, 'INVALID_TXN_STATE', 'final', 'The transaction is not in a state that allows this.'],
  [
    49,
    'INVALID_PRODUCER_ID_MAPPING',
    'final',
    'The producer id is not the one of its transactional id.',
  ],
  [
    50,
    'INVALID_TRANSACTION_TIMEOUT',
    'final',
    "The transaction timeout is above the broker's limit (transaction.max.timeout.ms).",
  ],
  [
    51,
    'CONCURRENT_TRANSACTIONS',
    'retriable',
    'Another step of the same transaction is still under way.',
  ],
  [
    52,
    'TRANSACTION_COORDINATOR_FENCED',
    'final',
    'A newer transaction coordinator has taken over.',
  ],
  [
    53,
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    'final',
    'The user may not use the transactional id.',
  ],
  [54, 'SECURITY_DISABLED', 'final', 'The cluster has no security set up.'],
  [
    55,
    'OPERATION_NOT_ATTEMPTED',
    'final',
    'The step was skipped because an earlier one of the request failed.',
  ],
  [56, 'KAFKA_STORAGE_ERROR', 'stale', 'The disk of the broker failed.'],
  [57, 'LOG_DIR_NOT_FOUND', 'final', 'The broker has no such log directory.'],
  [58, 'SASL_AUTHENTICATION_FAILED', 'final', 'The credentials were refused.'],
  [59, 'UNKNOWN_PRODUCER_ID', 'final', 'The broker has no state of the producer any more.'],
  [60, 'REASSIGNMENT_IN_PROGRESS', 'final', 'The partition is being moved already.'],
  [61, 'DELEGATION_TOKEN_AUTH_DISABLED', 'final', 'Delegation tokens are not switched on.'],
  [62, 'DELEGATION_TOKEN_NOT_FOUND', 'final', 'The delegation token is not known.'],
  [
    63,
    'DELEGATION_TOKEN_OWNER_MISMATCH',
    'final',
    'Only the owner or a renewer may do this with the delegation token.',
  ],
  [
    64,
    'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED',
    'final',
    'Delegation tokens cannot be asked for over this connection.',
  ],
  [
    65,
    'DELEGATION_TOKEN_AUTHORIZATION_FAILED',
    'final',
    'The user may not use the delegation token.',
  ],
  [66, 'DELEGATION_TOKEN_EXPIRED', 'final', 'The delegation token has run out.'],
  [67, 'INVALID_PRINCIPAL_TYPE', 'final', 'The type of the principal is not supported.'],
  [68, 'NON_EMPTY_GROUP', 'final', 'The group still has members.'],
  [69, 'GROUP_ID_NOT_FOUND', 'final', 'The group does not exist.'],
  [70, 'FETCH_SESSION_ID_NOT_FOUND', 'retriable', 'The broker has forgotten the fetch session.'],
  [71, 'INVALID_FETCH_SESSION_EPOCH', 'retriable', 'The fetch session is at another epoch.'],
  [
    72,
    'LISTENER_NOT_FOUND',
    'stale',
    'The leader has no listener of the name that the client came in by.',
  ],
  [73, 'TOPIC_DELETION_DISABLED', 'final', 'Deletion of topics is switched off.'],
  [
    74,
    'FENCED_LEADER_EPOCH',
    'stale',
    "The leader epoch of the client is older than the broker's.",
  ],
  [
    75,
    'UNKNOWN_LEADER_EPOCH',
    'retriable',
    "The leader epoch of the client is newer than the broker's.",
  ],
  [
    76,
    'UNSUPPORTED_COMPRESSION_TYPE',
    'final',
    'The version of the request cannot carry the compression of the partition.',
  ],
  [77, 'STALE_BROKER_EPOCH', 'final', 'The broker has registered again since.'],
  [78, 'OFFSET_NOT_AVAILABLE', 'retriable', 'A new leader cannot name its end offset yet.'],
  [79, 'MEMBER_ID_REQUIRED', 'final', 'Join again with the member id of this answer.'],
  [80, 'PREFERRED_LEADER_NOT_AVAILABLE', 'stale', 'The preferred leader is not available.'],
  [
    81,
    'GROUP_MAX_SIZE_REACHED',
    'final',
    'The group has as many members as it may (group.max.size).',
  ],
  [82, 'FENCED_INSTANCE_ID', 'final', 'Another member has joined with the same group.instance.id.'],
  [83, 'ELIGIBLE_LEADERS_NOT_AVAILABLE', 'stale', 'No replica may become leader.'],
  [84, 'ELECTION_NOT_NEEDED', 'stale', 'The partition has a leader; no election is needed.'],
  [85, 'NO_REASSIGNMENT_IN_PROGRESS', 'final', 'No move of the partition is under way.'],
  [86, 'GROUP_SUBSCRIBED_TO_TOPIC', 'final', 'The group still reads the topic.'],
  [87, 'INVALID_RECORD', 'final', 'The broker refused a record of the batch.'],
  [88, 'UNSTABLE_OFFSET_COMMIT', 'retriable', 'Offsets of an open transaction are pending.'],
  [89, 'THROTTLING_QUOTA_EXCEEDED', 'retriable', 'A quota is exceeded.'],
  [
    90,
    'PRODUCER_FENCED',
    'final',
    'A newer producer with the same transactional id has taken over.',
  ],
  [91, 'RESOURCE_NOT_FOUND', 'final', 'The resource does not exist.'],
  [92, 'DUPLICATE_RESOURCE', 'final', 'The request names a resource twice.'],
  [93, 'UNACCEPTABLE_CREDENTIAL', 'final', 'The new credential does not meet the rules.'],
  [94, 'INCONSISTENT_VOTER_SET', 'final', 'Sender and receiver disagree on the set of voters.'],
  [95, 'INVALID_UPDATE_VERSION', 'final', 'The version to update to is not valid.'],
  [96, 'FEATURE_UPDATE_FAILED', 'final', 'The features could not be updated.'],
  [97, 'PRINCIPAL_DESERIALIZATION_FAILURE', 'final', 'The forwarded principal cannot be read.'],
  [98, 'SNAPSHOT_NOT_FOUND', 'final', 'The snapshot does not exist.'],
  [99, 'POSITION_OUT_OF_RANGE', 'final', 'The position lies outside the snapshot.'],
  [100, 'UNKNOWN_TOPIC_ID', 'stale', 'The broker does not know the topic id.'],
  [101, 'DUPLICATE_BROKER_REGISTRATION', 'final', 'The broker id is in use.'],
  [102, 'BROKER_ID_NOT_REGISTERED', 'final', 'The broker id is not registered.'],
  [103, 'INCONSISTENT_TOPIC_ID', 'stale', 'The topic id differs from that of the log.'],
  [104, 'INCONSISTENT_CLUSTER_ID', 'final', 'The request was meant for another cluster.'],
  [105, 'TRANSACTIONAL_ID_NOT_FOUND', 'final', 'The transactional id does not exist.'],
  [
    106,
    'FETCH_SESSION_TOPIC_ID_ERROR',
    'retriable',
    'The fetch session mixes requests with and without topic ids.',
  ],
  [107, 'INELIGIBLE_REPLICA', 'final', 'A replica may not be in the set of those in sync.'],
  [108, 'NEW_LEADER_ELECTED', 'final', 'The change was made, but another broker leads now.'],
  [109, 'OFFSET_MOVED_TO_TIERED_STORAGE', 'final', 'The offset lies in tiered storage.'],
  [
    110,
    'FENCED_MEMBER_EPOCH',
    'final',
    "The member's epoch is fenced: give up all partitions and join again.",
  ],
  [111, 'UNRELEASED_INSTANCE_ID', 'final', 'Another member still holds the group.instance.id.'],
  [112, 'UNSUPPORTED_ASSIGNOR', 'final', 'The group does not support the assignor.'],
  [
    113,
    'STALE_MEMBER_EPOCH',
    'final',
    "The member's epoch is old: wait for the new one, then try again.",
  ],
  [114, 'MISMATCHED_ENDPOINT_TYPE', 'final', 'The request came to the wrong kind of endpoint.'],
  [115, 'UNSUPPORTED_ENDPOINT_TYPE', 'final', 'This kind of endpoint is not supported.'],
  [116, 'UNKNOWN_CONTROLLER_ID', 'final', 'The controller id is not known.'],
  [
    117,
    'UNKNOWN_SUBSCRIPTION_ID',
    'final',
    'The telemetry subscription is not valid or out of date.',
  ],
  [118, 'TELEMETRY_TOO_LARGE', 'final', 'The telemetry is larger than the broker accepts.'],
  [119, 'INVALID_REGISTRATION', 'final', 'The controller refused the registration of the broker.'],
  [
    120,
    'TRANSACTION_ABORTABLE',
    'final',
    'The transaction must be aborted; the producer may then go on.',
  ],
  [
    121,
    'INVALID_RECORD_STATE',
    'final',
    'The state of the record does not allow the acknowledgement.',
  ],
  [122, 'SHARE_SESSION_NOT_FOUND', 'retriable', 'The broker has forgotten the share session.'],
  [123, 'INVALID_SHARE_SESSION_EPOCH', 'retriable', 'The share session is at another epoch.'],
  [124, 'FENCED_STATE_EPOCH', 'final', "The epoch of the share group's state is old."],
  [125, 'INVALID_VOTER_KEY', 'final', 'The key of the voter is not that of the receiver.'],
  [126, 'DUPLICATE_VOTER', 'final', 'The voter is in the set already.'],
  [127, 'VOTER_NOT_FOUND', 'final', 'The voter is not in the set.'],
  [128, 'INVALID_REGULAR_EXPRESSION', 'final', 'The regular expression is not valid.'],
  [
    129,
    'REBOOTSTRAP_REQUIRED',
    'final',
    'What the client knows of the cluster is too old: start again from the bootstrap servers.',
  ],
  [130, 'STREAMS_INVALID_TOPOLOGY', 'final', 'The topology is not valid.'],
  [131, 'STREAMS_INVALID_TOPOLOGY_EPOCH', 'final', 'The epoch of the topology is not valid.'],
  [132, 'STREAMS_TOPOLOGY_FENCED', 'final', 'The epoch of the topology is out of date.'],
  [
    133,
    'SHARE_SESSION_LIMIT_REACHED',
    'retriable',
    'The broker has as many share sessions as it may.',
  ],
] as const;

export type ErrorName = (typeof table)[number][1];

export interface ErrorInfo {
  readonly code: number;
  readonly name: ErrorName;
  readonly isRetriable: boolean;
  /** Metadata must be fetched again before a retry can help. */
  readonly isMetadataStale: boolean;
  readonly description: string;
}

const byCode = new Map<number, ErrorInfo>(
  table.map(([code, name, kind, description]) => [
    code,
    {
      code,
      name,
      isRetriable: kind !== 'final',
      isMetadataStale: kind === 'stale',
      description,
    },
  ]),
);

/** Codes by name: `errorCodes.NOT_COORDINATOR` is 16. */
export const errorCodes = Object.fromEntries(table.map(([code, name]) => [name, code])) as {
  readonly [Name in ErrorName]: number;
};

/** A code that is not in the table (of a newer broker) is described as UNKNOWN_SERVER_ERROR, but keeps its number. */
export function errorByCode(code: number): ErrorInfo {
  return (
    byCode.get(code) ?? {
      code,
      name: 'UNKNOWN_SERVER_ERROR',
      isRetriable: false,
      isMetadataStale: false,
      description: `The broker answered with error code ${code}, which is not known here.`,
    }
  );
}

/** Every known error. */
export const errors: readonly ErrorInfo[] = [...byCode.values()];
