import { type Decoded, type OffsetCommitResponse, offsetCommitApi } from '@tributary/wire';
import { maxVersions } from '../cluster.ts';
import type { Coordinator } from '../group/coordinator.ts';
import type { ConsumerGroupMetadata, TopicPartitionOffset } from '../types.ts';

/** One try. Resolves with an error code for each partition, which the caller reads. */
export async function commitOffsets(
  coordinator: Coordinator,
  { groupId, generation, memberId, groupInstanceId }: ConsumerGroupMetadata,
  offsets: readonly TopicPartitionOffset[],
  signal: AbortSignal | undefined,
): Promise<Decoded<OffsetCommitResponse>['topics']> {
  const response = await coordinator.request(
    offsetCommitApi,
    {
      groupId,
      generationIdOrMemberEpoch: generation,
      memberId,
      ...(groupInstanceId === null ? {} : { groupInstanceId }),
      topics: [...Map.groupBy(offsets, ({ topic }) => topic)].map(([name, owned]) => ({
        name,
        partitions: owned.map(({ partition, offset, leaderEpoch = -1 }) => ({
          partitionIndex: partition,
          committedOffset: offset,
          committedLeaderEpoch: leaderEpoch,
          committedMetadata: '',
        })),
      })),
    },
    { maxVersion: maxVersions.offsetCommit, ...(signal === undefined ? {} : { signal }) },
  );
  return response.topics;
}
