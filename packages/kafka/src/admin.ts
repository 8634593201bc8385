import {
  createTopicsApi,
  deleteGroupsApi,
  deleteTopicsApi,
  describeClusterApi,
  errorByCode,
  errorCodes,
  initProducerIdApi,
  leaveGroupApi,
  offsetCommitApi,
  offsetDeleteApi,
} from '@tributary/wire';
import { type BrokerConnection, Cluster, maxVersions } from './cluster.ts';
import { parseCommon } from './config.ts';

import { fetchCommitted, keyOf, listOffsets, partitionOf } from './consumer/positions.ts';
import { brokerError, clientError } from './errors.ts';
import { Coordinator } from './group/coordinator.ts';
import {
  type Admin,
  type ClientConfig,
  type ClientDeps,
  KafkaError,
  type TopicPartition,
} from './types.ts';

/** Sixteen zero bytes: the topic is named, not known by id. */
const noTopicId = 'AAAAAAAAAAAAAAAAAAAAAA';

/** Connects on first use. Every call tries again on retriable errors until `default.api.timeout.ms`. */
export function createAdmin(config: ClientConfig, deps: ClientDeps): Admin {
  const settings = parseCommon(config, deps.logger);
  const cluster = new Cluster(settings, deps);
  const timeoutMs = settings['default.api.timeout.ms'];
  const retry = <T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
    cluster.retry(call, { timeoutMs, signal });

  return {
    describeCluster: (signal) =>
      retry(async () => {
        const connection = await cluster.anyConnection();
        const response = await connection.request(describeClusterApi, {
          includeClusterAuthorizedOperations: false,
        });
        if (response.errorCode !== 0) {
          throw brokerError(
            response.errorCode,
            'Cannot describe the cluster',
            response.errorMessage,
          );
        }
        return {
          clusterId: response.clusterId,
          controllerId: response.controllerId,
          brokers: response.brokers.map(({ brokerId, host, port }) => ({
            id: brokerId,
            host,
            port,
          })),
        };
      }, signal),

    createTopic: ({ topic, partitions, replicationFactor, configs }, signal) =>
      retry(async () => {
        const what = `Cannot create topic "${topic}"`;
        const connection = await controller(cluster);
        const response = await connection.request(createTopicsApi, {
          topics: [
            {
              name: topic,
              numPartitions: partitions,
              replicationFactor,
              assignments: [],
              configs: Object.entries(configs ?? {}).map(([name, value]) => ({ name, value })),
            },
          ],
          timeoutMs: settings['request.timeout.ms'],
        });
        const [result] = response.topics;
        if (result === undefined)
          throw clientError('CORRUPT_RESPONSE', `${what}: no answer for it`);
        if (result.errorCode === 0) return true;
        if (result.errorCode === errorCodes.TOPIC_ALREADY_EXISTS) return false;
        throw controllerError(cluster, result.errorCode, what, result.errorMessage);
      }, signal),

    deleteTopics: (topics, signal) => {
      const left = new Set(topics);
      let isRepeated = false;
      return retry(async () => {
        const names = [...left];
        const wasRepeated = isRepeated;
        isRepeated = true;
        const connection = await controller(cluster);
        const timeoutMs = settings['request.timeout.ms'];
        const response = await connection.request(deleteTopicsApi, (version) =>
          version >= 6
            ? { topics: names.map((name) => ({ name, topicId: noTopicId })), timeoutMs }
            : { topicNames: names, timeoutMs },
        );
        let failure: KafkaError | null = null;
        for (const { name, errorCode } of response.responses) {
          const isUnknown = errorCode === errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
          // A request whose answer was lost may have deleted it.
          if (errorCode === 0 || (isUnknown && wasRepeated)) left.delete(name ?? '');
          else {
            const what = `Cannot delete topic "${name}"`;
            failure ??= isUnknown
              ? lasting(brokerError(errorCode, what))
              : controllerError(cluster, errorCode, what, null);
          }
        }
        if (failure !== null) throw failure;
      }, signal);
    },

    describeTopics: (topics, signal) =>
      retry(async () => {
        for (const topic of topics) cluster.forgetTopic(topic);
        if (topics.length > 0) await cluster.refresh(topics, { allowCreation: false });
        const found = new Map<string, { partitions: number }>();
        for (const topic of topics) {
          const known = cluster.topic(topic);
          const code = cluster.topicError(topic);
          if (known !== undefined) found.set(topic, { partitions: known.partitions.length });
          else if (code !== errorCodes.UNKNOWN_TOPIC_OR_PARTITION) {
            throw brokerError(code, `Cannot describe topic "${topic}"`);
          }
        }
        return found;
      }, signal),

    listTopics: (signal) => retry(async () => [...(await cluster.listTopics()).keys()], signal),

    listOffsets: (partitions, at, signal) =>
      retry(async () => {
        const topics = [...new Set(partitions.map(({ topic }) => topic))];
        await cluster.refresh(topics, { allowCreation: false });
        for (const topic of topics) {
          const code = cluster.topicError(topic);
          if (code !== 0) throw brokerError(code, `Cannot list offsets of topic "${topic}"`);
        }
        const { found, errors } = await listOffsets(cluster, partitions, at, {
          isolation: 0,
          signal,
        });
        if (errors[0] !== undefined) throw errors[0];
        return partitions.flatMap(({ topic, partition }) => {
          const offset = found.get(keyOf({ topic, partition }));
          return offset === undefined ? [] : [{ topic, partition, offset }];
        });
      }, signal),

    listGroupOffsets: (groupId, signal) =>
      retry(async () => {
        const coordinator = new Coordinator(cluster, groupId);
        const offsets = await fetchCommitted(coordinator, groupId, null, signal);
        return [...offsets].map(([key, offset]) => ({ ...partitionOf(key), offset }));
      }, signal),

    alterGroupOffsets: (groupId, offsets, signal) =>
      retry(async () => {
        const coordinator = new Coordinator(cluster, groupId);
        const response = await coordinator.request(
          offsetCommitApi,
          {
            groupId,
            generationIdOrMemberEpoch: -1,
            memberId: '',
            topics: [...Map.groupBy(offsets, ({ topic }) => topic)].map(([name, owned]) => ({
              name,
              partitions: owned.map(({ partition, offset }) => ({
                partitionIndex: partition,
                committedOffset: offset,
                committedMetadata: '',
              })),
            })),
          },
          { maxVersion: maxVersions.offsetCommit },
        );
        throwFirstError(coordinator, response.topics, `Cannot alter offsets of group "${groupId}"`);
      }, signal),

    deleteGroupOffsets: (groupId, partitions, signal) =>
      retry(async () => {
        const coordinator = new Coordinator(cluster, groupId);
        const what = `Cannot delete offsets of group "${groupId}"`;
        const response = await coordinator.request(offsetDeleteApi, {
          groupId,
          topics: byTopic(partitions),
        });
        if (response.errorCode !== 0) throw coordinator.errorOf(response.errorCode, what);
        throwFirstError(coordinator, response.topics, what);
      }, signal),

    fenceProducers: async (transactionalIds, signal) => {
      for (const transactionalId of transactionalIds) {
        const coordinator = new Coordinator(cluster, transactionalId, 'transaction');
        await retry(async () => {
          const { errorCode } = await coordinator.request(initProducerIdApi, {
            transactionalId,
            // For the producer that nobody will be; a broker wants one above 0.
            transactionTimeoutMs: settings['request.timeout.ms'],
          });
          if (errorCode === 0) return;
          throw coordinator.errorOf(errorCode, `Cannot fence producers of "${transactionalId}"`);
        }, signal);
      }
    },

    async removeMembers(members, signal) {
      for (const { groupId, memberId } of members) {
        await retry(async () => {
          const coordinator = new Coordinator(cluster, groupId);
          const response = await coordinator.request(leaveGroupApi, (version) =>
            version >= 3 ? { groupId, members: [{ memberId }] } : { groupId, memberId },
          );
          const code = response.errorCode || (response.members[0]?.errorCode ?? 0);
          if (code === 0 || errorByCode(code).name === 'UNKNOWN_MEMBER_ID') return;
          throw coordinator.errorOf(code, `Cannot remove a member of group "${groupId}"`);
        }, signal);
      }
    },

    deleteGroup: (groupId, signal) =>
      retry(async () => {
        const coordinator = new Coordinator(cluster, groupId);
        const response = await coordinator.request(deleteGroupsApi, { groupsNames: [groupId] });
        const code = response.results[0]?.errorCode ?? 0;
        if (errorByCode(code).name === 'GROUP_ID_NOT_FOUND') return false;
        if (code !== 0) throw coordinator.errorOf(code, `Cannot delete group "${groupId}"`);
        return true;
      }, signal),

    async close() {
      cluster.close();
    },
  };
}

