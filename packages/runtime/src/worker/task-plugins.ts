import {
  ConfigError,
  ConnectError,
  type ConnectRecord,
  type Converter,
  type HeaderConverter,
  OwnMap,
  type PluginDefinition,
  type PluginType,
} from '@tributary/sdk';
import type { Config } from '../hosts/messages.ts';
import type { PluginLoader } from '../plugins/plugin-loader.ts';
import { missingVersion, parseVersionRange } from '../plugins/version-range.ts';
import { javaNameOf } from '../stages/trace.ts';
import { type ChainPlace, createLink, type Link } from '../stages/transformation-chain.ts';
import type { Converters, Named } from '../stages/types.ts';
import { withoutPrefix } from './client-configs.ts';

/** The connector plugin that `connector.class` names, with its version as installed. */
export async function loadConnectorPlugin(
  plugins: PluginLoader,
  config: Config,
): Promise<{
  plugin: Extract<PluginDefinition, { type: 'source' | 'sink' }>;
  version: string | null;
}> {
  const wanted = {
    name: config['connector.class'] ?? '',
    version: config['connector.plugin.version'],
  };
  const plugin = await load(plugins, 'connector.class', wanted, 'source', 'sink');
  const range = parseVersionRange(wanted.version);
  const found = plugins.registry.find(plugin.className, [plugin.type], range);
  return { plugin, version: found?.version ?? null };
}

/**
 * The three converters of a task. Keys go with the class: a connector that names a converter gives its keys, too; otherwise class and keys are the worker's.
 * On failure none stays open.
 * Source: Kafka Connect `Plugins.newConverter`.
 */
export async function createConverters(
  plugins: PluginLoader,
  connectorConfig: Config,
  workerConfig: Config,
): Promise<Converters> {
  const made: (() => void | Promise<void> | undefined)[] = [];
  const converter = async (kind: 'key' | 'value'): Promise<Named<Converter>> => {
    const { name, wanted, config } = choose(`${kind}.converter`, connectorConfig, workerConfig);
    const definition = await load(plugins, name, wanted, 'converter');
    const plugin = definition.create();
    made.push(() => plugin.close?.());
    plugin.configure({ ...config, 'converter.type': kind }, kind === 'key');
    return { plugin, className: definition.className };
  };
  const headerConverter = async (): Promise<Named<HeaderConverter>> => {
    const { name, wanted, config } = choose('header.converter', connectorConfig, workerConfig);
    const definition = await load(plugins, name, wanted, 'header_converter');
    const plugin = definition.create();
    made.push(() => plugin.close?.());
    plugin.configure({ ...config, 'converter.type': 'header' });
    return { plugin, className: definition.className };
  };
  try {
    return {
      key: await converter('key'),
      value: await converter('value'),
      header: await headerConverter(),
    };
  } catch (error) {
    await closeAll(made).catch(() => {});
    throw error;
  }
}

/** `transforms` in their order; each that names a predicate has an instance of it to itself. On failure nothing stays open, and the error is wrapped as in Java. */
export async function createChain<R extends ConnectRecord>(
  plugins: PluginLoader,
  connectorConfig: Config,
): Promise<Link<R>[]> {
  const chain: Link<R>[] = [];
  const own = new OwnMap();
  try {
    for (const alias of aliasesIn(connectorConfig['transforms'])) {
      const place = { own, isFirst: chain.length === 0 };
      chain.push(await createStage<R>(plugins, connectorConfig, alias, place));
    }
    return chain;
  } catch (error) {
    await closeAll(chain.map((link) => () => link.close())).catch(() => {});
    throw wrap(error);
  }
}

