import { parseConfigType } from './config-type.ts';
import { ConfigError } from './errors.ts';
import type { Password } from './password.ts';
import { inRange, oneOfIgnoringCase, oneOf as oneOfStrings, type Validator } from './validators.ts';

/**
 * Configuration definitions: each key is declared once, with its type, default, validator and documentation, and gives parsing, validation, the REST
 * description and the type of the parsed config.
 *
 *     const config = defineConfig(
 *       string('topic', { importance: 'HIGH', doc: 'Topic to write to.' }),
 *       int('batch.size', { default: 500, min: 1, doc: 'Rows per poll.' }),
 *     );
 *     const { topic, 'batch.size': batchSize } = parseConfig(config, raw);
 *
 * Source: Kafka `ConfigDef`.
 */

export type ConfigType =
  | 'BOOLEAN'
  | 'STRING'
  | 'INT'
  | 'SHORT'
  | 'LONG'
  | 'DOUBLE'
  | 'LIST'
  | 'CLASS'
  | 'PASSWORD';
export type Importance = 'HIGH' | 'MEDIUM' | 'LOW';
export type Width = 'NONE' | 'SHORT' | 'MEDIUM' | 'LONG';

/** Suggestions for a key's value that depend on the other values. Neither refuses anything. */
export interface Recommender {
  validValues(name: string, parsed: Readonly<Record<string, unknown>>): readonly unknown[];
  isVisible(name: string, parsed: Readonly<Record<string, unknown>>): boolean;
}

export interface ConfigKey<Name extends string = string, Value = unknown> {
  readonly name: Name;
  readonly type: ConfigType;
  /** False: the key is required. */
  readonly hasDefault: boolean;
  /** Parsed; null when there is none. */
  readonly defaultValue: unknown;
  readonly validator: Validator | null;
  readonly importance: Importance;
  readonly doc: string;
  readonly group: string | null;
  /** Position within the group; -1 without one. */
  readonly order: number;
  readonly width: Width;
  readonly displayName: string;
  /** Keys whose recommendations depend on this one. */
  readonly dependents: readonly string[];
  readonly recommender: Recommender | null;
  /** Not shown in documentation. */
  readonly isInternal: boolean;
  /** Carries the type of the parsed value; never set. */
  readonly valueType?: Value;
}

export interface KeyOptions<Value> {
  /** Absent: the key is required. Text is parsed like a configured value. */
  default?: Value | string | null;
  doc: string;
  /** Default MEDIUM. */
  importance?: Importance;
  validator?: Validator;
  group?: string;
  order?: number;
  width?: Width;
  displayName?: string;
  dependents?: readonly string[];
  recommender?: Recommender;
  isInternal?: boolean;
}

export interface NumberOptions<Value> extends KeyOptions<Value> {
  min?: number;
  max?: number;
}

export interface StringOptions extends KeyOptions<string> {
  oneOf?: readonly string[];
  /** With `oneOf`: any letter case is accepted. */
  isCaseIgnored?: boolean;
}

export interface ConfigDef<Keys extends readonly ConfigKey[] = readonly ConfigKey[]> {
  /** In the order of declaration. */
  readonly keys: Keys;
  /** Group names in order of first use. */
  readonly groups: readonly string[];
  key(name: string): ConfigKey | undefined;
}

/** The parsed config of a definition. */
export type ConfigOf<Def extends ConfigDef> = {
  readonly [Key in Def['keys'][number] as Key['name']]: Key extends ConfigKey<string, infer Value>
    ? Value
    : never;
};

type ValueOf<Options, Value> = Options extends { default: null } ? Value | null : Value;
type TextOf<Options> = Options extends { oneOf: readonly (infer Text)[]; isCaseIgnored?: false }
  ? Text
  : string;

