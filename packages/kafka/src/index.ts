export { createAdmin } from './admin/create-admin.ts';
export * from './admin/types.ts';
export { knownClientKeys } from './config.ts';
export { createConsumer } from './consumer/consumer.ts';
export { createGroupMember, type OwnGroupMember } from './group/create-group-member.ts';
export type { GroupMember, GroupOptions, Membership } from './group/group-member.ts';
export { murmur2, partitionForKey } from './producer/partitioner.ts';
export { createProducer, createTransactionalProducer } from './producer/producer.ts';
export * from './types.ts';
