import { errorCodes } from '@tributary/wire';
import type { Broker } from './broker.ts';
import type { Topic } from './state.ts';
import { refuseTopicConfigs } from './topic-config.ts';
import { newUuid } from './uuid.ts';

export interface Refusal {
  readonly errorCode: number;
  readonly message: string;
}

/** Bounds what one request can make the broker open. */
const maxPartitions = 10_000;

/** Kafka's rule for names: see `Topic.validate`. */
export function refuseTopicName(name: string): Refusal | undefined {
  if (/^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..') return undefined;
  const message = `Topic name "${name}" is illegal: it must have 1 to 249 of the characters a-z, A-Z, 0-9, ".", "_" and "-", and not be "." or ".."`;
  return { errorCode: errorCodes.INVALID_TOPIC_EXCEPTION, message };
}

/** Undefined when the topic can be made. */
export function refuseNewTopic(
  broker: Broker,
  name: string,
  partitions: number,
  replicationFactor: number,
  configs: Iterable<readonly [string, string | null]>,
): Refusal | undefined {
  const badName = refuseTopicName(name);
  if (badName !== undefined) return badName;
  if (broker.topic(name) !== undefined) {
    return {
      errorCode: errorCodes.TOPIC_ALREADY_EXISTS,
      message: `Topic '${name}' already exists.`,
    };
  }
  const collision = [...broker.state.topics.keys()].find((one) => isCollision(one, name));
  if (collision !== undefined) {
    return {
      errorCode: errorCodes.INVALID_TOPIC_EXCEPTION,
      message: `Topic '${name}' collides with existing topic: ${collision}`,
    };
  }
  if (partitions < 1 || partitions > maxPartitions) {
    return {
      errorCode: errorCodes.INVALID_PARTITIONS,
      message: `Number of partitions was set to ${partitions}; 1 to ${maxPartitions} are possible.`,
    };
  }
  if (replicationFactor !== 1) {
    return {
      errorCode: errorCodes.INVALID_REPLICATION_FACTOR,
      message: `Unable to replicate the partition ${replicationFactor} time(s): only 1 broker(s) are registered.`,
    };
  }
  const badConfig = refuseTopicConfigs(configs);
  return badConfig === undefined
    ? undefined
    : { errorCode: errorCodes.INVALID_CONFIG, message: badConfig };
}

/** Of a topic that `refuseNewTopic` has nothing against. */
export function createTopic(
  broker: Broker,
  name: string,
  partitions: number,
  configs: Readonly<Record<string, string>>,
): Topic {
  broker.commit([{ type: 'topic', name, id: newUuid(), partitions, configs }]);
  return broker.topic(name) as Topic;
}

export function isInternalTopic(name: string): boolean {
  return name === '__consumer_offsets' || name === '__transaction_state';
}

/** Names that give the same metric name cannot live together in Kafka. */
function isCollision(a: string, b: string): boolean {
  return a !== b && a.replaceAll('.', '_') === b.replaceAll('.', '_');
}