async function controller(cluster: Cluster): Promise<BrokerConnection> {
  if (cluster.controllerId < 0) await cluster.listTopics();
  if (!cluster.brokers.has(cluster.controllerId)) return cluster.anyConnection();
  try {
    return await cluster.connection(cluster.controllerId, 'general');
  } catch (error) {
    cluster.controllerId = -1;
    throw error;
  }
}

/** Where the controller has moved it is looked up again. */
function controllerError(
  cluster: Cluster,
  code: number,
  what: string,
  detail: string | null,
): KafkaError {
  if (code === errorCodes.NOT_CONTROLLER) cluster.controllerId = -1;
  return brokerError(code, what, detail);
}

/** The same error, when to try again is of no use to whoever asked. */
function lasting(error: KafkaError): KafkaError {
  const { errorName, errorCode, message } = error;
  return new KafkaError(message, { errorName, errorCode, isRetriable: false });
}

function byTopic(
  partitions: readonly TopicPartition[],
): { name: string; partitions: { partitionIndex: number }[] }[] {
  return [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, owned]) => ({
    name,
    partitions: owned.map(({ partition }) => ({ partitionIndex: partition })),
  }));
}

function throwFirstError(
  coordinator: Coordinator,
  topics: readonly {
    name: string;
    partitions: readonly { partitionIndex: number; errorCode: number }[];
  }[],
  what: string,
): void {
  for (const { name, partitions } of topics) {
    for (const { partitionIndex, errorCode } of partitions) {
      if (errorCode === 0) continue;
      const error = coordinator.errorOf(
        errorCode,
        `${what}, partition ${partitionIndex} of topic "${name}"`,
      );
      throw errorCode === errorCodes.UNKNOWN_TOPIC_OR_PARTITION ? lasting(error) : error;
    }
  }
}
