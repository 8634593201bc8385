/** What a task host can do: real plugins, real Kafka clients, offsets kept by the control process. Loaded by `task-host.ts`. */
import { createAdmin, createConsumer, createProducer } from '@tributary/kafka';
import { ConnectError } from '@tributary/sdk';
import type { Logger } from '../../logger.ts';
import { createPluginLoader, type PluginLoader } from '../../plugins/plugin-loader.ts';
import { buildTask } from '../../worker/build-task.ts';
import type { TaskDeps } from '../../worker/task-deps.ts';
import { startConnector } from '../../worker/worker-connector.ts';
import type { Config, HostEvent, HostSettings } from '../messages.ts';
import { alterSinkOffsets, alterSourceOffsets } from './alter-offsets.ts';
import { type HostServices, ownHostNeededCode } from './host-runtime.ts';
import { currentRun, inPluginCall } from './run-context.ts';
import type { HostServicesDeps } from './task-host.ts';
import { watchedLoader } from './watched-loader.ts';

/** For one answer of the offset store; tasks give up earlier by their own deadlines. */
const offsetsTimeoutMs = 60_000;

export async function createHostServices(
  settings: HostSettings,
  host: HostServicesDeps,
): Promise<HostServices> {
  const plugins = watchedLoader(createPluginLoader(settings.plugins), settings);
  const validation = { plugins, workerConfig: settings.workerConfig };
  const depsFor = (emit: (event: HostEvent) => void): TaskDeps => {
    const logger = host.logger.child({ context: currentRun()?.logContext ?? '' });
    return {
      settings,
      plugins,
      logger,
      emit,
      offsets: offsetsOver(host.control),
      enter: inPluginCall,
      ...clients(logger),
    };
  };
  return {
    async startConnector(run, emit) {
      await refuseWhereItWouldBlock(run.config, plugins);
      return startConnector(run, depsFor(emit));
    },
    async startTask(run, emit) {
      await refuseWhereItWouldBlock(run.connectorConfig, plugins);
      return buildTask(run, depsFor(emit));
    },
    // Loaded when first asked: hosts of tasks do without the definitions of some 300 keys.
    async validate({ config }) {
      const { validateConnectorConfig } = await import('../../herder/validate-config.ts');
      return validateConnectorConfig(config, validation);
    },
    async pluginConfig(plugin) {
      const { pluginConfigKeys } = await import('../../herder/validate-config.ts');
      return pluginConfigKeys(plugin, validation);
    },
    alterSourceOffsets: (body) => alterSourceOffsets(body, plugins),
    alterSinkOffsets: (body) => alterSinkOffsets(body, plugins),
  };
}

/** Before a status is told; any other problem with the plugin is for the start itself to find. */
async function refuseWhereItWouldBlock(config: Config, plugins: PluginLoader): Promise<void> {
  try {
    const { 'connector.class': name = '', 'connector.plugin.version': version } = config;
    await plugins.load({ name, version }, 'source', 'sink');
  } catch (error) {
    if (ConnectError.is(error) && error.code === ownHostNeededCode) throw error;
  }
}

function offsetsOver(control: HostServicesDeps['control']): TaskDeps['offsets'] {
  const options = { timeoutMs: offsetsTimeoutMs };
  return {
    read: (connector, partitions, signal) =>
      unlessAborted(
        control.call('readOffsets', { connector, partitions: [...partitions] }, options),
        signal,
      ),
    write: (connector, entries, signal) =>
      unlessAborted(
        control.call('writeOffsets', { connector, entries: [...entries] }, options),
        signal,
      ),
  };
}

function clients(
  logger: Logger,
): Pick<TaskDeps, 'createProducer' | 'createConsumer' | 'createAdmin'> {
  return {
    createProducer: (config) => createProducer(config, { logger }),
    createConsumer: (config, onMember) => createConsumer(config, { logger, onMember }),
    createAdmin: (config) => createAdmin(config, { logger }),
  };
}

/** Rejects with the signal's reason; the call itself goes on. */
function unlessAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    call.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
