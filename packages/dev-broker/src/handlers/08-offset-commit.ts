import { errorCodes, type OffsetCommitResponse, offsetCommitApi } from '@tributary/wire';
import { defineHandler } from '../handler.ts';
import type { Change, Topic } from '../state.ts';

// Versions 2-10. Offsets are kept until the group is deleted, or offsets.retention.minutes after it lost its last member;
// the retention time of versions 2-4 is ignored.

type TopicResponse = OffsetCommitResponse['topics'][number];

export const offsetCommit = defineHandler({
  api: offsetCommitApi,
  minVersion: 2,
  maxVersion: 10,
  handle(broker, request, call) {
    const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch } = request;
    const refusal =
      groupId === ''
        ? errorCodes.INVALID_GROUP_ID
        : (broker
            .group(groupId)
            ?.checkCommit(memberId, groupInstanceId, generationIdOrMemberEpoch) ??
          (generationIdOrMemberEpoch < 0 ? errorCodes.NONE : errorCodes.ILLEGAL_GENERATION));
    if (refusal !== errorCodes.NONE)
      return offsetCommitFailed(request.topics, refusal, call.version);
    const committedMs = broker.clock.now();
    const changes: Change[] = [];
    const topics = request.topics.map(({ name, topicId, partitions }): TopicResponse => {
      const topic = call.version >= 10 ? broker.topicById(topicId) : broker.topic(name);
      const results = partitions.map((one) => {
        const { partitionIndex } = one;
        const errorCode = check(
          topic,
          partitionIndex,
          one.committedMetadata,
          broker.config['offset.metadata.max.bytes'],
          call.version,
        );
        if (errorCode === errorCodes.NONE && topic !== undefined) {
          changes.push({
            type: 'offset',
            groupId,
            topic: topic.name,
            partition: partitionIndex,
            offset: Number(one.committedOffset),
            leaderEpoch: one.committedLeaderEpoch,
            metadata: one.committedMetadata ?? '',
            committedMs,
          });
        }
        return { partitionIndex, errorCode };
      });
      return call.version >= 10 ? { topicId, partitions: results } : { name, partitions: results };
    });
    if (changes.length > 0) broker.groupOrNew(groupId);
    broker.commit(changes);
    return { topics };
  },
  fail: (request, errorCode, { version }) => offsetCommitFailed(request.topics, errorCode, version),
});

function check(
  topic: Topic | undefined,
  partition: number,
  metadata: string | null,
  maxMetadataBytes: number,
  version: number,
): number {
  if (topic === undefined) {
    return version >= 10 ? errorCodes.UNKNOWN_TOPIC_ID : errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
  }
  if (partition < 0 || partition >= topic.partitions) return errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
  const isTooLarge = metadata !== null && Buffer.byteLength(metadata) > maxMetadataBytes;
  return isTooLarge ? errorCodes.OFFSET_METADATA_TOO_LARGE : errorCodes.NONE;
}

function offsetCommitFailed(
  topics: readonly {
    name: string;
    topicId: string;
    partitions: readonly { partitionIndex: number }[];
  }[],
  errorCode: number,
  version: number,
): OffsetCommitResponse {
  return {
    topics: topics.map(({ name, topicId, partitions }) => ({
      ...(version >= 10 ? { topicId } : { name }),
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  };
}
