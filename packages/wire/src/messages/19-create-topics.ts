import { defineApi, type RequestOf, type ResponseOf } from '../api.ts';
import { array, boolean, int8, int16, int32, string, uuid } from '../schema.ts';

/**
 * Creates topics. -1 partitions or replicas: the broker's default (from version 4).
 */
export const createTopicsApi = defineApi({
  key: 19,
  name: 'CreateTopics',
  minVersion: 2,
  maxVersion: 7,
  flexibleFrom: 5,
  request: {
    topics: array({
      name: string(),
      numPartitions: int32(),
      replicationFactor: int16(),
      assignments: array({
        partitionIndex: int32(),
        brokerIds: array(int32()),
      }),
      configs: array({
        name: string(),
        value: string({ nullable: '0+' }),
      }),
    }),
    timeoutMs: int32({ default: 60_000 }),
    validateOnly: boolean({ default: false }),
  },
  response: {
    throttleTimeMs: int32({ default: 0, ignorable: true }),
    topics: array({
      name: string(),
      topicId: uuid({ versions: '7+', ignorable: true }),
      errorCode: int16(),
      errorMessage: string({ nullable: '0+', ignorable: true }),
      topicConfigErrorCode: int16({ versions: '5+', ignorable: true, tag: 0 }),
      numPartitions: int32({ versions: '5+', default: -1, ignorable: true }),
      replicationFactor: int16({ versions: '5+', default: -1, ignorable: true }),
      configs: array(
        {
          name: string(),
          value: string({ nullable: '0+' }),
          readOnly: boolean(),
          configSource: int8({ default: -1, ignorable: true }),
          isSensitive: boolean(),
        },
        { versions: '5+', nullable: '0+', ignorable: true },
      ),
    }),
  },
});

export type CreateTopicsRequest = RequestOf<typeof createTopicsApi>;
export type CreateTopicsResponse = ResponseOf<typeof createTopicsApi>;
