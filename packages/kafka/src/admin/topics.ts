import {
  createPartitionsApi,
  createTopicsApi,
  deleteTopicsApi,
  errorCodes,
  zeroUuid,
} from '@tributary/wire';
import { brokerError, isKafkaError } from '../errors.ts';
import type { KafkaError } from '../types.ts';
import { operationsOf } from './acl-codes.ts';
import { configEntryOf } from './configs.ts';
import {
  type AdminContext,
  type Answers,
  controllerConnection,
  controllerError,
  fetchMetadata,
  settleItems,
} from './context.ts';
import type {
  Admin,
  CreatedTopic,
  NewPartitions,
  NewTopic,
  PartitionDescription,
  TopicDescription,
} from './types.ts';

type TopicCalls = Pick<
  Admin,
  | 'createTopic'
  | 'createTopics'
  | 'createPartitions'
  | 'deleteTopics'
  | 'describeTopics'
  | 'listTopics'
>;

export function topicCalls(context: AdminContext): TopicCalls {
  const calls: TopicCalls = {
    async createTopic(topic, signal) {
      try {
        await calls.createTopics([topic], signal);
        return true;
      } catch (error) {
        if (isKafkaError(error) && error.errorName === 'TOPIC_ALREADY_EXISTS') return false;
        throw error;
      }
    },

    createTopics: (topics, signal, { validateOnly = false } = {}) =>
      settleItems(
        context,
        new Map(topics.map((topic) => [topic.topic, topic])),
        (left) => createTopics(context, [...left.values()], validateOnly),
        (created) => new Map(created),
        signal,
      ),

    createPartitions: (topics, signal, { validateOnly = false } = {}) =>
      settleItems(
        context,
        new Map(topics.map((topic) => [topic.topic, topic])),
        (left) => createPartitions(context, [...left.values()], validateOnly),
        () => undefined,
        signal,
      ),

    deleteTopics: (topics, signal) =>
      settleItems(
        context,
        new Map(topics.map((topic) => [topic, topic])),
        (left, isRepeated) => deleteTopics(context, [...left.keys()], isRepeated),
        () => undefined,
        signal,
      ),

    async describeTopics(topics, signal, options = {}) {
      if (topics === null) {
        return context.retry(async () => {
          const found = await describeTopics(context, null, options);
          const known = [...found].filter(
            (pair): pair is [string, TopicDescription] =>
              pair[1] !== null && !isKafkaError(pair[1]),
          );
          return new Map(known);
        }, signal);
      }
      return settleItems(
        context,
        new Map(topics.map((topic) => [topic, topic])),
        (left) => describeTopics(context, [...left.keys()], options),
        (found) =>
          new Map(
            [...found].filter((pair): pair is [string, TopicDescription] => pair[1] !== null),
          ),
        signal,
      );
    },

    listTopics: async (signal) => [...(await calls.describeTopics(null, signal)).keys()],
  };
  return calls;
}

async function createTopics(
  context: AdminContext,
  topics: readonly NewTopic[],
  validateOnly: boolean,
): Promise<Answers<CreatedTopic>> {
  const connection = await controllerConnection(context);
  const response = await connection.request(createTopicsApi, {
    topics: topics.map(
      ({ topic, partitions, replicationFactor, assignments = [], configs = {} }) => ({
        name: topic,
        numPartitions: partitions,
        replicationFactor,
        assignments: assignments.map((brokerIds, partitionIndex) => ({
          partitionIndex,
          brokerIds: [...brokerIds],
        })),
        configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
      }),
    ),
    timeoutMs: context.requestTimeoutMs,
    validateOnly,
  });
  return new Map(
    response.topics.map(
      ({ name, errorCode, errorMessage, ...made }): [string, CreatedTopic | KafkaError] => {
        const what = `Cannot create topic "${name}"`;
        if (errorCode !== 0) return [name, controllerError(context, errorCode, what, errorMessage)];
        const { numPartitions: partitions, replicationFactor, configs } = made;
        return [
          name,
          { partitions, replicationFactor, configs: (configs ?? []).map(configEntryOf) },
        ];
      },
    ),
  );
}

async function createPartitions(
  context: AdminContext,
  topics: readonly NewPartitions[],
  validateOnly: boolean,
): Promise<Answers<null>> {
  const connection = await controllerConnection(context);
  const response = await connection.request(createPartitionsApi, {
    topics: topics.map(({ topic, count, assignments }) => ({
      name: topic,
      count,
      assignments: assignments?.map((brokerIds) => ({ brokerIds: [...brokerIds] })) ?? null,
    })),
    timeoutMs: context.requestTimeoutMs,
    validateOnly,
  });
  return new Map(
    response.results.map(({ name, errorCode, errorMessage }) => {
      const what = `Cannot add partitions to topic "${name}"`;
      const isFine = errorCode === 0;
      return [name, isFine ? null : controllerError(context, errorCode, what, errorMessage)];
    }),
  );
}

async function deleteTopics(
  context: AdminContext,
  names: readonly string[],
  isRepeated: boolean,
): Promise<Answers<null>> {
  const connection = await controllerConnection(context);
  const { requestTimeoutMs: timeoutMs } = context;
  const response = await connection.request(deleteTopicsApi, (version) =>
    version >= 6
      ? { topics: names.map((name) => ({ name, topicId: zeroUuid })), timeoutMs }
      : { topicNames: [...names], timeoutMs },
  );
  return new Map(
    response.responses.map(({ name, errorCode, errorMessage }) => {
      // A request whose answer was lost may have deleted it.
      const isGone = errorCode === errorCodes.UNKNOWN_TOPIC_OR_PARTITION && isRepeated;
      if (errorCode === 0 || isGone) return [name ?? '', null];
      const what = `Cannot delete topic "${name}"`;
      return [name ?? '', controllerError(context, errorCode, what, errorMessage)];
    }),
  );
}

/** Null: there is no such topic. */
async function describeTopics(
  context: AdminContext,
  names: readonly string[] | null,
  options: { includeAuthorizedOperations?: boolean },
): Promise<Answers<TopicDescription | null>> {
  const { topics } = await fetchMetadata(context, names, options);
  const found: Answers<TopicDescription | null> = new Map();
  for (const topic of topics) {
    if (topic.name === null) continue;
    if (topic.errorCode === errorCodes.UNKNOWN_TOPIC_OR_PARTITION) found.set(topic.name, null);
    else if (topic.errorCode !== 0) {
      const what = `Cannot describe topic "${topic.name}"`;
      found.set(topic.name, brokerError(topic.errorCode, what));
    } else {
      const partitions: PartitionDescription[] = [];
      for (const { partitionIndex: partition, leaderId, ...nodes } of topic.partitions) {
        partitions[partition] = {
          partition,
          leader: leaderId,
          replicas: nodes.replicaNodes,
          isr: nodes.isrNodes,
          offlineReplicas: nodes.offlineReplicas,
        };
      }
      found.set(topic.name, {
        topicId: topic.topicId,
        isInternal: topic.isInternal,
        partitions,
        ...operationsOf(topic.topicAuthorizedOperations),
      });
    }
  }
  return found;
}
