import type { DescribeConfigsResponse } from '@tributary/wire';
import type { Broker } from '../broker.ts';
import { type TopicConfigs, type TopicConfigType, topicConfigKeys } from '../topic-config.ts';

type ConfigResponse = DescribeConfigsResponse['results'][number]['configs'][number];

const sources = { topic: 1, dynamicDefaultBroker: 3, staticBroker: 4, default: 5 };
const types: Record<TopicConfigType | 'unknown', number> = {
  unknown: 0,
  boolean: 1,
  string: 2,
  int: 3,
  long: 5,
  double: 6,
  list: 7,
};

/** Names null: all. */
export function describeTopicConfigs(
  broker: Broker,
  configs: TopicConfigs,
  names: readonly string[] | null,
): ConfigResponse[] {
  const wanted = Object.entries(topicConfigKeys).filter(([name]) => names?.includes(name) ?? true);
  return wanted.map(([name, key]) => {
    const fallback = key.default(broker.config);
    const own = configs.get(name);
    const synonyms = [
      ...(own === undefined ? [] : [{ name, value: own, source: sources.topic }]),
      { name: key.brokerKey ?? name, value: fallback, source: sources.default },
    ];
    return {
      name,
      value: own ?? fallback,
      readOnly: false,
      configSource: own === undefined ? sources.default : sources.topic,
      isSensitive: false,
      synonyms,
      configType: types[key.type],
      documentation: null,
    };
  });
}

export function describeBrokerConfigs(
  broker: Broker,
  names: readonly string[] | null,
): ConfigResponse[] {
  const wanted = Object.entries(broker.config).filter(([name]) => names?.includes(name) ?? true);
  return wanted.map(([name, value]) => ({
    name,
    value: String(value),
    readOnly: true,
    configSource: sources.staticBroker,
    isSensitive: false,
    synonyms: [{ name, value: String(value), source: sources.staticBroker }],
    configType: types[typeof value === 'number' ? 'long' : (typeof value as 'string' | 'boolean')],
    documentation: null,
  }));
}
