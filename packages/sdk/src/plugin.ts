import type { ConfigDef } from './config-def.ts';
import type { ConfigValue } from './config-parse.ts';
import type { Converter, HeaderConverter } from './converter.ts';
import type { SinkConnector, SinkTask } from './sink.ts';
import type { SourceConnector, SourceTask } from './source.ts';
import type { Predicate, Transformation } from './transformation.ts';

/**
 * What a module exports for the runtime to find. A package lists its plugins in package.json, so that they can be named without running code:
 *
 *     "tributary": { "plugins": [
 *       { "class": "com.acme.OrdersSource", "type": "source", "export": "OrdersSource", "version": "1.4.0" } ] }
 *
 * `class` is the canonical name, `export` the named export of the package's main entry that holds the definition made with `definePlugin`,
 * `version` defaults to the package's. `type` is one of PluginType. A class that serves as converter and header converter is listed twice.
 */
export type PluginDefinition =
  | SourcePlugin
  | SinkPlugin
  | ConverterPlugin
  | HeaderConverterPlugin
  | TransformationPlugin
  | PredicatePlugin;

export type PluginType =
  | 'source'
  | 'sink'
  | 'converter'
  | 'header_converter'
  | 'transformation'
  | 'predicate';

interface PluginCommon {
  /** Canonical name: the Java class name where Java has one, else a dotted name. */
  readonly className: string;
  readonly config: ConfigDef;
}

export interface ConnectorPlugin extends PluginCommon {
  /** Canonical name of the task class, shown as `task.class` in task configs. */
  readonly taskClassName: string;
  /** Checks that span keys; gets the result of validating each key and may add errors to it. */
  validate?(
    config: Readonly<Record<string, string>>,
    values: ConfigValue[],
  ): ConfigValue[] | Promise<ConfigValue[]>;
  /** The connector's driver blocks the event loop: run it in a task host of its own. */
  readonly isBlocking?: boolean;
}

export interface SourcePlugin extends ConnectorPlugin {
  readonly type: 'source';
  createConnector(): SourceConnector;
  createTask(): SourceTask;
}

export interface SinkPlugin extends ConnectorPlugin {
  readonly type: 'sink';
  createConnector(): SinkConnector;
  createTask(): SinkTask;
}

export interface ConverterPlugin extends PluginCommon {
  readonly type: 'converter';
  create(): Converter;
}

export interface HeaderConverterPlugin extends PluginCommon {
  readonly type: 'header_converter';
  create(): HeaderConverter;
}

export interface TransformationPlugin extends PluginCommon {
  readonly type: 'transformation';
  create(): Transformation;
}

export interface PredicatePlugin extends PluginCommon {
  readonly type: 'predicate';
  create(): Predicate;
}

/** Gives a plugin its type; the runtime finds it by the package's manifest. */
export function definePlugin<P extends PluginDefinition>(plugin: P): P {
  return plugin;
}
