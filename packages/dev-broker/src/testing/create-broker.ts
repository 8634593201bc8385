import { type Api, type Decoded, Reader, Writer } from '@tributary/wire';
import { Broker } from '../broker.ts';
import { resolveBrokerConfig } from '../broker-config.ts';
import { createFaults } from '../faults.ts';
import { handlers } from '../handlers/index.ts';
import type { Storage } from '../log/log-file.ts';
import { createMemoryStorage } from '../log/memory-storage.ts';
import { silentLogger } from '../logger.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

export interface TestBroker {
  readonly broker: Broker;
  readonly clock: FakeClock;
  readonly storage: Storage;
  /** Calls a handler with what is given; fields that are left out are as the API's table decodes them. */
  call<Req, Res>(api: Api<Req, Res>, version: number, request: Req): Promise<Decoded<Res>>;
}

/** A broker without a socket: requests and answers still go through their bytes. */
export function createTestBroker(
  config: Record<string, string | number | boolean> = {},
  storage: Storage = createMemoryStorage(),
  clock: FakeClock = createFakeClock(),
): TestBroker {
  const broker = new Broker({
    config: resolveBrokerConfig(config, silentLogger),
    clusterId: 'test',
    storage,
    clock,
    logger: silentLogger,
    faults: createFaults(),
  });
  const signal = new AbortController().signal;
  return {
    broker,
    clock,
    storage,
    async call(api, version, request) {
      const handler = handlers.get(api.key);
      if (handler === undefined) throw new Error(`${api.name} is not served`);
      const asked = api.request.decode(
        readBack((writer) => api.request.encode(writer, request, version)),
        version,
      );
      const call = {
        version,
        clientId: 'test',
        clientHost: '/test',
        signal,
        sasl: undefined,
        servedApis: [],
      };
      const response = await handler.handle(broker, asked, call);
      const bytes = readBack((writer) => api.response.encode(writer, response as never, version));
      return api.response.decode(bytes, version);
    },
  };
}

function readBack(write: (writer: Writer) => void): Reader {
  const writer = new Writer();
  write(writer);
  return new Reader(Buffer.from(writer.finish()));
}
