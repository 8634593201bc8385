import type {
  ConfigDef,
  ConfigKey,
  ConfigOf,
  ConfigType,
  Importance,
  Width,
} from './config-def.ts';
import { type ClassResolver, configText, parseConfigType } from './config-type.ts';
import { ConfigError, ConnectError } from './errors.ts';

export type RawConfig = Readonly<Record<string, string | null | undefined>>;

/** What validation found out about one key. Mutable: a connector's own validation may add errors. */
export interface ConfigValue {
  readonly name: string;
  /** Parsed; null when it could not be. Print it with `configValueJson`, which hides passwords. */
  value: unknown;
  recommendedValues: unknown[];
  errors: string[];
  isVisible: boolean;
}

export interface ParseOptions {
  /** Default: any class name that is not empty is accepted. */
  resolveClass?: ClassResolver;
}

/** Typed values of all keys. ConfigError: the first problem in order of declaration. Source: Kafka `ConfigDef.parse`. */
export function parseConfig<Def extends ConfigDef>(
  def: Def,
  raw: RawConfig,
  options: ParseOptions = {},
): ConfigOf<Def> {
  const undefinedKeys = undefinedDependents(def);
  if (undefinedKeys.length > 0) {
    throw new ConfigError(
      `Some configurations in are referred in the dependents, but not defined: ${undefinedKeys.join(',')}`,
    );
  }
  const values: Record<string, unknown> = {};
  for (const key of def.keys) {
    const value = parseKey(key, raw, options);
    values[key.name] = typeof value === 'bigint' ? Number(value) : value;
  }
  return values as ConfigOf<Def>;
}

/** Every problem of every key, in order of declaration. Source: Kafka `ConfigDef.validate`. */
export function validateConfig(
  def: ConfigDef,
  raw: RawConfig,
  options: ParseOptions = {},
): ConfigValue[] {
  const results = new Map(def.keys.map((key) => [key.name, emptyValue(key.name)]));
  for (const name of undefinedDependents(def)) {
    const errors = [`${name} is referred in the dependents, but not defined.`];
    results.set(name, { ...emptyValue(name), errors, isVisible: false });
  }
  const parsed: Record<string, unknown> = {};
  const order = parentsFirst(def);
  for (const key of order) {
    const result = results.get(key.name) as ConfigValue;
    collectProblems(key, raw, options, result);
    parsed[key.name] = result.value;
  }
  for (const key of order) recommend(key, parsed, results.get(key.name) as ConfigValue);
  return [...results.values()];
}

/** The `definition` object of the REST API. */
export interface ConfigKeyJson {
  name: string;
  type: ConfigType;
  required: boolean;
  default_value: string | null;
  importance: Importance;
  documentation: string;
  group: string | null;
  order_in_group: number;
  width: Width;
  display_name: string;
  dependents: readonly string[];
}

export function configKeyJson(key: ConfigKey): ConfigKeyJson {
  return {
    name: key.name,
    type: key.type,
    required: !key.hasDefault,
    default_value: configText(key.defaultValue, key.type),
    importance: key.importance,
    documentation: key.doc,
    group: key.group,
    order_in_group: key.order,
    width: key.width,
    display_name: key.displayName,
    dependents: key.dependents,
  };
}

/** The `value` object of the REST API. */
export interface ConfigValueJson {
  name: string;
  value: string | null;
  recommended_values: string[];
  errors: string[];
  visible: boolean;
}

/** `key` is undefined for a value without a definition. */
export function configValueJson(value: ConfigValue, key: ConfigKey | undefined): ConfigValueJson {
  const type = key?.type ?? 'STRING';
  return {
    name: value.name,
    value: configText(value.value, type),
    recommended_values: value.recommendedValues.map(
      (each) =>
        configText(each, type === 'LIST' && !Array.isArray(each) ? 'STRING' : type) ?? 'null',
    ),
    errors: value.errors,
    visible: value.isVisible,
  };
}

function parseKey(key: ConfigKey, raw: RawConfig, options: ParseOptions): unknown {
  let value = key.defaultValue;
  const given = givenValue(key, raw);
  if (given !== undefined) {
    value = parseConfigType(key.name, given, key.type, options.resolveClass);
    if (key.validator?.dropsDuplicates && Array.isArray(value)) value = [...new Set(value)];
  } else if (!key.hasDefault) {
    throw missing(key);
  }
  key.validator?.check(key.name, value, key.type);
  return value;
}

/** A value that cannot be parsed is null for the validator, which may refuse that too. */
function collectProblems(
  key: ConfigKey,
  raw: RawConfig,
  options: ParseOptions,
  result: ConfigValue,
): void {
  const attempt = <T>(action: () => T): T | null => {
    try {
      return action();
    } catch (error) {
      // A validator may refuse a value with an error of another kind, as Java's do.
      if (!ConnectError.is(error)) throw error;
      result.errors.push(error.message);
      return null;
    }
  };
  const given = givenValue(key, raw);
  if (given !== undefined) {
    result.value = attempt(() => parseConfigType(key.name, given, key.type, options.resolveClass));
  } else if (key.hasDefault) {
    result.value = key.defaultValue;
  } else {
    result.errors.push(missing(key).message);
  }
  attempt(() => key.validator?.check(key.name, result.value, key.type));
}

/** Undefined when the key is absent; a name may be one of Object.prototype. */
function givenValue(key: ConfigKey, raw: RawConfig): string | null | undefined {
  return Object.hasOwn(raw, key.name) ? raw[key.name] : undefined;
}

function recommend(key: ConfigKey, parsed: Record<string, unknown>, result: ConfigValue): void {
  if (key.recommender === null) return;
  try {
    result.recommendedValues = [...key.recommender.validValues(key.name, parsed)];
    result.isVisible = key.recommender.isVisible(key.name, parsed);
  } catch (error) {
    if (!ConfigError.is(error)) throw error;
    result.errors.push(error.message);
  }
}

/** Keys that nobody depends on first, each followed by its dependents. */
function parentsFirst(def: ConfigDef): ConfigKey[] {
  const dependents = new Set(def.keys.flatMap((key) => key.dependents));
  const ordered = new Set<ConfigKey>();
  const visit = (key: ConfigKey | undefined): void => {
    if (key === undefined || ordered.has(key)) return;
    ordered.add(key);
    for (const name of key.dependents) visit(def.key(name));
  };
  for (const key of def.keys) if (!dependents.has(key.name)) visit(key);
  return [...ordered];
}

function undefinedDependents(def: ConfigDef): string[] {
  const names = new Set(def.keys.flatMap((key) => key.dependents));
  return [...names].filter((name) => def.key(name) === undefined);
}

function emptyValue(name: string): ConfigValue {
  return { name, value: null, recommendedValues: [], errors: [], isVisible: true };
}

function missing(key: ConfigKey): ConfigError {
  return new ConfigError(
    `Missing required configuration "${key.name}" which has no default value.`,
  );
}
