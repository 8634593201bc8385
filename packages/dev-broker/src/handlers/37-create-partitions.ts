import {
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  createPartitionsApi,
  type Decoded,
  errorCodes,
} from '@tributary/wire';
import type { Broker } from '../broker.ts';
import { defineHandler } from '../handler.ts';

// Versions 0-3. Assignments may be given, one for each new partition; they can only name this broker.

type Wanted = Decoded<CreatePartitionsRequest>['topics'][number];
type Result = CreatePartitionsResponse['results'][number];

export const createPartitions = defineHandler({
  api: createPartitionsApi,
  minVersion: 0,
  maxVersion: 3,
  handle: (broker, { topics, validateOnly }) => ({
    results: topics.map((topic) => raise(broker, topic, validateOnly)),
  }),
  fail: ({ topics }, errorCode) => ({ results: topics.map(({ name }) => ({ name, errorCode })) }),
});

function raise(
  broker: Broker,
  { name, count, assignments }: Wanted,
  validateOnly: boolean,
): Result {
  const topic = broker.topic(name);
  if (topic === undefined) return { name, errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION };
  if (count <= topic.partitions || count > 10_000) {
    return {
      name,
      errorCode: errorCodes.INVALID_PARTITIONS,
      errorMessage: `The topic ${name} currently has ${topic.partitions} partition(s); ${count} would not be an increase.`,
    };
  }
  const nodeId = broker.config['node.id'];
  const isFine =
    assignments === null ||
    (assignments.length === count - topic.partitions &&
      assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === nodeId));
  if (!isFine) {
    return {
      name,
      errorCode: errorCodes.INVALID_REPLICA_ASSIGNMENT,
      errorMessage: `Each of the ${count - topic.partitions} new partition(s) must be assigned to the broker ${nodeId}, or none.`,
    };
  }
  if (!validateOnly) {
    const { id, configs } = topic;
    broker.commit([
      { type: 'topic', name, id, partitions: count, configs: Object.fromEntries(configs) },
    ]);
  }
  return { name, errorCode: errorCodes.NONE };
}
