/** Plugins without code, for tests of what is made of their definitions. */
import {
  boolean,
  type ConfigDef,
  defineConfig,
  type PluginDefinition,
  type PluginType,
  string,
} from '@tributary/sdk';
import type { PluginLoader, WantedPlugin } from '../plugins/plugin-loader.ts';
import { PluginRegistry } from '../plugins/plugin-registry.ts';
import { parseVersionRange } from '../plugins/version-range.ts';

export interface TestPlugin {
  readonly className: string;
  readonly type: PluginType;
  readonly version?: string;
  readonly config?: ConfigDef;
  readonly validate?: unknown;
  readonly create?: unknown;
  readonly createConnector?: unknown;
  readonly createTask?: unknown;
}

export const testPlugins: readonly TestPlugin[] = [
  {
    className: 'test.Source',
    type: 'source',
    config: defineConfig(string('topic', { doc: 'Topic.' })),
  },
  { className: 'test.Sink', type: 'sink' },
  {
    className: 'test.Converter',
    type: 'converter',
    config: defineConfig(
      boolean('enabled', { default: true, group: 'Own', order: 1, doc: 'x' }),
      string('converter.type', { default: 'value', doc: 'x' }),
    ),
  },
  {
    className: 'test.Rename$Value',
    type: 'transformation',
    config: defineConfig(
      string('to', { group: 'Names', order: 1, importance: 'HIGH', doc: 'x' }),
      string('predicate', { default: 'mine', doc: 'hidden by that of every transformation' }),
    ),
  },
  { className: 'test.IsOld', type: 'predicate' },
];

export function testLoader(plugins: readonly TestPlugin[] = testPlugins): PluginLoader {
  const registry = new PluginRegistry(
    plugins.map(({ className, type, version = '1' }) => ({
      className,
      type,
      version,
      packageFolder: '',
      exportName: '',
    })),
  );
  return {
    registry,
    async load<T extends PluginType>(wanted: WantedPlugin, ...types: T[]) {
      const { name, version } =
        typeof wanted === 'string' ? { name: wanted, version: null } : wanted;
      const found = registry.find(name, types, parseVersionRange(version));
      const plugin = plugins.find(
        (each) =>
          each.className === found?.className &&
          each.type === found.type &&
          (each.version ?? '1') === found.version,
      );
      if (plugin === undefined) return null;
      const definition: unknown = { config: defineConfig(), ...plugin };
      return definition as Extract<PluginDefinition, { type: T }>;
    },
  };
}
