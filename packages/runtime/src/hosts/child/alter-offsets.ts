import { ConnectError, type PluginType, type SourceMap } from '@tributary/sdk';
import type { PluginLoader } from '../../plugins/plugin-loader.ts';
import type { HostRequests } from '../messages.ts';

/** The word of a source connector, on an instance that was never started, about offsets that a user changed. */
export async function alterSourceOffsets(
  { config, offsets }: HostRequests['alterSourceOffsets']['body'],
  plugins: PluginLoader,
): Promise<{ isVouchedFor: boolean }> {
  const plugin = await requirePlugin(config, 'source', plugins);
  const connector = plugin.createConnector();
  if (connector.alterOffsets === undefined) return { isVouchedFor: false };
  // As the request's JSON had them; a connector refuses what it does not know.
  const changes = offsets as { partition: SourceMap; offset: SourceMap | null }[];
  return { isVouchedFor: await connector.alterOffsets(config, changes) };
}

/** The same for the committed offsets of a sink connector's group. */
export async function alterSinkOffsets(
  { config, offsets }: HostRequests['alterSinkOffsets']['body'],
  plugins: PluginLoader,
): Promise<{ isVouchedFor: boolean }> {
  const plugin = await requirePlugin(config, 'sink', plugins);
  const connector = plugin.createConnector();
  if (connector.alterOffsets === undefined) return { isVouchedFor: false };
  return { isVouchedFor: await connector.alterOffsets(config, offsets) };
}

async function requirePlugin<T extends PluginType>(
  config: Readonly<Record<string, string>>,
  type: T,
  plugins: PluginLoader,
) {
  const className = config['connector.class'] ?? '';
  const version = config['connector.plugin.version'];
  const plugin = await plugins.load({ name: className, version }, type);
  if (plugin !== null) return plugin;
  throw new ConnectError(`No ${type} connector "${className}" is installed`, {
    code: 'TRB_PLUGIN_NOT_FOUND',
  });
}
