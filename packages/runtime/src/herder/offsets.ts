/**
 * Reading, altering and resetting a connector's offsets (KIP-875): source offsets in the offset store, sink offsets in the consumer group.
 * The connector's own `alterOffsets` is asked first, in a task host that runs nothing else; what it refuses is not written.
 */
import type { Admin, TopicPartition, TopicPartitionOffset } from '@tributary/kafka';
import type { HostPool } from '../hosts/host-pool-api.ts';
import type { Config } from '../hosts/messages.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';
import type { StoredConfig } from '../storage/config-store.ts';
import { checkOffsetMap } from '../storage/offset-json.ts';
import type { OffsetStore } from '../storage/offset-store.ts';
import { HerderError } from './errors.ts';
import type { ConnectorOffset } from './herder.ts';

export interface OffsetsContext {
  readonly workerId: string;
  readonly offsets: OffsetStore;
  readonly pool: HostPool;
  readonly registry: PluginRegistry;
  /** Worker key `consumer.group.id`, which replaces the group name of every sink. */
  readonly consumerGroupId: string | undefined;
  /** With the connector's `admin.override.*`; closed by the caller. */
  createAdmin(connector: string, config: StoredConfig): Admin;
}

type Action = 'alter' | 'reset';

/** The whole request has 90 s; the plugin's word is waited for this long. */
const hookTimeoutMs = 60_000;

export async function readOffsets(
  name: string,
  config: StoredConfig,
  context: OffsetsContext,
): Promise<ConnectorOffset[]> {
  const plugin = context.registry.find(String(config['connector.class']), ['source', 'sink']);
  if (plugin?.type !== 'sink') return context.offsets.list(name);
  const offsets = await withAdmin(name, config, context, (admin) =>
    admin.listGroupOffsets(groupIdOf(name, config, context)),
  ).catch((error: unknown) => {
    throw new HerderError(
      500,
      `Failed to retrieve consumer group offsets for sink connector ${name}`,
      { cause: error },
    );
  });
  return offsets.map(({ topic, partition, offset }) => ({
    partition: { kafka_topic: topic, kafka_partition: partition },
    offset: { kafka_offset: Number(offset) },
  }));
}

/** Resolves with the message of the answer. `requested` null: every partition is reset. */
export async function modifySourceOffsets(
  name: string,
  config: Config,
  requested: readonly ConnectorOffset[] | null,
  context: OffsetsContext,
): Promise<string> {
  const changes =
    requested ??
    (await context.offsets.list(name)).map(({ partition }) => ({ partition, offset: null }));
  const entries = changes.map(({ partition, offset }) => {
    if (partition !== null) checkOffsetMap(partition);
    if (offset !== null) checkOffsetMap(offset);
    return { partition: partition as Record<string, unknown>, offset };
  });
  const { isVouchedFor } = await context.pool.callAside(
    'alterSourceOffsets',
    { config, offsets: entries },
    { timeoutMs: hookTimeoutMs },
  );
  const writable = entries.filter(({ partition }) => partition !== null);
  if (writable.length > 0) await context.offsets.write(name, writable);
  return answer(requested === null ? 'reset' : 'alter', isVouchedFor);
}

/** As `modifySourceOffsets`; a reset deletes the consumer group. */
export async function modifySinkOffsets(
  name: string,
  config: Config,
  requested: readonly ConnectorOffset[] | null,
  context: OffsetsContext,
): Promise<string> {
  const action: Action = requested === null ? 'reset' : 'alter';
  const groupId = groupIdOf(name, config, context);
  const changes = requested?.map(parseSinkOffset) ?? null;
  return withAdmin(name, config, context, async (admin) => {
    const offsets =
      changes ??
      (await committedPartitions(admin, groupId).catch((error: unknown) => {
        throw sinkFailure(name, action, error);
      }));
    const { isVouchedFor } = await context.pool.callAside(
      'alterSinkOffsets',
      { config, offsets: [...offsets] },
      { timeoutMs: hookTimeoutMs },
    );
    try {
      if (changes === null) await admin.deleteGroup(groupId);
      else await applySinkOffsets(admin, groupId, changes);
    } catch (error) {
      throw sinkFailure(name, action, error);
    }
    return answer(action, isVouchedFor);
  });
}

