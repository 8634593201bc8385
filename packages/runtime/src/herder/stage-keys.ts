/**
 * Config keys of the transformations and predicates that a connector config names: `transforms.<alias>.*`, `predicates.<alias>.*`.
 * Source: Kafka Connect `EnrichablePlugin`.
 */
import {
  boolean,
  ConfigError,
  type ConfigKey,
  classRef,
  type PluginDefinition,
  string,
  validator,
} from '@tributary/sdk';
import { classNames, recommend, versionsOf } from '../config/connector-config.ts';
import type { PluginLoader } from '../plugins/plugin-loader.ts';
import { missingVersion, parseVersionRange } from '../plugins/version-range.ts';

interface Stage {
  /** Key that lists the aliases, and prefix of their keys. */
  readonly prefix: 'transforms' | 'predicates';
  readonly type: 'transformation' | 'predicate';
  readonly contract: 'Transformation' | 'Predicate';
  readonly group: 'Transforms' | 'Predicates';
}

const stages: readonly Stage[] = [
  { prefix: 'transforms', type: 'transformation', contract: 'Transformation', group: 'Transforms' },
  { prefix: 'predicates', type: 'predicate', contract: 'Predicate', group: 'Predicates' },
];

export async function stageKeys(
  raw: Readonly<Record<string, string | null>>,
  plugins: PluginLoader,
): Promise<ConfigKey[]> {
  const keys: ConfigKey[] = [];
  for (const stage of stages) {
    for (const alias of aliasesIn(raw[stage.prefix])) {
      const prefix = `${stage.prefix}.${alias}.`;
      const type = raw[`${prefix}type`]?.trim();
      const found = type === undefined ? undefined : plugins.registry.find(type, [stage.type]);
      const versions = versionsOf(plugins.registry, found?.className, [stage.type]);
      const version = raw[`${prefix}plugin.version`];
      const problem =
        found === undefined ? null : findVersionProblem(found.className, version, versions);
      const plugin =
        found === undefined || problem !== null
          ? null
          : await plugins.load({ name: found.className, version }, stage.type);
      keys.push(typeKey(stage, alias, raw, plugins, problem));
      keys.push(versionKey(stage, alias, versions, problem));
      if (plugin !== null) keys.push(...ownKeys(stage, alias, plugin));
    }
  }
  return keys;
}

function typeKey(
  stage: Stage,
  alias: string,
  raw: Readonly<Record<string, string | null>>,
  plugins: PluginLoader,
  versionProblem: string | null,
): ConfigKey {
  const prefix = `${stage.prefix}.${alias}.`;
  return classRef(`${prefix}type`, {
    importance: 'HIGH',
    group: `${stage.group}: ${alias}`,
    order: 0,
    width: 'LONG',
    displayName: `${stage.contract} type for ${alias}`,
    doc: `Class of the ${stage.type} "${alias}".`,
    recommender: recommend(() => classNames(plugins.registry, stage.type)),
    validator: validator('', (_name, value) => {
      if (value === null) return;
      checkKind(String(value), stage, plugins);
      if (raw[`${prefix}negate`] !== undefined && raw[`${prefix}predicate`] === undefined) {
        throw new ConfigError(
          `Config '${prefix}negate' was provided but there is no config '${prefix}predicate' defining a predicate to be negated.`,
        );
      }
      if (versionProblem !== null) throw new ConfigError(versionProblem);
    }),
  });
}

function checkKind(className: string, stage: Stage, plugins: PluginLoader): void {
  const { registry } = plugins;
  if (registry.find(className, [stage.type]) !== undefined) return;
  const nested = classNames(registry, stage.type).filter((name) =>
    name.startsWith(`${className}$`),
  );
  throw new ConfigError(
    nested.length > 0
      ? `This class is abstract and cannot be created. Did you mean ${nested.join(', ')}?`
      : `Class class ${className} does not implement the ${stage.contract} interface`,
  );
}

/** Null when the version that is asked for is installed. */
function findVersionProblem(
  className: string,
  wanted: string | null | undefined,
  versions: readonly string[],
): string | null {
  try {
    return missingVersion(className, parseVersionRange(wanted), versions);
  } catch (error) {
    if (ConfigError.is(error)) return error.message;
    throw error;
  }
}

function versionKey(
  stage: Stage,
  alias: string,
  versions: readonly string[],
  problem: string | null,
): ConfigKey {
  return string(`${stage.prefix}.${alias}.plugin.version`, {
    default: versions.at(-1) ?? null,
    // The default is one of the versions.
    validator: validator('(code)', (_name, value) => {
      if (problem !== null && value !== versions.at(-1)) throw new ConfigError(problem);
    }),
    importance: 'HIGH',
    group: `${stage.group}: ${alias}`,
    order: 1,
    width: 'LONG',
    displayName: `${stage.contract} version for ${alias}`,
    doc: `Version of the ${stage.type} "${alias}".`,
    recommender: recommend(() => versions),
  });
}

/** `predicate` and `negate` of every transformation, and what the plugin declares; numbered on through the group. */
function ownKeys(stage: Stage, alias: string, plugin: PluginDefinition): ConfigKey[] {
  const prefix = `${stage.prefix}.${alias}.`;
  const group = `${stage.group}: ${alias}`;
  const common =
    stage.type === 'transformation'
      ? [
          string('predicate', {
            default: null,
            doc: 'Alias of the predicate that decides which records pass the transformation.',
          }),
          boolean('negate', {
            default: false,
            doc: 'Whether records pass it that the predicate does not match.',
          }),
        ]
      : [];
  const names = new Set<string>(common.map((key) => key.name));
  const declared = plugin.config.keys.filter((key) => !names.has(key.name));
  const sorted = [...declared, ...common].sort(inGroupOrder);
  return sorted.map((key, index) => ({
    ...key,
    name: `${prefix}${key.name}`,
    group: key.group === null ? group : `${group}: ${key.group}`,
    order: index + 2,
    validator:
      key.validator === null
        ? null
        : {
            ...key.validator,
            check: (_name: string, value: unknown) => key.validator?.check(key.name, value),
          },
  }));
}

const importances = ['HIGH', 'MEDIUM', 'LOW'];

function inGroupOrder(a: ConfigKey, b: ConfigKey): number {
  return (
    compare(a.group ?? '', b.group ?? '') ||
    a.order - b.order ||
    Number(a.hasDefault) - Number(b.hasDefault) ||
    importances.indexOf(a.importance) - importances.indexOf(b.importance) ||
    compare(a.name, b.name)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An empty one counts, as long as it is not all there is. */
function aliasesIn(listed: string | null | undefined): Set<string> {
  const text = listed?.trim() ?? '';
  return new Set(text === '' ? [] : text.split(',').map((alias) => alias.trim()));
}
