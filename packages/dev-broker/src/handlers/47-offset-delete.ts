import { errorCodes, offsetDeleteApi } from '@tributary/wire';
import { subscribedTopics } from '../groups/subscription.ts';
import { defineHandler } from '../handler.ts';
import type { Change } from '../state.ts';

// Version 0. In a group of consumers with members, offsets of topics that nobody subscribes to can be deleted; in other groups with members none.

export const offsetDelete = defineHandler({
  api: offsetDeleteApi,
  minVersion: 0,
  maxVersion: 0,
  handle(broker, { groupId, topics }) {
    const group = broker.group(groupId);
    if (group === undefined) return { errorCode: errorCodes.GROUP_ID_NOT_FOUND, topics: [] };
    const subscribed = group.status === 'Empty' ? new Set<string>() : subscribedTopics(group);
    if (subscribed === undefined) return { errorCode: errorCodes.NON_EMPTY_GROUP, topics: [] };
    const changes: Change[] = [];
    const results = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        const exists = partitionIndex < (broker.topic(name)?.partitions ?? 0);
        const errorCode = !exists
          ? errorCodes.UNKNOWN_TOPIC_OR_PARTITION
          : subscribed.has(name)
            ? errorCodes.GROUP_SUBSCRIBED_TO_TOPIC
            : errorCodes.NONE;
        if (errorCode === errorCodes.NONE) {
          changes.push({ type: 'offset-removed', groupId, topic: name, partition: partitionIndex });
        }
        return { partitionIndex, errorCode };
      }),
    }));
    broker.commit(changes);
    return { errorCode: errorCodes.NONE, topics: results };
  },
  fail: (_, errorCode) => ({ errorCode, topics: [] }),
});