async function committedPartitions(admin: Admin, groupId: string): Promise<SinkChange[]> {
  const committed = await admin.listGroupOffsets(groupId);
  return committed.map(({ topic, partition }) => ({ topic, partition, offset: null }));
}

type SinkChange = TopicPartition & { offset: bigint | null };

async function applySinkOffsets(
  admin: Admin,
  groupId: string,
  changes: readonly SinkChange[],
): Promise<void> {
  const isSet = (change: SinkChange): change is TopicPartitionOffset => change.offset !== null;
  const set = changes.filter(isSet);
  const forgotten = changes.filter((change) => !isSet(change));
  const topics = await admin.describeTopics([...new Set(set.map((change) => change.topic))]);
  for (const { topic, partition } of set) {
    const known = topics.get(topic);
    if (known === undefined || partition < 0 || partition >= known.partitions.length) {
      throw new Error(`There is no partition ${partition} of topic "${topic}"`);
    }
  }
  if (set.length > 0) await admin.alterGroupOffsets(groupId, set);
  if (forgotten.length > 0) await admin.deleteGroupOffsets(groupId, forgotten);
}

function parseSinkOffset({ partition, offset }: ConnectorOffset): SinkChange {
  if (partition === null || partition === undefined) {
    throw new HerderError(
      400,
      'The partition for a sink connector offset cannot be null or missing',
    );
  }
  if (!('kafka_topic' in partition) || !('kafka_partition' in partition)) {
    throw new HerderError(
      400,
      "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
    );
  }
  const { kafka_topic: topic, kafka_partition: number } = partition;
  if (topic === null) {
    throw new HerderError(400, 'Kafka topic names must be valid strings and may not be null');
  }
  if (number === null) {
    throw new HerderError(400, 'Kafka partitions must be valid numbers and may not be null');
  }
  const kafkaPartition = Number(parseInteger(number, 'partition'));
  if (offset === null || offset === undefined) {
    return { topic: String(topic), partition: kafkaPartition, offset: null };
  }
  if (!('kafka_offset' in offset)) {
    throw new HerderError(
      400,
      "The offset for a sink connector should either be null or contain the key 'kafka_offset'",
    );
  }
  const kafkaOffset = parseInteger(offset['kafka_offset'], 'offset');
  return { topic: String(topic), partition: kafkaPartition, offset: kafkaOffset };
}

function parseInteger(value: unknown, what: 'partition' | 'offset'): bigint {
  const text = String(value);
  if (/^[+-]?\d+$/.test(text)) return BigInt(text);
  const subject = what === 'partition' ? 'Partition' : 'Offset';
  throw new HerderError(
    400,
    `Failed to parse the following Kafka ${what} value in the provided offsets: '${text}'. ${subject} values for sink connectors need to be integers.`,
  );
}

function sinkFailure(name: string, action: Action, error: unknown): HerderError {
  const errorName = (error as { errorName?: string }).errorName ?? '';
  const isGroupActive = ['NON_EMPTY_GROUP', 'UNKNOWN_MEMBER_ID', 'GROUP_SUBSCRIBED_TO_TOPIC'];
  const message = isGroupActive.includes(errorName)
    ? `Failed to ${action} consumer group offsets for connector ${name} either because its tasks haven't stopped completely yet or the connector was resumed before the request to ${action} its offsets could be successfully completed. If the connector is in a stopped state, this operation can be safely retried. If it doesn't eventually succeed, the Connect cluster may need to be restarted to get rid of the zombie sink tasks.`
    : `Failed to ${action} consumer group offsets for connector ${name}`;
  return new HerderError(500, message, { cause: error });
}

function answer(action: Action, isVouchedFor: boolean): string {
  const done = action === 'alter' ? 'altered' : 'reset';
  if (isVouchedFor) return `The offsets for this connector have been ${done} successfully`;
  return `The Connect framework-managed offsets for this connector have been ${done} successfully. However, if this connector manages offsets externally, they will need to be manually ${done} in the system that the connector uses.`;
}

function groupIdOf(name: string, config: StoredConfig, context: OffsetsContext): string {
  return config['consumer.override.group.id'] ?? context.consumerGroupId ?? `connect-${name}`;
}

async function withAdmin<T>(
  name: string,
  config: StoredConfig,
  context: OffsetsContext,
  call: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = context.createAdmin(name, config);
  try {
    return await call(admin);
  } finally {
    await admin.close();
  }
}
