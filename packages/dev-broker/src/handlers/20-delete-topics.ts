import { deleteTopicsApi, errorCodes, zeroUuid } from '@tributary/wire';
import { defineHandler } from '../handler.ts';

// Versions 1-6: by name, from version 6 by id too. The files are gone when the answer comes. Committed offsets of the topic go with it.

export const deleteTopics = defineHandler({
  api: deleteTopicsApi,
  minVersion: 1,
  maxVersion: 6,
  handle(broker, request, { version }) {
    const wanted =
      version >= 6
        ? request.topics
        : request.topicNames.map((name) => ({ name, topicId: zeroUuid }));
    return {
      responses: wanted.map(({ name, topicId }) => {
        const topic = name === null ? broker.topicById(topicId) : broker.topic(name);
        if (topic === undefined) {
          const isById = name === null;
          return {
            name,
            topicId,
            errorCode: isById ? errorCodes.UNKNOWN_TOPIC_ID : errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
          };
        }
        broker.commit([{ type: 'topic-removed', name: topic.name }]);
        return { name: topic.name, topicId: topic.id, errorCode: errorCodes.NONE };
      }),
    };
  },
  fail(request, errorCode, { version }) {
    const wanted =
      version >= 6
        ? request.topics
        : request.topicNames.map((name) => ({ name, topicId: zeroUuid }));
    return { responses: wanted.map(({ name, topicId }) => ({ name, topicId, errorCode })) };
  },
});
