/**
 * A connector's config -> every key's definition, value, errors and recommendations. Runs in a task host, since it asks the plugin.
 * The order of steps and entries is Java's, and so are its quirks: a connector's own key replaces the framework's with all its errors.
 * Source: Kafka Connect `AbstractHerder.validateConnectorConfig`.
 */
import {
  type ConfigDef,
  ConfigError,
  type ConfigKey,
  type ConfigValue,
  type ConnectorPlugin,
  configKeyJson,
  configValueJson,
  defineConfig,
  javaHashOrder,
  type PluginType,
  validateConfig,
} from '@tributary/sdk';
import {
  connectorKeys,
  defaultHeaderConverter,
  versionsOf,
  withKeys,
} from '../config/connector-config.ts';
import { checkSinkTopics, sinkConnectorKeys } from '../config/sink-connector-config.ts';
import { sourceConnectorKeys } from '../config/source-connector-config.ts';
import type { Config } from '../hosts/messages.ts';
import type { PluginLoader } from '../plugins/plugin-loader.ts';
import { type PluginDescriptor, pluginTypes } from '../plugins/plugin-registry.ts';
import { missingVersion, parseVersionRange } from '../plugins/version-range.ts';
import type { StoredConfig } from '../storage/config-store.ts';
import { validateOverrides } from './client-overrides.ts';
import { HerderError } from './errors.ts';
import { requireConnectorPlugin } from './plugin-lookup.ts';
import { stageKeys } from './stage-keys.ts';
import type { ConfigValueInfo, ValidationResult } from './validation-result.ts';

export interface ValidationDeps {
  readonly plugins: PluginLoader;
  readonly workerConfig: Config;
}

const nullValueError = 'Null value can not be supplied as the configuration value.';

export async function validateConnectorConfig(
  config: StoredConfig,
  deps: ValidationDeps,
): Promise<ValidationResult> {
  const { plugins, workerConfig } = deps;
  const descriptor = requireConnectorPlugin(plugins.registry, config);
  const name = config['connector.class'] ?? '';
  const frameworkDef = defineConfig(...(await frameworkKeys(config, descriptor, deps)));
  const framework = validateKeys(frameworkDef, config, plugins);

  const versionProblem = checkPluginVersion(config, descriptor, plugins);
  if (versionProblem !== null) {
    for (const key of ['connector.class', 'connector.plugin.version']) {
      framework.get(key)?.errors.push(versionProblem);
    }
    return toResult(name, [{ def: frameworkDef, values: [...framework.values()] }]);
  }
  if (descriptor.type === 'sink') checkSinkTopics(config, framework);
  checkConverterVersions(config, framework, plugins);
  const undefinedValues = addNullErrors(config, framework);

  const version = config['connector.plugin.version'];
  const plugin = await plugins.load({ name: descriptor.className, version }, 'source', 'sink');
  if (plugin === null)
    throw new HerderError(500, `Plugin ${descriptor.className} cannot be loaded`);
  const own = await validateOwnKeys(plugin, config, plugins);
  const isReplaced = ({ name: key }: ConfigValue): boolean => plugin.config.key(key) !== undefined;
  const remaining = [...undefinedValues, ...framework.values()].filter((each) => !isReplaced(each));

  return toResult(name, [
    { def: frameworkDef, values: remaining },
    { def: plugin.config, values: own },
    ...validateOverrides(config, descriptor, workerConfig),
    ...(await validateConverters(config, framework, plugins)),
  ]);
}

/** A plugin's definitions; for connectors its keys first, then those of the framework that it does not declare. */
export async function pluginConfigKeys(
  wanted: { className: string; version: string | null },
  deps: ValidationDeps,
): Promise<ConfigValueInfo['definition'][]> {
  const { className, version } = wanted;
  const types = pluginTypes as readonly PluginType[];
  const plugin = await deps.plugins.load({ name: className, version }, ...types);
  if (plugin === null) throw new HerderError(404, `Unknown plugin ${className}.`);
  const keys: ConfigKey[] = [...plugin.config.keys];
  if (plugin.type === 'source' || plugin.type === 'sink') {
    const { registry } = deps.plugins;
    // Only the version of the connector itself is known here; the worker's converters are not part of the plugin.
    const common = connectorKeys({ registry, connectorClass: className, workerConfig: {} });
    const kind = plugin.type === 'source' ? sourceConnectorKeys() : sinkConnectorKeys();
    const declared = new Set(keys.map((key) => key.name));
    keys.push(...withKeys(common, kind).filter((key) => !declared.has(key.name)));
  }
  return keys.map((key) => definitionOf(key));
}

/** Values in the order of the answer, with the definition of those that have one. */
export interface Section {
  readonly def: ConfigDef;
  readonly values: readonly ConfigValue[];
  /** Put before each name in the answer. */
  readonly prefix?: string;
  /** Of something below a prefix: errors of a key count as one, and only the groups of the values are shown. */
  readonly isPrefixed?: boolean;
}

async function frameworkKeys(
  config: StoredConfig,
  descriptor: PluginDescriptor,
  { plugins, workerConfig }: ValidationDeps,
): Promise<ConfigKey[]> {
  const { registry } = plugins;
  const connectorClass = descriptor.className;
  const withDefaults = { 'header.converter': defaultHeaderConverter, ...workerConfig };
  const common = connectorKeys({
    registry,
    connectorClass,
    workerConfig: withDefaults,
    connectorConfig: config,
  });
  const kind = descriptor.type === 'source' ? sourceConnectorKeys() : sinkConnectorKeys();
  return [...withKeys(common, kind), ...(await stageKeys(config, plugins))];
}

