/**
 * Config keys of every connector. (no I/O) What is installed decides the class checks, defaults and recommendations, so the definition is made for a registry.
 * Source: Kafka Connect `ConnectorConfig`, `EnrichablePlugin`.
 */
import {
  boolean,
  ConfigError,
  type ConfigKey,
  classRef,
  int,
  list,
  long,
  nonEmptyWithoutControlChars,
  type PluginType,
  string,
  type Validator,
  validator,
} from '@tributary/sdk';
import { compareVersions, type PluginRegistry } from '../plugins/plugin-registry.ts';
import { parseVersionRange } from '../plugins/version-range.ts';

export interface ConnectorConfigContext {
  readonly registry: PluginRegistry;
  /** Class name or alias in `connector.class`; absent before it is known. */
  readonly connectorClass?: string | undefined;
  /** The worker's own converters, the defaults of every connector. */
  readonly workerConfig: Readonly<Record<string, string>>;
  /** The connector's own: the version of a converter that it names is the default there. */
  readonly connectorConfig?: Readonly<Record<string, string | null>>;
}

/** Of a worker whose config names none. */
export const defaultHeaderConverter = 'org.apache.kafka.connect.storage.SimpleHeaderConverter';

export function connectorKeys(context: ConnectorConfigContext): ConfigKey[] {
  const { registry, connectorClass, workerConfig, connectorConfig = {} } = context;
  const connectorVersions =
    connectorClass === undefined ? [] : registry.versions(connectorClass, ['source', 'sink']);
  const converterKeys = (
    name: 'key.converter' | 'value.converter' | 'header.converter',
    order: number,
    type: 'converter' | 'header_converter',
  ): ConfigKey[] => {
    const what = name.slice(0, -'.converter'.length);
    const title = `${what[0]?.toUpperCase()}${what.slice(1)}`;
    const workers = workerConfig[name];
    const plugin = workers === undefined ? undefined : registry.find(workers, [type]);
    const named = connectorConfig[name];
    const chosen = named == null ? plugin : registry.find(named.trim(), [type]);
    return [
      classRef(name, {
        default: plugin?.className ?? null,
        validator: isPluginOf(registry, type),
        importance: 'LOW',
        group: 'Common',
        order,
        width: 'SHORT',
        displayName: `${title} converter class`,
        doc: `Converter for record ${what === 'header' ? 'headers' : `${what}s`}; the worker's when absent. Its own keys follow under "${name}.".`,
        recommender: recommend(() => classNames(registry, type)),
      }),
      string(`${name}.plugin.version`, {
        default: chosen?.version ?? null,
        validator: isVersionRange(),
        importance: 'LOW',
        group: 'Common',
        order: order + 1,
        width: 'SHORT',
        displayName: `${title} converter version`,
        doc: `Version of the ${what} converter: a version, a range as Maven writes them, or "latest".`,
        recommender: {
          validValues: (_name, parsed) => versionsOf(registry, parsed[name], [type]),
          isVisible: (_name, parsed) => parsed[name] != null,
        },
      }),
    ];
  };
  return [
    string('name', {
      validator: nonEmptyWithoutControlChars(),
      importance: 'HIGH',
      group: 'Common',
      order: 1,
      width: 'MEDIUM',
      displayName: 'Connector name',
      doc: 'Name of the connector, unique in the cluster.',
    }),
    string('connector.class', {
      importance: 'HIGH',
      group: 'Common',
      order: 2,
      width: 'LONG',
      displayName: 'Connector class',
      doc: 'Class name or alias of the connector plugin.',
    }),
    string('connector.plugin.version', {
      default: connectorVersions.at(-1)?.version ?? null,
      validator: isVersionRange(),
      importance: 'MEDIUM',
      group: 'Common',
      order: 3,
      width: 'MEDIUM',
      displayName: 'Connector version',
      doc: 'Version of the connector plugin: a version, a range as Maven writes them, or "latest".',
      recommender: recommend(() =>
        connectorVersions.map((plugin) => plugin.version ?? 'undefined'),
      ),
    }),
    int('tasks.max', {
      default: 1,
      min: 1,
      importance: 'HIGH',
      group: 'Common',
      order: 4,
      width: 'SHORT',
      displayName: 'Tasks max',
      doc: 'How many tasks the connector may have at most.',
    }),
    boolean('tasks.max.enforce', {
      default: true,
      importance: 'LOW',
      group: 'Common',
      order: 5,
      width: 'SHORT',
      displayName: 'Enforce tasks max',
      doc: 'Whether a connector that makes more tasks than tasks.max fails. Deprecated.',
    }),
    ...converterKeys('key.converter', 6, 'converter'),
    ...converterKeys('value.converter', 8, 'converter'),
    ...converterKeys('header.converter', 10, 'header_converter'),
    list('transforms', {
      default: '',
      validator: uniqueAliases('transformation aliases'),
      importance: 'LOW',
      group: 'Transforms',
      order: 12,
      width: 'LONG',
      displayName: 'Transforms',
      doc: 'Aliases of the transformations, in the order in which records pass them.',
    }),
    list('predicates', {
      default: '',
      validator: uniqueAliases('predicate aliases'),
      importance: 'LOW',
      group: 'Predicates',
      order: 13,
      width: 'LONG',
      displayName: 'Predicates',
      doc: 'Aliases of the predicates that transformations may refer to.',
    }),
    string('config.action.reload', {
      default: 'restart',
      oneOf: ['none', 'restart'],
      importance: 'LOW',
      group: 'Common',
      order: 14,
      width: 'MEDIUM',
      displayName: 'Reload Action',
      doc: 'What happens when a config provider says that a value has expired.',
    }),
    long('errors.retry.timeout', {
      default: 0,
      group: 'Error Handling',
      order: 1,
      width: 'MEDIUM',
      displayName: 'Retry Timeout for Errors',
      doc: 'How long a failing operation on a record is tried again, in milliseconds; 0 never, -1 without end.',
    }),
    long('errors.retry.delay.max.ms', {
      default: 60000,
      group: 'Error Handling',
      order: 2,
      width: 'MEDIUM',
      displayName: 'Maximum Delay Between Retries for Errors',
      doc: 'Longest pause between two such tries, in milliseconds.',
    }),
    string('errors.tolerance', {
      default: 'none',
      oneOf: ['none', 'all'],
      group: 'Error Handling',
      order: 3,
      width: 'SHORT',
      displayName: 'Error Tolerance',
      doc: 'Whether a bad record fails the task ("none") or is skipped and reported ("all").',
    }),
    boolean('errors.log.enable', {
      default: false,
      group: 'Error Handling',
      order: 4,
      width: 'SHORT',
      displayName: 'Log Errors',
      doc: 'Whether each bad record is logged, also one that is tolerated.',
    }),
    boolean('errors.log.include.messages', {
      default: false,
      group: 'Error Handling',
      order: 5,
      width: 'SHORT',
      displayName: 'Log Error Details',
      doc: 'Whether such a log line also tells the content of a source record, or the position of a sink record.',
    }),
  ];
}

