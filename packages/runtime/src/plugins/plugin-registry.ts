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
