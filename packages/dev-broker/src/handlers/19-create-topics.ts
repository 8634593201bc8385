import {
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  createTopicsApi,
  type Decoded,
  errorCodes,
} from '@tributary/wire';
import type { Broker } from '../broker.ts';
import { StorageError } from '../errors.ts';
import { defineHandler } from '../handler.ts';
import { createTopic, type Refusal, refuseNewTopic } from '../topics.ts';
import { describeTopicConfigs } from './describe-configs.ts';

// Versions 2-7. Replication factor -1 or 1; assignments may name this broker only.

type TopicRequest = Decoded<CreateTopicsRequest>['topics'][number];
type TopicResponse = CreateTopicsResponse['topics'][number];

export const createTopics = defineHandler({
  api: createTopicsApi,
  minVersion: 2,
  maxVersion: 7,
  handle: (broker, { topics, validateOnly }) => ({
    topics: topics.map((topic) => {
      const isTwice = topics.filter(({ name }) => name === topic.name).length > 1;
      if (isTwice) {
        const message = `Topic "${topic.name}" is named twice in the request.`;
        return refused(topic.name, { errorCode: errorCodes.INVALID_REQUEST, message });
      }
      return create(broker, topic, validateOnly);
    }),
  }),
  fail: ({ topics }, errorCode) => ({
    topics: topics.map(({ name }) => ({ name, errorCode, errorMessage: null })),
  }),
});

function create(broker: Broker, topic: TopicRequest, validateOnly: boolean): TopicResponse {
  const { name, assignments } = topic;
  const hasAssignments = assignments.length > 0;
  const partitions = hasAssignments
    ? assignments.length
    : topic.numPartitions === -1
      ? broker.config['num.partitions']
      : topic.numPartitions;
  const replicationFactor = topic.replicationFactor === -1 ? 1 : topic.replicationFactor;
  const given = topic.configs.map((one) => [one.name, one.value] as const);
  const refusal =
    (hasAssignments ? refuseAssignments(broker, topic) : undefined) ??
    refuseNewTopic(broker, name, partitions, replicationFactor, given);
  if (refusal !== undefined) return refused(name, refusal);
  const configs = Object.fromEntries(given.map(([key, value]) => [key, value ?? '']));
  try {
    const made = validateOnly ? undefined : createTopic(broker, name, partitions, configs);
    return {
      name,
      ...(made === undefined ? {} : { topicId: made.id }),
      errorCode: errorCodes.NONE,
      errorMessage: null,
      numPartitions: partitions,
      replicationFactor: 1,
      configs: describeTopicConfigs(broker, new Map(Object.entries(configs)), null),
    };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return refused(name, { errorCode: errorCodes.KAFKA_STORAGE_ERROR, message: error.message });
  }
}

function refuseAssignments(broker: Broker, topic: TopicRequest): Refusal | undefined {
  const no = (message: string) => ({ errorCode: errorCodes.INVALID_REPLICA_ASSIGNMENT, message });
  if (topic.numPartitions !== -1 || topic.replicationFactor !== -1) {
    const message = 'Numbers of partitions and replicas cannot be given beside assignments.';
    return { errorCode: errorCodes.INVALID_REQUEST, message };
  }
  const indexes = topic.assignments
    .map(({ partitionIndex }) => partitionIndex)
    .sort((a, b) => a - b);
  if (indexes.some((index, i) => index !== i)) return no('Partitions must be numbered from 0.');
  const nodeId = broker.config['node.id'];
  const isHere = topic.assignments.every(({ brokerIds }) => {
    return brokerIds.length === 1 && brokerIds[0] === nodeId;
  });
  return isHere ? undefined : no(`Replicas can only be on the broker ${nodeId}.`);
}

function refused(name: string, { errorCode, message }: Refusal): TopicResponse {
  return { name, errorCode, errorMessage: message, configs: [] };
}