/** In order of declaration. */
function validateKeys(
  def: ConfigDef,
  config: StoredConfig,
  plugins: PluginLoader,
): Map<string, ConfigValue> {
  const values = validateConfig(def, config, { resolveClass: (name) => classOf(name, plugins) });
  return new Map(values.map((value) => [value.name, value]));
}

/** Class names and aliases of everything installed; nested classes' outer names are classes, too. */
function classOf(name: string, plugins: PluginLoader): string | null {
  const { registry } = plugins;
  const plugin = registry.find(name, pluginTypes as readonly PluginType[]);
  if (plugin !== undefined) return plugin.className;
  return registry.plugins.some((each) => each.className.startsWith(`${name}$`)) ? name : null;
}

function checkPluginVersion(
  config: StoredConfig,
  descriptor: PluginDescriptor,
  plugins: PluginLoader,
): string | null {
  let range: ReturnType<typeof parseVersionRange>;
  try {
    range = parseVersionRange(config['connector.plugin.version']);
  } catch (error) {
    if (!ConfigError.is(error)) throw error;
    throw new HerderError(400, error.message);
  }
  const versions = versionsOf(plugins.registry, descriptor.className, [descriptor.type]);
  return missingVersion(descriptor.className, range, versions);
}

/** Of converters that the connector config itself names: one that is not installed in the version is an error of class and version. */
function checkConverterVersions(
  config: StoredConfig,
  values: ReadonlyMap<string, ConfigValue>,
  plugins: PluginLoader,
): void {
  for (const property of ['key.converter', 'value.converter', 'header.converter']) {
    const chosen = values.get(property);
    const version = values.get(`${property}.plugin.version`);
    if (config[property] == null || chosen === undefined || version === undefined) continue;
    if (chosen.errors.length > 0 || version.errors.length > 0) continue;
    const range = parseVersionRange(config[version.name]);
    const types = pluginTypes as readonly PluginType[];
    const versions = versionsOf(plugins.registry, chosen.value, types);
    const problem = missingVersion(String(chosen.value), range, versions);
    if (problem === null) continue;
    chosen.errors.push(problem);
    version.errors.push(problem);
  }
}

/** Returns the values that nothing defines. */
function addNullErrors(config: StoredConfig, values: Map<string, ConfigValue>): ConfigValue[] {
  const undefinedValues: ConfigValue[] = [];
  for (const [name, value] of Object.entries(config)) {
    if (value !== null) continue;
    const known = values.get(name);
    if (known !== undefined) known.errors.push(nullValueError);
    else {
      undefinedValues.push({
        name,
        value: null,
        recommendedValues: [],
        errors: [nullValueError],
        isVisible: true,
      });
    }
  }
  return undefinedValues;
}

async function validateOwnKeys(
  plugin: ConnectorPlugin & { config: ConfigDef },
  config: StoredConfig,
  plugins: PluginLoader,
): Promise<readonly ConfigValue[]> {
  const values = [...validateKeys(plugin.config, config, plugins).values()];
  if (plugin.validate === undefined) return values;
  return plugin.validate(config as Config, values);
}

/** Converters that the connector config itself names, each with the keys under its prefix in the order of Java's HashMap. */
async function validateConverters(
  config: StoredConfig,
  framework: ReadonlyMap<string, ConfigValue>,
  plugins: PluginLoader,
): Promise<Section[]> {
  const sections: Section[] = [];
  for (const kind of ['header', 'key', 'value'] as const) {
    const property = `${kind}.converter`;
    const chosen = framework.get(property);
    if (config[property] === undefined || chosen === undefined) continue;
    const versionErrors = framework.get(`${property}.plugin.version`)?.errors ?? [];
    if (chosen.errors.length > 0 || versionErrors.length > 0) continue;
    const type = kind === 'header' ? 'header_converter' : 'converter';
    const version = config[`${property}.plugin.version`];
    const plugin = await plugins.load({ name: String(chosen.value), version }, type);
    if (plugin === null) continue;
    const prefix = `${property}.`;
    const own: Record<string, string | null> = { 'converter.type': kind };
    for (const [name, value] of Object.entries(config)) {
      if (name.startsWith(prefix)) own[name.slice(prefix.length)] = value;
    }
    const found = validateKeys(plugin.config, own, plugins);
    const values = javaHashOrder([...found.keys()]).flatMap((name) => found.get(name) ?? []);
    sections.push({ def: plugin.config, values, prefix, isPrefixed: true });
  }
  return sections;
}

function toResult(name: string, sections: readonly Section[]): ValidationResult {
  const configs: ConfigValueInfo[] = [];
  const groups = new Set<string>();
  let errorCount = 0;
  for (const { def, values, prefix = '', isPrefixed = false } of sections) {
    if (!isPrefixed) for (const group of def.groups) groups.add(group);
    for (const value of values) {
      const key = def.key(value.name);
      if (key?.group != null) groups.add(key.group);
      errorCount += isPrefixed ? Math.min(value.errors.length, 1) : value.errors.length;
      const json = configValueJson(value, key);
      configs.push({
        definition: key === undefined ? null : definitionOf(key, prefix),
        value: { ...json, name: `${prefix}${value.name}` },
      });
    }
  }
  return { name, error_count: errorCount, groups: [...groups], configs };
}

function definitionOf(key: ConfigKey, prefix = ''): NonNullable<ConfigValueInfo['definition']> {
  const json = configKeyJson(key);
  return {
    ...json,
    name: `${prefix}${key.name}`,
    display_name: key.displayName,
    dependents: json.dependents.map((name) => `${prefix}${name}`),
  };
}
