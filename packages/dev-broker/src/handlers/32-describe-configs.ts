import { type DescribeConfigsResponse, describeConfigsApi, errorCodes } from '@tributary/wire';
import type { Broker } from '../broker.ts';
import { defineHandler } from '../handler.ts';
import { refuseTopicName } from '../topics.ts';
import { describeBrokerConfigs, describeTopicConfigs } from './describe-configs.ts';

// Versions 1-4: topics (2) and this broker (4), whose keys are those that have an effect here. Left out: documentation.

type Result = DescribeConfigsResponse['results'][number];
type Resource = Pick<Result, 'resourceType' | 'resourceName'>;

const topicResource = 2;
const brokerResource = 4;

export const describeConfigs = defineHandler({
  api: describeConfigsApi,
  minVersion: 1,
  maxVersion: 4,
  handle: (broker, { resources, includeSynonyms }) => ({
    results: resources.map(({ resourceType, resourceName, configurationKeys }) => {
      const result = describe(broker, { resourceType, resourceName }, configurationKeys);
      if (includeSynonyms) return result;
      return { ...result, configs: result.configs.map((one) => ({ ...one, synonyms: [] })) };
    }),
  }),
  fail: ({ resources }, errorCode) => ({
    results: resources.map((one) => refused(one, errorCode, null)),
  }),
});

function describe(broker: Broker, resource: Resource, keys: readonly string[] | null): Result {
  const { resourceType, resourceName } = resource;
  const found = { errorCode: errorCodes.NONE, errorMessage: null, resourceType, resourceName };
  if (resourceType === topicResource) {
    const badName = refuseTopicName(resourceName);
    if (badName !== undefined) return refused(resource, badName.errorCode, badName.message);
    const topic = broker.topic(resourceName);
    if (topic === undefined) return refused(resource, errorCodes.UNKNOWN_TOPIC_OR_PARTITION, null);
    return { ...found, configs: describeTopicConfigs(broker, topic.configs, keys) };
  }
  if (resourceType !== brokerResource) {
    return refused(
      resource,
      errorCodes.INVALID_REQUEST,
      `Resource type ${resourceType} is unknown`,
    );
  }
  // The empty name stands for the defaults of all brokers, of which there are none.
  if (resourceName === '') return { ...found, configs: [] };
  if (resourceName !== String(broker.config['node.id'])) {
    return refused(
      resource,
      errorCodes.INVALID_REQUEST,
      `There is no broker "${resourceName}" here`,
    );
  }
  return { ...found, configs: describeBrokerConfigs(broker, keys) };
}

function refused(resource: Resource, errorCode: number, errorMessage: string | null): Result {
  const { resourceType, resourceName } = resource;
  return { errorCode, errorMessage, resourceType, resourceName, configs: [] };
}
