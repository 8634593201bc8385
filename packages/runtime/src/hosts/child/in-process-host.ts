import { ConnectError } from '@tributary/sdk';
import type { Logger } from '../../logger.ts';
import type { Host, HostListener, StartHost } from '../host.ts';
import type { HostRequests, HostSettings } from '../messages.ts';
import { createHostRuntime, type HostRuntime, type RunRequests } from './host-runtime.ts';
import type { HostServicesDeps, ServicesModule } from './task-host.ts';

/**
 * Hosts inside the own process, for tests: the same calls and events, without isolation. Messages are cloned as on their way to a process.
 * `end` forgets the runs but cannot stop code that runs on.
 */
export function createInProcessStarter(
  createServices: ServicesModule['createHostServices'],
  logger: Logger,
): StartHost {
  return (_hostId, settings, listener) =>
    startInProcess(settings, listener, createServices, logger);
}

function startInProcess(
  settings: HostSettings,
  listener: HostListener,
  createServices: ServicesModule['createHostServices'],
  logger: Logger,
): Host {
  const over = Promise.withResolvers<never>();
  over.promise.catch(() => {});
  const ended = Promise.withResolvers<void>();
  let isOver = false;
  const control: HostServicesDeps['control'] = {
    call: async (kind, body) =>
      structuredClone(
        await Promise.race([listener.answer(kind, structuredClone(body)), over.promise]),
      ),
  };
  const runtime: Promise<HostRuntime> = createServices(settings, { logger, control }).then(
    (services) =>
      createHostRuntime({
        services,
        logger,
        emit: (event) => {
          if (!isOver) listener.onEvent(structuredClone(event));
        },
      }),
  );
  return {
    pid: null,
    ready: runtime.then(() => {}),
    async call<K extends keyof HostRequests>(kind: K, body: HostRequests[K]['body']) {
      if (kind === 'configure' || kind === 'setLogLevel') return null;
      const host = await runtime;
      const reply = host.answer(kind as K & keyof RunRequests, structuredClone(body) as never);
      return structuredClone(await Promise.race([reply, over.promise]));
    },
    end(reason) {
      if (isOver) return;
      isOver = true;
      listener.onEnded({ reason, suspect: null, isKilledFromOutside: false });
      over.reject(new ConnectError(`The host in this process ended: ${reason}`));
      ended.resolve();
    },
    ended: ended.promise,
  };
}
