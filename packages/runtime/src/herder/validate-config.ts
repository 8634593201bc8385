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
  type PluginType,
  validateConfig,
} from '@tributary/sdk';
import { connectorKeys, versionsOf, withKeys } from '../config/connector-config.ts';
import { checkSinkTopics, sinkConnectorKeys } from '../config/sink-connector-config.ts';
import { sourceConnectorKeys } from '../config/source-connector-config.ts';
import type { Config } from '../hosts/messages.ts';
import type { PluginLoader } from '../plugins/plugin-loader.ts';
import { type PluginDescriptor, pluginTypes } from '../plugins/plugin-registry.ts';
import { parseVersionRange } from '../plugins/version-range.ts';
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
  const keys = await frameworkKeys(config, descriptor, deps);
  const framework = validateSection(defineConfig(...keys), config, plugins);

  const versionProblem = checkPluginVersion(config, descriptor, plugins);
  if (versionProblem !== null) {
    for (const key of ['connector.class', 'connector.plugin.version']) {
      framework.values.get(key)?.errors.push(versionProblem);
    }
    return toResult(name, [framework]);
  }
  if (descriptor.type === 'sink') checkSinkTopics(config, framework.values);
  addNullErrors(config, framework);

  const plugin = await plugins.load(descriptor.className, 'source', 'sink');
  if (plugin === null)
    throw new HerderError(500, `Plugin ${descriptor.className} cannot be loaded`);
  const own = await validateOwnKeys(plugin, config, plugins);
  for (const key of own.def.keys) replaceKey(framework, key.name);

  const overrides = validateOverrides(config, descriptor, workerConfig);
  const converters = await validateConverters(config, framework, plugins);
  return toResult(name, [framework, own, ...overrides, ...converters]);
}

/** A plugin's definitions; for connectors its keys first, then those of the framework that it does not declare. */
export async function pluginConfigKeys(
  className: string,
  deps: ValidationDeps,
): Promise<ConfigValueInfo['definition'][]> {
  const plugin = await deps.plugins.load(className, ...(pluginTypes as readonly PluginType[]));
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

/** The values of one definition, in order of declaration; `undefinedValues` belong to no definition. */
export interface Section {
  readonly def: ConfigDef;
  readonly values: Map<string, ConfigValue>;
  readonly undefinedValues: ConfigValue[];
  /** Put before each name in the answer. */
  readonly prefix: string;
  /** Errors of a key count as one. */
  readonly countsKeys: boolean;
}

async function frameworkKeys(
  config: StoredConfig,
  descriptor: PluginDescriptor,
  { plugins, workerConfig }: ValidationDeps,
): Promise<ConfigKey[]> {
  const { registry } = plugins;
  const connectorClass = descriptor.className;
  const common = connectorKeys({ registry, connectorClass, workerConfig });
  const kind = descriptor.type === 'source' ? sourceConnectorKeys() : sinkConnectorKeys();
  return [...withKeys(common, kind), ...(await stageKeys(config, plugins))];
}

function validateSection(
  def: ConfigDef,
  config: StoredConfig,
  plugins: PluginLoader,
  options: { prefix?: string; countsKeys?: boolean } = {},
): Section {
  const values = validateConfig(def, config, { resolveClass: (name) => classOf(name, plugins) });
  return {
    def,
    values: new Map(values.map((value) => [value.name, value])),
    undefinedValues: [],
    prefix: options.prefix ?? '',
    countsKeys: options.countsKeys ?? false,
  };
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
  if (range === null || versions.some((version) => range.includes(version))) return null;
  return `Plugin ${descriptor.className} not found that matches the version range ${range.text}, available versions: [${versions.join(', ')}]`;
}

function addNullErrors(config: StoredConfig, section: Section): void {
  for (const [name, value] of Object.entries(config)) {
    if (value !== null) continue;
    const known = section.values.get(name);
    if (known !== undefined) known.errors.push(nullValueError);
    else {
      section.undefinedValues.push({
        name,
        value: null,
        recommendedValues: [],
        errors: [nullValueError],
        isVisible: true,
      });
    }
  }
}

async function validateOwnKeys(
  plugin: ConnectorPlugin & { config: ConfigDef },
  config: StoredConfig,
  plugins: PluginLoader,
): Promise<Section> {
  const section = validateSection(plugin.config, config, plugins);
  if (plugin.validate === undefined) return section;
  const given = config as Config;
  const values = await plugin.validate(given, [...section.values.values()]);
  return { ...section, values: new Map(values.map((value) => [value.name, value])) };
}

function replaceKey(section: Section, name: string): void {
  section.values.delete(name);
  const index = section.undefinedValues.findIndex((value) => value.name === name);
  if (index >= 0) section.undefinedValues.splice(index, 1);
}

/** Converters that the connector config itself names, each with the keys under its prefix. */
async function validateConverters(
  config: StoredConfig,
  framework: Section,
  plugins: PluginLoader,
): Promise<Section[]> {
  const sections: Section[] = [];
  for (const kind of ['header', 'key', 'value'] as const) {
    const property = `${kind}.converter`;
    const found = framework.values.get(property);
    if (config[property] === undefined || found === undefined || found.errors.length > 0) continue;
    const type = kind === 'header' ? 'header_converter' : 'converter';
    const plugin = await plugins.load(String(found.value), type);
    if (plugin === null) continue;
    const prefix = `${property}.`;
    const own: Record<string, string | null> = { 'converter.type': kind };
    for (const [name, value] of Object.entries(config)) {
      if (name.startsWith(prefix)) own[name.slice(prefix.length)] = value;
    }
    sections.push(validateSection(plugin.config, own, plugins, { prefix, countsKeys: true }));
  }
  return sections;
}

function toResult(name: string, sections: readonly Section[]): ValidationResult {
  const configs: ConfigValueInfo[] = [];
  const groups = new Set<string>();
  let errorCount = 0;
  for (const { def, values, undefinedValues, prefix, countsKeys } of sections) {
    for (const group of def.groups) groups.add(group);
    for (const value of [...undefinedValues, ...values.values()]) {
      const key = def.key(value.name);
      errorCount += countsKeys ? Math.min(value.errors.length, 1) : value.errors.length;
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
