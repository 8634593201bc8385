import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConnectError, type PluginDefinition, type PluginType } from '@tributary/sdk';
import { exports as resolveExports } from 'resolve.exports';
import { missingParts } from './check-definition.ts';
import { type PluginDescriptor, PluginRegistry } from './plugin-registry.ts';
import { parseVersionRange } from './version-range.ts';

/** Class name or alias; with the version that a config asks for where it may ask for one. */
export type WantedPlugin =
  | string
  | { readonly name: string; readonly version: string | null | undefined };

/** Runs inside a task host: the only place where plugin code is loaded. */
export interface PluginLoader {
  readonly registry: PluginRegistry;
  /** The definition of the newest plugin of one of `types` that is wanted; null when none is installed. Loads its package on first use. ConfigError for a version that is none. */
  load<T extends PluginType>(
    wanted: WantedPlugin,
    ...types: T[]
  ): Promise<Extract<PluginDefinition, { type: T }> | null>;
}

export function createPluginLoader(descriptors: readonly PluginDescriptor[]): PluginLoader {
  const registry = new PluginRegistry(descriptors);
  const loaded = new Map<PluginDescriptor, Promise<PluginDefinition>>();
  return {
    registry,
    async load<T extends PluginType>(wanted: WantedPlugin, ...types: T[]) {
      const { name, version } =
        typeof wanted === 'string' ? { name: wanted, version: null } : wanted;
      const descriptor = registry.find(name, types, parseVersionRange(version));
      if (descriptor === undefined) return null;
      let definition = loaded.get(descriptor);
      if (definition === undefined) {
        definition = importPlugin(descriptor);
        loaded.set(descriptor, definition);
      }
      return (await definition) as Extract<PluginDefinition, { type: T }>;
    },
  };
}

async function importPlugin(descriptor: PluginDescriptor): Promise<PluginDefinition> {
  const { className, packageFolder, exportName, type } = descriptor;
  const where = `plugin "${className}" of ${packageFolder}`;
  let module: Record<string, unknown>;
  try {
    const entry = await entryOf(packageFolder);
    module = (await import(pathToFileURL(join(packageFolder, entry)).href)) as typeof module;
  } catch (error) {
    throw new ConnectError(`Cannot load ${where}: ${(error as Error).message}`, {
      cause: error,
      code: 'TRB_PLUGIN_LOAD',
    });
  }
  const definition = module[exportName] as PluginDefinition | undefined;
  if (definition?.type !== type || definition.className !== className) {
    throw new ConnectError(
      `Cannot load ${where}: its export "${exportName}" is no definition of a ${type} of that class; correct "tributary.plugins" in its package.json`,
      { code: 'TRB_PLUGIN_LOAD' },
    );
  }
  const missing = missingParts(definition, type);
  if (missing.length > 0) {
    throw new ConnectError(
      `Cannot load ${where}: its export "${exportName}" has no ${missing.join(', no ')}`,
      { code: 'TRB_PLUGIN_LOAD' },
    );
  }
  return definition;
}

/** The package's main module as an import would find it, under the conditions this process runs with. */
async function entryOf(packageFolder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as {
    main?: string;
  };
  const [entry] = resolveExports(manifest, '.', { conditions: processConditions() }) ?? [];
  return entry ?? manifest.main ?? 'index.js';
}

function processConditions(): string[] {
  return process.execArgv
    .filter((argument) => argument.startsWith('--conditions='))
    .map((argument) => argument.slice('--conditions='.length));
}
