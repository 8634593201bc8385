import {
  type Decoded,
  errorCodes,
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitResponse,
  txnOffsetCommitApi,
} from '@tributary/wire';
import { defineHandler } from '../handler.ts';
import type { NamedOffset } from '../state.ts';
import { addOffsets } from '../transactions/coordinator.ts';

// Versions 0-5. From version 3 a consumer that has lost its place in the group is refused. With version 5 the group need not be added first.

export const txnOffsetCommit = defineHandler({
  api: txnOffsetCommitApi,
  minVersion: 0,
  maxVersion: 5,
  handle(broker, request, { version }) {
    const { groupId, transactionalId, producerEpoch } = request;
    if (groupId === '') return answer(request, () => errorCodes.INVALID_GROUP_ID);
    const group = broker.group(groupId);
    const { memberId, groupInstanceId, generationId } = request;
    const isWithoutMember = memberId === '' && generationId < 0;
    const refusal =
      group?.checkTransactionalCommit(memberId, groupInstanceId, generationId) ??
      (isWithoutMember ? errorCodes.NONE : errorCodes.UNKNOWN_MEMBER_ID);
    if (refusal !== errorCodes.NONE) return answer(request, () => refusal);
    const committedMs = broker.clock.now();
    const exists = (topic: string, partition: number) => broker.log(topic, partition) !== undefined;
    const offsets: NamedOffset[] = request.topics.flatMap(({ name, partitions }) => {
      const known = partitions.filter(({ partitionIndex }) => exists(name, partitionIndex));
      return known.map((one) => ({
        groupId,
        topic: name,
        partition: one.partitionIndex,
        offset: Number(one.committedOffset),
        leaderEpoch: one.committedLeaderEpoch,
        metadata: one.committedMetadata ?? '',
        committedMs,
      }));
    });
    const producer = { transactionalId, producerId: Number(request.producerId), producerEpoch };
    const errorCode = addOffsets(broker, producer, groupId, offsets, version >= 5);
    return answer(request, (topic, partition) => {
      return exists(topic, partition) ? errorCode : errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
    });
  },
  fail: (request, errorCode) => answer(request, () => errorCode),
});

function answer(
  { topics }: Decoded<TxnOffsetCommitRequest>,
  codeOf: (topic: string, partition: number) => number,
): TxnOffsetCommitResponse {
  return {
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        return { partitionIndex, errorCode: codeOf(name, partitionIndex) };
      }),
    })),
  };
}
