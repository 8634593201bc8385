import { DevBrokerError, startDevBroker } from '@tributary/dev-broker';
import type { Logger } from '@tributary/runtime';
import { ExitError } from './exit-error.ts';
import { portError } from './free-port.ts';

/** The development broker in this process. Disposing it closes its log. */
export interface RunningBroker extends AsyncDisposable {
  /** `host:port`, with the port that the system chose. */
  readonly address: string;
}

/** Without `port` the key `listeners` says it. `portOption` is the option that moves it to another port; without `dataFolder` everything is kept in memory. */
export async function startBroker(options: {
  port: number | undefined;
  portOption: string;
  dataFolder: string | undefined;
  /** Broker keys with Kafka's names. */
  config?: Readonly<Record<string, string>>;
  logger: Logger;
}): Promise<RunningBroker> {
  const { port, portOption, dataFolder, config = {}, logger } = options;
  try {
    const broker = await startDevBroker({
      ...(port !== undefined && { port }),
      ...(dataFolder !== undefined && { dataFolder }),
      config,
      logger: logger.child({ name: 'dev-broker' }),
    });
    return {
      address: broker.bootstrapServers,
      [Symbol.asyncDispose]: () => broker.close(),
    };
  } catch (error) {
    if (!(error instanceof DevBrokerError)) throw error;
    if (error.code === 'TRB_BROKER_PORT_IN_USE' && port !== undefined) {
      throw portError('the Kafka broker', port, portOption, { code: 'EADDRINUSE' });
    }
    throw new ExitError(error.message, { cause: error });
  }
}
