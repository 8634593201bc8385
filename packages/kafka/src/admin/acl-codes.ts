import type { AclOperation, AclPatternType, AclPermission, AclResourceType } from './types.ts';

/** Names by their number on the wire. Source: Kafka `ResourceType`, `PatternType`, `AclOperation`, `AclPermissionType`. */
export const resourceTypes: readonly AclResourceType[] = [
  'UNKNOWN',
  'ANY',
  'TOPIC',
  'GROUP',
  'CLUSTER',
  'TRANSACTIONAL_ID',
  'DELEGATION_TOKEN',
  'USER',
];

export const patternTypes: readonly AclPatternType[] = [
  'UNKNOWN',
  'ANY',
  'MATCH',
  'LITERAL',
  'PREFIXED',
];

export const operations: readonly AclOperation[] = [
  'UNKNOWN',
  'ANY',
  'ALL',
  'READ',
  'WRITE',
  'CREATE',
  'DELETE',
  'ALTER',
  'DESCRIBE',
  'CLUSTER_ACTION',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
  'IDEMPOTENT_WRITE',
  'CREATE_TOKENS',
  'DESCRIBE_TOKENS',
  'TWO_PHASE_COMMIT',
];

export const permissions: readonly AclPermission[] = ['UNKNOWN', 'ANY', 'DENY', 'ALLOW'];

/** What the broker says when it was not asked. */
const notAsked = -2_147_483_648;

/** One bit for each operation that is allowed. */
export function operationsOf(bits: number): { authorizedOperations?: readonly AclOperation[] } {
  if (bits === notAsked) return {};
  return { authorizedOperations: operations.filter((_, code) => (bits & (1 << code)) !== 0) };
}
