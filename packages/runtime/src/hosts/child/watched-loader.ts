import { ConnectError, type PluginDefinition } from '@tributary/sdk';
import type { PluginLoader } from '../../plugins/plugin-loader.ts';
import { ownHostNeededCode } from './host-runtime.ts';
import { inPluginCall, watchPlugin } from './run-context.ts';

/** A loader whose connectors and tasks tell the guard when their code runs, and which refuses a plugin that blocks where it would block others. */
export function watchedLoader(
  loader: PluginLoader,
  host: { readonly mayBlock: boolean },
): PluginLoader {
  const watched = new WeakMap<PluginDefinition, PluginDefinition>();
  return {
    registry: loader.registry,
    async load(wanted, ...types) {
      const definition: PluginDefinition | null = await loader.load(wanted, ...types);
      if (definition === null) return null;
      const known = watched.get(definition) ?? watchDefinition(definition, host.mayBlock);
      watched.set(definition, known);
      return known as never;
    },
  };
}

function watchDefinition(definition: PluginDefinition, mayBlock: boolean): PluginDefinition {
  if (definition.type !== 'source' && definition.type !== 'sink') return definition;
  if (definition.isBlocking && !mayBlock) {
    throw new ConnectError(
      `${definition.className} blocks the event loop and needs a task host of its own`,
      { code: ownHostNeededCode },
    );
  }
  const validate = definition.validate?.bind(definition);
  // Inherits from the definition: it may be an object of a class.
  return Object.assign(Object.create(definition) as PluginDefinition, {
    createConnector: () =>
      watchPlugin(inPluginCall('createConnector', () => definition.createConnector())),
    createTask: () => watchPlugin(inPluginCall('createTask', () => definition.createTask())),
    ...(validate && {
      validate: (...args: Parameters<typeof validate>) =>
        inPluginCall('validate', () => validate(...args)),
    }),
  });
}
