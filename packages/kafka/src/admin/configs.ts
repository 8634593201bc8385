import { describeConfigsApi, incrementalAlterConfigsApi } from '@tributary/wire';
import { brokerError, clientError } from '../errors.ts';
import type { KafkaError } from '../types.ts';
import {
  type AdminContext,
  type Answers,
  askEach,
  brokerConnection,
  controllerConnection,
  lastingIfUnknown,
  settleItems,
} from './context.ts';
import type {
  Admin,
  ConfigAlteration,
  ConfigEntry,
  ConfigResource,
  ConfigSource,
  ConfigSynonym,
  DescribedConfigs,
} from './types.ts';

const typeCodes = { TOPIC: 2, BROKER: 4, BROKER_LOGGER: 8, CLIENT_METRICS: 16, GROUP: 32 } as const;
const operationCodes = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

/** By their number on the wire. Source: Kafka `DescribeConfigsResponse.ConfigSource`. */
const sources: readonly ConfigSource[] = [
  'UNKNOWN',
  'DYNAMIC_TOPIC_CONFIG',
  'DYNAMIC_BROKER_CONFIG',
  'DYNAMIC_DEFAULT_BROKER_CONFIG',
  'STATIC_BROKER_CONFIG',
  'DEFAULT_CONFIG',
  'DYNAMIC_BROKER_LOGGER_CONFIG',
  'DYNAMIC_CLIENT_METRICS_CONFIG',
  'DYNAMIC_GROUP_CONFIG',
];

export function configCalls(
  context: AdminContext,
): Pick<Admin, 'describeConfigs' | 'incrementalAlterConfigs'> {
  return {
    describeConfigs: (resources, signal, { includeSynonyms = false } = {}) =>
      settleItems(
        context,
        new Map(resources.map((resource) => [keyOf(resource), resource])),
        (left) =>
          askEach(Map.groupBy(left.values(), nodeOf), keyOf, (node, asked) =>
            describe(context, node, asked, includeSynonyms),
          ),
        (found) =>
          resources.flatMap((resource) => {
            const entries = found.get(keyOf(resource));
            return entries === undefined ? [] : [{ resource, entries }];
          }) satisfies DescribedConfigs[],
        signal,
      ),

    incrementalAlterConfigs: (alterations, signal, { validateOnly = false } = {}) =>
      settleItems(
        context,
        new Map(alterations.map((alteration) => [keyOf(alteration.resource), alteration])),
        (left) =>
          askEach(
            Map.groupBy(left.values(), ({ resource }) => nodeOf(resource)),
            ({ resource }) => keyOf(resource),
            (node, asked) => alter(context, node, asked, validateOnly),
          ),
        () => undefined,
        signal,
      ),
  };
}

export function configEntryOf(config: {
  name: string;
  value: string | null;
  readOnly: boolean;
  configSource: number;
  isSensitive: boolean;
  synonyms?: readonly { name: string; value: string | null; source: number }[];
}): ConfigEntry {
  const synonyms: ConfigSynonym[] = (config.synonyms ?? []).map(({ name, value, source }) => {
    return { name, value, source: sources[source] ?? 'UNKNOWN' };
  });
  return {
    name: config.name,
    value: config.value,
    source: sources[config.configSource] ?? 'UNKNOWN',
    isSensitive: config.isSensitive,
    isReadOnly: config.readOnly,
    synonyms,
  };
}

/** A broker's own configs are known to that broker alone; whatever else there is to any: null. */
function nodeOf({ type, name }: ConfigResource): number | null {
  const isOfOneBroker = (type === 'BROKER' || type === 'BROKER_LOGGER') && name !== '';
  if (!isOfOneBroker) return null;
  if (/^\d+$/.test(name)) return Number(name);
  throw clientError('INVALID_CONFIG', `"${name}" is not the id of a broker`);
}

async function describe(
  context: AdminContext,
  node: number | null,
  resources: readonly ConfigResource[],
  includeSynonyms: boolean,
): Promise<Answers<ConfigEntry[]>> {
  const connection = await (node === null
    ? context.cluster.anyConnection()
    : brokerConnection(context, node));
  const response = await connection.request(describeConfigsApi, {
    resources: resources.map(({ type, name }) => ({
      resourceType: typeCodes[type],
      resourceName: name,
      configurationKeys: null,
    })),
    includeSynonyms,
  });
  return new Map(
    response.results.map(({ errorCode, errorMessage, configs, ...of }) => {
      const key = keyOfCodes(of);
      const what = `Cannot describe the configuration of ${key}`;
      return [
        key,
        errorCode === 0 ? configs.map(configEntryOf) : failure(errorCode, what, errorMessage),
      ];
    }),
  );
}

async function alter(
  context: AdminContext,
  node: number | null,
  alterations: readonly ConfigAlteration[],
  validateOnly: boolean,
): Promise<Answers<null>> {
  const connection = await (node === null
    ? controllerConnection(context)
    : brokerConnection(context, node));
  const response = await connection.request(incrementalAlterConfigsApi, {
    resources: alterations.map(({ resource, changes }) => ({
      resourceType: typeCodes[resource.type],
      resourceName: resource.name,
      configs: changes.map(({ name, operation, value = null }) => {
        return { name, configOperation: operationCodes[operation], value };
      }),
    })),
    validateOnly,
  });
  return new Map(
    response.responses.map(({ errorCode, errorMessage, ...of }) => {
      const key = keyOfCodes(of);
      const what = `Cannot alter the configuration of ${key}`;
      return [key, errorCode === 0 ? null : failure(errorCode, what, errorMessage)];
    }),
  );
}

function failure(errorCode: number, what: string, detail: string | null): KafkaError {
  return lastingIfUnknown(errorCode, brokerError(errorCode, what, detail));
}

function keyOf({ type, name }: ConfigResource): string {
  return `${type} ${name}`;
}

function keyOfCodes(of: { resourceType: number; resourceName: string }): string {
  const [type] = Object.entries(typeCodes).find(([, code]) => code === of.resourceType) ?? [];
  return `${type} ${of.resourceName}`;
}
