import { type CreatePartitionsResponse, createPartitionsApi, errorCodes } from '@tributary/wire';
import type { Broker } from '../broker.ts';
import { defineHandler } from '../handler.ts';

// Versions 0-3. Assignments may be given, they can only name this broker and are not looked at.

type Result = CreatePartitionsResponse['results'][number];

export const createPartitions = defineHandler({
  api: createPartitionsApi,
  minVersion: 0,
  maxVersion: 3,
  handle: (broker, { topics, validateOnly }) => ({
    results: topics.map(({ name, count }) => raise(broker, name, count, validateOnly)),
  }),
  fail: ({ topics }, errorCode) => ({ results: topics.map(({ name }) => ({ name, errorCode })) }),
});

function raise(broker: Broker, name: string, count: number, validateOnly: boolean): Result {
  const topic = broker.topic(name);
  if (topic === undefined) return { name, errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION };
  if (count <= topic.partitions || count > 10_000) {
    return {
      name,
      errorCode: errorCodes.INVALID_PARTITIONS,
      errorMessage: `The topic ${name} currently has ${topic.partitions} partition(s); ${count} would not be an increase.`,
    };
  }
  if (!validateOnly) {
    const { id, configs } = topic;
    broker.commit([
      { type: 'topic', name, id, partitions: count, configs: Object.fromEntries(configs) },
    ]);
  }
  return { name, errorCode: errorCodes.NONE };
}