/** Keys that replace those of the same name, in their place; new ones follow. */
export function withKeys(keys: readonly ConfigKey[], more: readonly ConfigKey[]): ConfigKey[] {
  const byName = new Map(keys.map((key) => [key.name, key]));
  for (const key of more) byName.set(key.name, key);
  return [...byName.values()];
}

export function uniqueAliases(what: string): Validator {
  return validator(`non-null string, unique ${what}`, (name, value) => {
    if (value === null) throw new ConfigError(name, value, 'entry must be non null');
    const aliases = value as readonly string[];
    if (new Set(aliases).size < aliases.length) {
      throw new ConfigError(name, `[${aliases.join(', ')}]`, 'Duplicate alias provided.');
    }
  });
}

/** Maven's pattern of a version range is left to the registry; here only what parses as a class of that kind passes. */
function isPluginOf(registry: PluginRegistry, type: 'converter' | 'header_converter'): Validator {
  const contract = type === 'converter' ? 'Converter' : 'HeaderConverter';
  return validator(
    `A concrete subclass of org.apache.kafka.connect.storage.${contract}, A class with a public, no-argument constructor`,
    (_name, value) => {
      if (value === null || registry.find(value as string, [type]) !== undefined) return;
      throw new ConfigError(`Class class ${value} does not implement the ${contract} interface`);
    },
  );
}

/** Java's own has no text for the documentation, and does not name the key. */
function isVersionRange(): Validator {
  return validator('(code)', (_name, value) => {
    parseVersionRange(value as string | null);
  });
}

export function recommend(
  values: (parsed: Readonly<Record<string, unknown>>) => readonly unknown[],
): NonNullable<ConfigKey['recommender']> {
  return { validValues: (_name, parsed) => values(parsed), isVisible: () => true };
}

export function classNames(registry: PluginRegistry, ...types: PluginType[]): string[] {
  const names = registry.plugins
    .filter((plugin) => types.includes(plugin.type))
    .map((plugin) => plugin.className);
  return [...new Set(names)];
}

export function versionsOf(
  registry: PluginRegistry,
  name: unknown,
  types: readonly PluginType[],
): string[] {
  if (typeof name !== 'string') return [];
  return registry
    .versions(name, types)
    .sort((a, b) => compareVersions(a.version, b.version))
    .map((plugin) => plugin.version ?? 'undefined');
}
