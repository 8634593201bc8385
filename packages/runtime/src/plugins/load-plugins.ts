import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PluginType } from '@tributary/sdk';
import { type PluginDescriptor, PluginRegistry, pluginTypes } from './plugin-registry.ts';

/** What was found, and what could not be used with the reason, a sentence each for the log. */
export interface PluginScan {
  readonly registry: PluginRegistry;
  readonly problems: readonly string[];
}

/**
 * Plugin path -> registry of classes and versions, from manifests only: no code of a plugin runs.
 * `bundled` are folders of packages. Each entry of `pluginPath` is a folder that is a package, or that holds packages as children (also scoped ones, and those of its node_modules).
 */
export async function loadPlugins(
  bundled: readonly string[],
  pluginPath: readonly string[],
): Promise<PluginScan> {
  const problems: string[] = [];
  const plugins: PluginDescriptor[] = [];
  for (const folder of bundled) plugins.push(...((await readManifest(folder, problems)) ?? []));
  for (const entry of pluginPath) {
    const folder = resolve(entry);
    const own = await readManifest(folder, problems);
    if (own !== null) {
      plugins.push(...own);
      continue;
    }
    const children = await packageFolders(folder, problems);
    for (const child of children) plugins.push(...((await readManifest(child, problems)) ?? []));
  }
  return { registry: new PluginRegistry(plugins), problems };
}

/** Null when the folder is no package with plugins. */
async function readManifest(
  folder: string,
  problems: string[],
): Promise<PluginDescriptor[] | null> {
  const file = join(folder, 'package.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return null;
  }
  try {
    const manifest: unknown = JSON.parse(text);
    return descriptorsOf(folder, manifest, (problem) => problems.push(`${file}: ${problem}`));
  } catch (error) {
    problems.push(`${file} is not JSON (${(error as Error).message}); its plugins are left out`);
    return [];
  }
}

function descriptorsOf(
  folder: string,
  manifest: unknown,
  report: (problem: string) => void,
): PluginDescriptor[] | null {
  const { version, tributary } = asObject(manifest);
  const entries = asObject(tributary)['plugins'];
  if (entries === undefined) return null;
  if (!Array.isArray(entries)) {
    report('"tributary.plugins" must be an array; its plugins are left out');
    return [];
  }
  const plugins: PluginDescriptor[] = [];
  for (const entry of entries) {
    const fields = asObject(entry);
    const { class: className, type, export: exportName } = fields;
    if (
      typeof className !== 'string' ||
      typeof exportName !== 'string' ||
      !pluginTypes.includes(type as PluginType)
    ) {
      report(
        `plugin ${JSON.stringify(entry)} needs "class", "export" and a "type" of ${pluginTypes.join(', ')}; it is left out`,
      );
      continue;
    }
    const ownVersion = fields['version'] ?? version;
    plugins.push({
      className,
      type: type as PluginType,
      version: typeof ownVersion === 'string' ? ownVersion : null,
      packageFolder: folder,
      exportName,
    });
  }
  return plugins;
}

async function packageFolders(folder: string, problems: string[]): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    problems.push(`plugin.path entry "${folder}" cannot be read: ${(error as Error).message}`);
    return [];
  }
  const folders: string[] = [];
  for (const name of names.sort()) {
    const child = join(folder, name);
    if (name === 'node_modules' || name.startsWith('@')) {
      folders.push(...(await packageFolders(child, problems)));
    } else if (!name.startsWith('.')) {
      folders.push(child);
    }
  }
  return folders;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
