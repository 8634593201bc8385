import { javaHashOrder, type PluginType } from '@tributary/sdk';
import { isConfigProvider } from '../plugins/config-provider.ts';
import {
  isConnector,
  type PluginDescriptor,
  type PluginRegistry,
  pluginTypes,
} from '../plugins/plugin-registry.ts';
import { parseVersionRange } from '../plugins/version-range.ts';
import type { StoredConfig } from '../storage/config-store.ts';
import { HerderError } from './errors.ts';
import type { PluginInfo } from './herder.ts';

/** The plugin list of `GET /connector-plugins`. (no I/O) */
export function pluginInfos(registry: PluginRegistry): PluginInfo[] {
  return registry.plugins.map(({ className, type, version }) => ({
    class: className,
    type,
    ...(version === null ? {} : { version }),
  }));
}

/** The connector plugin that `connector.class` names; the texts are Java's. */
export function requireConnectorPlugin(
  registry: PluginRegistry,
  config: StoredConfig,
): PluginDescriptor {
  const connectorClass = config['connector.class'];
  if (connectorClass === undefined || connectorClass === null) {
    throw new HerderError(
      400,
      `Connector config ${describeConfig(config)} contains no connector type`,
    );
  }
  const named = registry.connectorsNamed(connectorClass);
  if (named.length > 1) {
    throw new HerderError(
      400,
      `More than one connector matches alias ${connectorClass}. Please use full package and class name instead. Classes found: ${named.map(describePlugin).join(', ')}`,
    );
  }
  const found = registry.find(connectorClass, ['source', 'sink']);
  if (found !== undefined) return found;
  const available = registry.plugins.filter((plugin) => isConnector(plugin.type));
  throw new HerderError(
    400,
    `Failed to find any class that implements Connector and which name matches ${connectorClass}, available connectors are: ${available.map(describePlugin).join(', ')}`,
  );
}

/** For `GET /connector-plugins/{plugin}/config`. */
export function requirePlugin(
  registry: PluginRegistry,
  name: string,
  version: string | null,
): PluginDescriptor {
  const versions = registry.versions(name, [...pluginTypes] as PluginType[]);
  const newest = versions.at(-1);
  if (newest === undefined && isConfigProvider(name)) {
    throw new HerderError(
      400,
      `Invalid plugin class ${name}. Valid types are sink, source, converter, header_converter, transformation, predicate.`,
    );
  }
  if (newest === undefined) throw new HerderError(404, `Unknown plugin ${name}.`);
  const range = parseVersionRange(version);
  const wanted = versions.findLast((plugin) => range?.includes(plugin.version) ?? true);
  if (wanted !== undefined) return wanted;
  const available = versions.map((plugin) => plugin.version).join(', ');
  throw new HerderError(
    400,
    `Plugin ${newest.className} not found that matches the version range ${range?.text}, available versions: [${available}]`,
  );
}

/** As Java prints a HashMap. */
function describeConfig(config: StoredConfig): string {
  const members = javaHashOrder(Object.keys(config)).map((key) => `${key}=${config[key]}`);
  return `{${members.join(', ')}}`;
}

function describePlugin(plugin: PluginDescriptor): string {
  const { className, type, version } = plugin;
  return `PluginDesc{klass=class ${className}, name='${className}', version='${version ?? 'undefined'}', encodedVersion=${version ?? 'undefined'}, type=${type}, typeName='${type}', location='classpath'}`;
}
