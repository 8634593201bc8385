import { Broker } from './broker.ts';
import { resolveBrokerConfig } from './broker-config.ts';
import { type Clock, systemClock } from './clock.ts';
import { type ControlOptions, createFaults, type Respond } from './faults.ts';
import { startHousekeeping } from './housekeeping.ts';
import { type Listen, type Listener, listen, serveConnection } from './listener.ts';
import { type DataFolder, openDataFolder } from './log/data-folder.ts';
import { createDiskStorage } from './log/disk-storage.ts';
import type { Storage } from './log/log-file.ts';
import { createMemoryStorage } from './log/memory-storage.ts';
import { type BrokerLogger, silentLogger } from './logger.ts';
import { readListenerConfig } from './security/listener-config.ts';
import { resumeTransactions } from './transactions/coordinator.ts';
import { newUuid } from './uuid.ts';

export interface DevBrokerOptions {
  /** Where to listen; default: what the key `listeners` says, else loopback. */
  readonly host?: string;
  /** 0: any free port. Default: what the key `listeners` says, else 0. */
  readonly port?: number;
  /** Created where missing. Absent: everything is kept in memory. */
  readonly dataFolder?: string;
  /** The host that clients are told; default: what the key `advertised.listeners` says, else `host`, or 127.0.0.1 where that is a wildcard. */
  readonly advertisedHost?: string;
  /** Kafka's broker keys: see broker-config.ts. */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  readonly logger?: BrokerLogger;
  /** How connections come; default: TCP, with TLS where `listeners` says so. */
  readonly listen?: Listen;
}

export interface DevBroker extends AsyncDisposable {
  readonly bootstrapServers: string;
  readonly port: number;
  readonly clusterId: string;
  /** Programs a fault for requests of an API; returns what removes it. Faults outlive `stop` and `start`. */
  control(apiKey: number, respond: Respond, options?: ControlOptions): () => void;
  /** Closes port and connections at once, as an outage would. Data stays: on disk, or in memory. */
  stop(): Promise<void>;
  /** Starts again on the same port with the same data. */
  start(): Promise<void>;
  /** For good. */
  close(): Promise<void>;
}

/** Resolves when the port is open. Throws DevBrokerError for a port in use, a folder that is locked, damaged or not writable, a wrong config value. */
export async function startDevBroker(options: DevBrokerOptions = {}): Promise<DevBroker> {
  const { dataFolder, logger = silentLogger } = options;
  const { listener: listenerConfig, rest } = readListenerConfig(options.config ?? {});
  const config = resolveBrokerConfig(rest, logger);
  const { advertised } = listenerConfig;
  const host = options.host ?? listenerConfig.host ?? '127.0.0.1';
  const clock: Clock = systemClock;
  const faults = createFaults();
  const memory = dataFolder === undefined ? createMemoryStorage() : undefined;
  const memoryClusterId = newUuid();
  let port = options.port ?? listenerConfig.port ?? 0;
  let running: Running | undefined;

  const open = async (): Promise<Running> => {
    const folder = dataFolder === undefined ? undefined : openDataFolder(dataFolder);
    const storage: Storage = memory ?? createDiskStorage(dataFolder ?? '');
    const clusterId = folder?.clusterId ?? memoryClusterId;
    let broker: Broker | undefined;
    try {
      broker = new Broker({ config, clusterId, storage, clock, logger, faults });
      resumeTransactions(broker);
      const serving = broker;
      const listener =
        options.listen === undefined
          ? await listen(broker, host, port, listenerConfig)
          : await options.listen({ host, port }, (stream) => {
              serveConnection(serving, stream, listenerConfig.plainUsers);
            });
      port = listener.port;
      broker.address = {
        host: options.advertisedHost ?? (advertised?.host || reachableHost(host)),
        port: advertised?.port || port,
      };
      return { broker, listener, folder, stopHousekeeping: startHousekeeping(broker) };
    } catch (error) {
      broker?.close();
      folder?.release();
      throw error;
    }
  };
  const stop = async (): Promise<void> => {
    const ending = running;
    running = undefined;
    if (ending === undefined) return;
    ending.stopHousekeeping();
    await ending.listener.close();
    ending.broker.close();
    ending.folder?.release();
  };
  const first = await open();
  running = first;
  return {
    get bootstrapServers() {
      const { host, port } = first.broker.address;
      return `${host}:${port}`;
    },
    get port() {
      return port;
    },
    clusterId: first.broker.clusterId,
    control: (apiKey, respond, options) => faults.control(apiKey, respond, options),
    async start() {
      running ??= await open();
    },
    stop,
    close: stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Running {
  readonly broker: Broker;
  readonly listener: Listener;
  readonly folder: DataFolder | undefined;
  readonly stopHousekeeping: () => void;
}

function reachableHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}
