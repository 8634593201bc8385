import { fileURLToPath } from 'node:url';
import { bindRestServer } from '@tributary/rest';
import {
  type ConfigResolver,
  prepareWorkerConfig,
  startStandaloneWorker,
  type TargetState,
} from '@tributary/runtime';
import type { Terminal } from './terminal-logger.ts';

/** A standalone worker that answers REST. Disposing it stops REST, then connectors and tasks with their last offsets committed. */
export interface RunningWorker extends AsyncDisposable {
  /** Where REST listens, with the port that the system chose. */
  readonly url: string;
  /** Rejects when the config is not valid or the name is taken. */
  createConnector(
    name: string,
    config: Record<string, string | null>,
    targetState: TargetState | null,
  ): Promise<void>;
  /** The connectors of the command line are there: `/health` says so. */
  becomeReady(): void;
}

/** Clients tell what a worker can do by its Connect version. */
const connectVersion = '4.3.1';

/** What a worker finds without any `plugin.path`. */
const bundledPlugins = [
  '@tributary/connector-file',
  '@tributary/converters',
  '@tributary/transforms',
];

/** `properties` as in `worker.properties`. The ports are bound first, since the worker is known by its address. */
export async function startWorker(
  properties: Readonly<Record<string, string>>,
  terminal: Terminal,
): Promise<RunningWorker> {
  const { config, resolver, logger } = await prepareWorkerConfig(properties, {
    environment: process.env,
    logger: terminal.logger,
  });
  try {
    return await startPrepared(config, resolver, { ...terminal, logger });
  } catch (error) {
    throw resolver.withoutValues(error);
  }
}

async function startPrepared(
  config: Readonly<Record<string, string>>,
  resolver: ConfigResolver,
  { logger, levels }: Terminal,
): Promise<RunningWorker> {
  const listeners = (config['listeners'] ?? 'http://:8083').split(',').map((url) => url.trim());
  await using starting = new AsyncDisposableStack();
  const rest = await bindRestServer({
    listeners,
    config,
    environment: process.env,
    logger,
  });
  starting.defer(() => rest.close());
  const worker = await startStandaloneWorker({
    config,
    resolver,
    workerId: rest.advertisedUrl.replace(/^\w+:\/\//, ''),
    bundledPlugins: bundledPlugins.map(folderOf),
    version: connectVersion,
    commit: 'unknown',
    logger,
    levels,
  });
  logger.info('Kafka Connect starting');
  rest.serve(worker.herder, {
    list: () => levels.list(),
    get: (name) => levels.get(name),
    set: async (name, level) => levels.set(name, level),
  });
  logger.info('Kafka Connect started');
  starting.move();
  return {
    url: rest.urls[0] as string,
    async createConnector(name, connectorConfig, targetState) {
      const options = { allowReplace: false, targetState };
      await worker.herder.putConnectorConfig(name, connectorConfig, options);
      logger.info(`Created connector ${name}`);
    },
    becomeReady: () => worker.herder.becomeReady(),
    async [Symbol.asyncDispose]() {
      await rest.close();
      await worker.close();
    },
  };
}

/** Sources and built code both lie one folder below the package. */
function folderOf(packageName: string): string {
  return fileURLToPath(new URL('..', import.meta.resolve(packageName)));
}
