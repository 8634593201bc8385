import type { PluginType } from '@tributary/sdk';

/** One plugin as its package's manifest names it; nothing of the plugin has run. */
export interface PluginDescriptor {
  readonly className: string;
  readonly type: PluginType;
  readonly version: string | null;
  /** Folder of the package, and the named export that holds the definition. */
  readonly packageFolder: string;
  readonly exportName: string;
}

export const pluginTypes = [
  'sink',
  'source',
  'transformation',
  'predicate',
  'converter',
  'header_converter',
] as const satisfies readonly PluginType[];

/**
 * The installed plugins by class name and alias. (no I/O)
 * An alias is the simple class name, or that name without its kind's suffix; one that two classes claim belongs to neither, nested classes (`Cast$Value`) have none.
 * Source: Kafka Connect `Plugins`, `PluginUtils.computeAliases`.
 */
export class PluginRegistry {
  /** In the order of `GET /connector-plugins`: by type, class name, version. */
  readonly plugins: readonly PluginDescriptor[];
  readonly #aliases: ReadonlyMap<string, string>;

  constructor(plugins: readonly PluginDescriptor[]) {
    this.plugins = [...withoutRepeats(plugins)].sort(inListOrder);
    this.#aliases = computeAliases(this.plugins);
  }

  /** Alias -> class name, for the log. */
  get aliases(): ReadonlyMap<string, string> {
    return this.#aliases;
  }

  /** The newest plugin of one of `types` whose class name or alias is `name`, of the versions in `range`. */
  find(
    name: string,
    types: readonly PluginType[],
    range: { includes(version: string | null): boolean } | null = null,
  ): PluginDescriptor | undefined {
    return this.versions(name, types).findLast(({ version }) => range?.includes(version) ?? true);
  }

  /** All versions of a plugin, oldest first. */
  versions(name: string, types: readonly PluginType[]): PluginDescriptor[] {
    const className = this.#aliases.get(name) ?? name;
    return this.plugins
      .filter((plugin) => plugin.className === className && types.includes(plugin.type))
      .sort((a, b) => compareVersions(a.version, b.version));
  }

  /** Connectors whose class or pruned name is `alias`: more than one makes the alias unusable. */
  connectorsNamed(alias: string): PluginDescriptor[] {
    const named = this.plugins.filter(
      (plugin) =>
        isConnector(plugin.type) &&
        (plugin.className === alias || aliasesOf(plugin).includes(alias)),
    );
    return [...new Map(named.map((plugin) => [plugin.className, plugin])).values()];
  }
}

export function isConnector(type: PluginType): boolean {
  return type === 'source' || type === 'sink';
}

/** Dotted numbers compare by number, anything else as text; an unknown version is the oldest. */
export function compareVersions(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  const partsA = a.split(/[.\-+]/);
  const partsB = b.split(/[.\-+]/);
  for (let index = 0; index < Math.max(partsA.length, partsB.length); index++) {
    const partA = partsA[index] ?? '0';
    const partB = partsB[index] ?? '0';
    const isNumeric = /^\d+$/.test(partA) && /^\d+$/.test(partB);
    const order = isNumeric ? Number(partA) - Number(partB) : partA < partB ? -1 : 1;
    if (partA !== partB && order !== 0) return order;
  }
  return 0;
}

function computeAliases(plugins: readonly PluginDescriptor[]): Map<string, string> {
  const claims = new Map<string, Set<string>>();
  for (const plugin of plugins) {
    for (const alias of aliasesOf(plugin)) {
      const classes = claims.get(alias) ?? new Set();
      claims.set(alias, classes.add(plugin.className));
    }
  }
  const aliases = new Map<string, string>();
  for (const [alias, classes] of claims) {
    const [className] = classes;
    if (classes.size === 1 && className !== undefined) aliases.set(alias, className);
  }
  return aliases;
}

const suffixes: Record<PluginType, string> = {
  source: 'Connector',
  sink: 'Connector',
  converter: 'Converter',
  header_converter: 'HeaderConverter',
  transformation: 'Transformation',
  predicate: 'Predicate',
};

function aliasesOf(plugin: PluginDescriptor): string[] {
  const simpleName = plugin.className.slice(plugin.className.lastIndexOf('.') + 1);
  if (simpleName.includes('$')) return [];
  const cut = simpleName.lastIndexOf(suffixes[plugin.type]);
  const pruned = cut > 0 ? simpleName.slice(0, cut) : simpleName;
  return pruned === simpleName ? [simpleName] : [simpleName, pruned];
}

function withoutRepeats(plugins: readonly PluginDescriptor[]): Iterable<PluginDescriptor> {
  const byIdentity = new Map<string, PluginDescriptor>();
  for (const plugin of plugins) {
    const identity = `${plugin.type} ${plugin.className} ${plugin.version}`;
    if (!byIdentity.has(identity)) byIdentity.set(identity, plugin);
  }
  return byIdentity.values();
}

function inListOrder(a: PluginDescriptor, b: PluginDescriptor): number {
  const byType = pluginTypes.indexOf(a.type) - pluginTypes.indexOf(b.type);
  if (byType !== 0) return byType;
  if (a.className !== b.className) return a.className < b.className ? -1 : 1;
  return compareVersions(a.version, b.version);
}
