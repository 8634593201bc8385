import {
  type ConfigDef,
  type ConfigOf,
  type ConnectRecord,
  definePlugin,
  OwnMap,
  type PredicatePlugin,
  parseConfig,
  type TransformationPlugin,
} from '@tributary/sdk';
import { type Half, keyHalf, valueHalf } from './half.ts';

/** A configured transformation. Null drops the record. The record that comes in is never changed but for a map that `own` holds. */
export type Apply = (record: ConnectRecord, own: OwnMap) => ConnectRecord | null;

/** Makes a transformation from its parsed config; what the config alone decides is decided here, once. */
type Compile<Def extends ConfigDef> = (config: ConfigOf<Def>) => Apply;

export function defineTransformation<Def extends ConfigDef>(
  className: string,
  config: Def,
  compile: Compile<Def>,
): TransformationPlugin {
  return definePlugin({
    type: 'transformation',
    className,
    config,
    create() {
      let apply: Apply = () => {
        throw new TypeError(`${className} was used before it was configured`);
      };
      return {
        configure(raw) {
          apply = compile(parseConfig(config, raw));
        },
        apply: (record) => apply(record, new OwnMap()) as typeof record | null,
        applyInChain: (record, own) => apply(record, own) as typeof record | null,
      };
    },
  });
}

/** `Name$Key` works on keys, `Name$Value` on values; the other half of a record stays as it is. */
export interface KeyAndValue {
  readonly key: TransformationPlugin;
  readonly value: TransformationPlugin;
}

export function defineForKeyAndValue<Def extends ConfigDef>(
  className: string,
  config: Def,
  compile: (config: ConfigOf<Def>, half: Half) => Apply,
): KeyAndValue {
  const define = (suffix: string, half: Half): TransformationPlugin =>
    defineTransformation(`${className}$${suffix}`, config, (parsed) => compile(parsed, half));
  return { key: define('Key', keyHalf), value: define('Value', valueHalf) };
}

export function definePredicate<Def extends ConfigDef>(
  className: string,
  config: Def,
  compile: (config: ConfigOf<Def>) => (record: ConnectRecord) => boolean,
): PredicatePlugin {
  return definePlugin({
    type: 'predicate',
    className,
    config,
    create() {
      let test: (record: ConnectRecord) => boolean = () => {
        throw new TypeError(`${className} was used before it was configured`);
      };
      return {
        configure(raw) {
          test = compile(parseConfig(config, raw));
        },
        test: (record) => test(record),
      };
    },
  });
}
