import {
  type DescribeTopicPartitionsResponse,
  describeTopicPartitionsApi,
  errorCodes,
  zeroUuid,
} from '@tributary/wire';
import type { Broker } from '../broker.ts';
import { defineHandler } from '../handler.ts';
import type { Topic } from '../state.ts';
import { isInternalTopic, refuseTopicName } from '../topics.ts';

// Version 0. Topics in the order of their names, a page at a time; no topics in the request: all.

type TopicResponse = DescribeTopicPartitionsResponse['topics'][number];
type Cursor = NonNullable<DescribeTopicPartitionsResponse['nextCursor']>;

export const describeTopicPartitions = defineHandler({
  api: describeTopicPartitionsApi,
  minVersion: 0,
  maxVersion: 0,
  handle(broker, { topics, cursor, responsePartitionLimit }) {
    const isAll = topics.length === 0;
    const names = (isAll ? [...broker.state.topics.keys()] : topics.map(({ name }) => name))
      .sort()
      .filter((name) => cursor === null || name >= cursor.topicName);
    let partitionsLeft = Math.min(Math.max(responsePartitionLimit, 1), 2000);
    const described: TopicResponse[] = [];
    for (const name of names) {
      const topic = broker.topic(name);
      if (topic === undefined) {
        described.push(unknown(name));
        continue;
      }
      const from = cursor?.topicName === name ? Math.max(cursor.partitionIndex, 0) : 0;
      if (partitionsLeft === 0) return page(described, { topicName: name, partitionIndex: from });
      const to = Math.min(topic.partitions, from + partitionsLeft);
      described.push(describe(broker, topic, from, to));
      partitionsLeft -= to - from;
      if (to < topic.partitions) return page(described, { topicName: name, partitionIndex: to });
    }
    return page(described, null);
  },
  fail: ({ topics }, errorCode) => ({
    topics: topics.map(({ name }) => ({ ...unknown(name), errorCode })),
    nextCursor: null,
  }),
});

function page(topics: TopicResponse[], nextCursor: Cursor | null): DescribeTopicPartitionsResponse {
  return { topics, nextCursor };
}

function describe(broker: Broker, topic: Topic, from: number, to: number): TopicResponse {
  const nodeId = broker.config['node.id'];
  return {
    errorCode: errorCodes.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: Array.from({ length: to - from }, (_, i) => ({
      errorCode: errorCodes.NONE,
      partitionIndex: from + i,
      leaderId: nodeId,
      leaderEpoch: 0,
      replicaNodes: [nodeId],
      isrNodes: [nodeId],
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
      offlineReplicas: [],
    })),
  };
}

function unknown(name: string): TopicResponse {
  const errorCode = refuseTopicName(name)?.errorCode ?? errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
  return { errorCode, name, topicId: zeroUuid, partitions: [] };
}
