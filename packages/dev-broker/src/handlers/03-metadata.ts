import {
  type Decoded,
  errorCodes,
  type MetadataRequest,
  type MetadataResponse,
  metadataApi,
  zeroUuid,
} from '@tributary/wire';
import type { Broker } from '../broker.ts';
import { defineHandler } from '../handler.ts';
import type { Topic } from '../state.ts';
import { createTopic, isInternalTopic, refuseNewTopic, refuseTopicName } from '../topics.ts';

// Versions 0-13. Makes unknown topics where client and auto.create.topics.enable agree. Left out: authorised operations (there are no ACLs).

type TopicResponse = MetadataResponse['topics'][number];

export const metadata = defineHandler({
  api: metadataApi,
  minVersion: 0,
  maxVersion: 13,
  handle(broker, request, { version }) {
    const { nodeId, host, port } = { nodeId: broker.config['node.id'], ...broker.address };
    return {
      brokers: [{ nodeId, host, port }],
      clusterId: broker.clusterId,
      controllerId: nodeId,
      topics: wantedTopics(broker, request, version),
    };
  },
  fail: (request, errorCode) => ({
    brokers: [],
    topics: (request.topics ?? []).map(({ name, topicId }) => refused(name, topicId, errorCode)),
  }),
});

function wantedTopics(
  broker: Broker,
  request: Decoded<MetadataRequest>,
  version: number,
): TopicResponse[] {
  const isAll = request.topics === null || (version === 0 && request.topics.length === 0);
  if (isAll) return [...broker.state.topics.values()].map((topic) => describe(broker, topic));
  const mayCreate = broker.config['auto.create.topics.enable'] && request.allowAutoTopicCreation;
  return (request.topics ?? []).map(({ name, topicId }) => {
    // Java's clients send an empty name with an id.
    if (topicId !== zeroUuid) {
      const topic = broker.topicById(topicId);
      return topic ? describe(broker, topic) : refused(null, topicId, errorCodes.UNKNOWN_TOPIC_ID);
    }
    if (name === null) return refused(null, topicId, errorCodes.UNKNOWN_TOPIC_ID);
    const topic = broker.topic(name);
    if (topic !== undefined) return describe(broker, topic);
    const badName = refuseTopicName(name);
    if (badName !== undefined) return refused(name, zeroUuid, badName.errorCode);
    if (!mayCreate) return refused(name, zeroUuid, errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
    const partitions = broker.config['num.partitions'];
    const refusal = refuseNewTopic(broker, name, partitions, 1, []);
    if (refusal !== undefined) return refused(name, zeroUuid, refusal.errorCode);
    return describe(broker, createTopic(broker, name, partitions, {}));
  });
}

function describe(broker: Broker, topic: Topic): TopicResponse {
  const nodeId = broker.config['node.id'];
  return {
    errorCode: errorCodes.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: Array.from({ length: topic.partitions }, (_, partitionIndex) => ({
      errorCode: errorCodes.NONE,
      partitionIndex,
      leaderId: nodeId,
      leaderEpoch: 0,
      replicaNodes: [nodeId],
      isrNodes: [nodeId],
    })),
  };
}

function refused(name: string | null, topicId: string, errorCode: number): TopicResponse {
  return { errorCode, name, topicId, partitions: [] };
}
