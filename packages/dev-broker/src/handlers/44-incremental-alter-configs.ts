import {
  type Decoded,
  errorCodes,
  type IncrementalAlterConfigsRequest,
  incrementalAlterConfigsApi,
} from '@tributary/wire';
import type { Broker } from '../broker.ts';
import { defineHandler } from '../handler.ts';
import { refuseTopicConfigs, topicConfigKeys, topicConfigValue } from '../topic-config.ts';
import { type Refusal, refuseTopicName } from '../topics.ts';

// Versions 0-1, topics only: set, delete, and append and subtract for lists. The keys of the broker are fixed at its start.

type Resource = Decoded<IncrementalAlterConfigsRequest>['resources'][number];
type Operation = Resource['configs'][number];

const topicResource = 2;
const operations = { set: 0, delete: 1, append: 2, subtract: 3 };

export const incrementalAlterConfigs = defineHandler({
  api: incrementalAlterConfigsApi,
  minVersion: 0,
  maxVersion: 1,
  handle: (broker, { resources, validateOnly }) => ({
    responses: resources.map((resource) => {
      const { resourceType, resourceName } = resource;
      const refusal = alter(broker, resource, validateOnly);
      const errorCode = refusal?.errorCode ?? errorCodes.NONE;
      return { errorCode, errorMessage: refusal?.message ?? null, resourceType, resourceName };
    }),
  }),
  fail: ({ resources }, errorCode) => ({
    responses: resources.map(({ resourceType, resourceName }) => {
      return { errorCode, errorMessage: null, resourceType, resourceName };
    }),
  }),
});

/** Undefined when it is done. */
function alter(broker: Broker, resource: Resource, validateOnly: boolean): Refusal | undefined {
  const { resourceType, resourceName } = resource;
  if (resourceType !== topicResource) {
    const message = 'Only the configs of topics can be changed in the dev broker';
    return { errorCode: errorCodes.INVALID_REQUEST, message };
  }
  const badName = refuseTopicName(resourceName);
  if (badName !== undefined) return badName;
  const topic = broker.topic(resourceName);
  if (topic === undefined) {
    const message = `The topic '${resourceName}' does not exist.`;
    return { errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION, message };
  }
  const configs = new Map(topic.configs);
  for (const operation of resource.configs) {
    const refusal = apply(broker, configs, operation);
    if (refusal !== undefined) return refusal;
  }
  const refusal = refuseTopicConfigs(configs);
  if (refusal !== undefined) return { errorCode: errorCodes.INVALID_CONFIG, message: refusal };
  if (validateOnly) return undefined;
  const { name, id, partitions } = topic;
  broker.commit([{ type: 'topic', name, id, partitions, configs: Object.fromEntries(configs) }]);
  return undefined;
}

function apply(
  broker: Broker,
  configs: Map<string, string>,
  { name, configOperation, value }: Operation,
): Refusal | undefined {
  const no = (message: string) => ({ errorCode: errorCodes.INVALID_CONFIG, message });
  const key = topicConfigKeys[name];
  if (key === undefined) return no(`Unknown topic config name: ${name}`);
  if (configOperation === operations.delete) {
    configs.delete(name);
    return undefined;
  }
  if (value === null) return no(`Null value not supported for: ${name}`);
  if (configOperation === operations.set) {
    configs.set(name, value);
    return undefined;
  }
  const isKnown = configOperation === operations.append || configOperation === operations.subtract;
  if (!isKnown || key.type !== 'list') {
    return no(`Config operation ${configOperation} is not allowed for: ${name}`);
  }
  const present = split(topicConfigValue(configs, name, broker.config));
  const changed = split(value);
  const next =
    configOperation === operations.append
      ? [...new Set([...present, ...changed])]
      : present.filter((one) => !changed.includes(one));
  configs.set(name, next.join(','));
  return undefined;
}

function split(list: string): string[] {
  return list
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