async function createStage<R extends ConnectRecord>(
  plugins: PluginLoader,
  connectorConfig: Config,
  alias: string,
  place: ChainPlace,
): Promise<Link<R>> {
  const prefix = `transforms.${alias}.`;
  const config = withoutPrefix(connectorConfig, prefix);
  const wanted = { name: config['type'] ?? '', version: config['plugin.version'] };
  const definition = await load(plugins, `${prefix}type`, wanted, 'transformation').catch(
    (error: unknown) => {
      throw wrap(error);
    },
  );
  const transformation = definition.create();
  try {
    transformation.configure(config);
    const predicateAlias = config['predicate']?.trim() ?? '';
    const predicate =
      predicateAlias === ''
        ? null
        : await createPredicate(plugins, connectorConfig, predicateAlias);
    const isNegated = config['negate']?.trim().toLowerCase() === 'true';
    return createLink<R>(
      definition.className,
      transformation as never,
      predicate,
      isNegated,
      place,
    );
  } catch (error) {
    await closeAll([() => transformation.close?.()]).catch(() => {});
    throw error;
  }
}

async function createPredicate(plugins: PluginLoader, connectorConfig: Config, alias: string) {
  const config = withoutPrefix(connectorConfig, `predicates.${alias}.`);
  const wanted = { name: config['type'] ?? '', version: config['plugin.version'] };
  const definition = await loadPredicate(plugins, connectorConfig, alias, wanted).catch(
    (error: unknown) => {
      throw wrap(error);
    },
  );
  const predicate = definition.create();
  predicate.configure(config);
  return predicate as never;
}

async function loadPredicate(
  plugins: PluginLoader,
  connectorConfig: Config,
  alias: string,
  wanted: VersionedName,
) {
  if (!aliasesIn(connectorConfig['predicates']).includes(alias)) {
    throw new ConfigError(`Unknown configuration 'predicates.${alias}.plugin.version'`);
  }
  return load(plugins, `predicates.${alias}.type`, wanted, 'predicate');
}

/** As Java's `new ConnectException(cause)`. */
function wrap(error: unknown): ConnectError {
  const message = error instanceof Error ? error.message : String(error);
  return new ConnectError(`${javaNameOf(error)}: ${message}`, { cause: error });
}

/** Of the plugins in `closing` each is closed, whatever becomes of the others; the first error is thrown at the end. */
export async function closeAll(
  closing: readonly (() => void | Promise<void> | undefined)[],
): Promise<void> {
  let failure: { error: unknown } | null = null;
  for (const close of closing) {
    try {
      await close();
    } catch (error) {
      failure ??= { error };
    }
  }
  if (failure !== null) throw failure.error;
}

function choose(
  name: 'key.converter' | 'value.converter' | 'header.converter',
  connectorConfig: Config,
  workerConfig: Config,
): { name: string; wanted: VersionedName; config: Config } {
  const own = connectorConfig[name]?.trim() ?? '';
  const from = own === '' ? workerConfig : connectorConfig;
  const fallback =
    name === 'header.converter' ? 'org.apache.kafka.connect.storage.SimpleHeaderConverter' : '';
  const config = withoutPrefix(from, `${name}.`);
  const wanted = { name: from[name]?.trim() ?? fallback, version: config['plugin.version'] };
  return { name, wanted, config };
}

interface VersionedName {
  readonly name: string;
  readonly version: string | undefined;
}

async function load<T extends PluginType>(
  plugins: PluginLoader,
  key: string,
  wanted: VersionedName,
  ...types: T[]
): Promise<Extract<PluginDefinition, { type: T }>> {
  const name = wanted.name.trim();
  if (name === '') {
    throw new ConfigError(`Missing required configuration "${key}" which has no default value.`);
  }
  const definition = await plugins.load({ name, version: wanted.version }, ...types);
  if (definition !== null) return definition;
  const versions = plugins.registry.versions(name, types).map((plugin) => `${plugin.version}`);
  const missing =
    versions.length === 0
      ? null
      : missingVersion(name, parseVersionRange(wanted.version), versions);
  const contract = contractOf(types[0] ?? 'source');
  throw new ConnectError(
    missing ??
      `Failed to find any class that implements ${contract} and which name matches ${name}`,
    { code: 'TRB_PLUGIN_NOT_FOUND' },
  );
}

function contractOf(type: PluginType): string {
  const words = type === 'source' || type === 'sink' ? ['connector'] : type.split('_');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

export function aliasesIn(listed: string | undefined): string[] {
  const aliases = (listed ?? '').split(',').map((alias) => alias.trim());
  return [...new Set(aliases.filter((alias) => alias !== ''))];
}