/** ConfigError when a key is declared twice. */
export function defineConfig<const Keys extends readonly ConfigKey[]>(
  ...keys: Keys
): ConfigDef<Keys> {
  const byName = new Map<string, ConfigKey>();
  for (const key of keys) {
    if (byName.has(key.name)) throw new ConfigError(`Configuration ${key.name} is defined twice.`);
    byName.set(key.name, key);
  }
  const groups = new Set(keys.flatMap((key) => key.group ?? []));
  return { keys, groups: [...groups], key: (name) => byName.get(name) };
}

export function string<const Name extends string, const Options extends StringOptions>(
  name: Name,
  options: Options,
): ConfigKey<Name, ValueOf<Options, TextOf<Options>>> {
  return defineKey(name, 'STRING', options, options.oneOf && stringChoice(options));
}

export function boolean<const Name extends string, const Options extends KeyOptions<boolean>>(
  name: Name,
  options: Options,
): ConfigKey<Name, ValueOf<Options, boolean>> {
  return defineKey(name, 'BOOLEAN', options);
}

export function int<const Name extends string, const Options extends NumberOptions<number>>(
  name: Name,
  options: Options,
): ConfigKey<Name, ValueOf<Options, number>> {
  return defineKey(name, 'INT', options, range(options));
}

export function short<const Name extends string, const Options extends NumberOptions<number>>(
  name: Name,
  options: Options,
): ConfigKey<Name, ValueOf<Options, number>> {
  return defineKey(name, 'SHORT', options, range(options));
}

/** Parsed to a number, rounded beyond 2^53. */
export function long<
  const Name extends string,
  const Options extends NumberOptions<number | bigint>,
>(name: Name, options: Options): ConfigKey<Name, ValueOf<Options, number>> {
  return defineKey(name, 'LONG', options, range(options));
}

export function double<const Name extends string, const Options extends NumberOptions<number>>(
  name: Name,
  options: Options,
): ConfigKey<Name, ValueOf<Options, number>> {
  return defineKey(name, 'DOUBLE', options, range(options));
}

export function list<
  const Name extends string,
  const Options extends KeyOptions<readonly string[]>,
>(name: Name, options: Options): ConfigKey<Name, ValueOf<Options, readonly string[]>> {
  return defineKey(name, 'LIST', options);
}

export function password<const Name extends string, const Options extends KeyOptions<string>>(
  name: Name,
  options: Options,
): ConfigKey<Name, ValueOf<Options, Password>> {
  return defineKey(name, 'PASSWORD', options);
}

/** The canonical name of a plugin. */
export function classRef<const Name extends string, const Options extends KeyOptions<string>>(
  name: Name,
  options: Options,
): ConfigKey<Name, ValueOf<Options, string>> {
  return defineKey(name, 'CLASS', options);
}

/** What the typed builders come to; for keys whose type is known at run time only. */
export function defineKey<const Name extends string, Value>(
  name: Name,
  type: ConfigType,
  options: KeyOptions<unknown>,
  validator: Validator | null = null,
): ConfigKey<Name, Value> {
  const hasDefault = options.default !== undefined;
  const key: ConfigKey<Name, Value> = {
    name,
    type,
    hasDefault,
    defaultValue: hasDefault ? parseConfigType(name, options.default ?? null, type) : null,
    validator: options.validator ?? validator,
    importance: options.importance ?? 'MEDIUM',
    doc: options.doc,
    group: options.group ?? null,
    order: options.order ?? -1,
    width: options.width ?? 'NONE',
    displayName: options.displayName ?? name,
    dependents: options.dependents ?? [],
    recommender: options.recommender ?? null,
    isInternal: options.isInternal ?? false,
  };
  // A default that its own validator refuses is a mistake in the definition.
  if (hasDefault) key.validator?.check(name, key.defaultValue);
  return key;
}

function range(options: { min?: number; max?: number }): Validator | null {
  const { min, max } = options;
  return min === undefined && max === undefined ? null : inRange(min ?? null, max ?? null);
}

function stringChoice(options: StringOptions): Validator {
  const choices = options.oneOf ?? [];
  return options.isCaseIgnored ? oneOfIgnoringCase(...choices) : oneOfStrings(...choices);
}
