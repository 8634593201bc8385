import { ConnectError } from '@tributary/sdk';
import type { Host } from '../host.ts';
import type { HostRequests } from '../messages.ts';

export type AsideKind = 'validate' | 'pluginConfig' | 'alterSourceOffsets' | 'alterSinkOffsets';

export interface AsideHosts {
  /** Starts the first host before it is needed. */
  warm(): void;
  call<K extends AsideKind>(
    kind: K,
    body: HostRequests[K]['body'],
    options: { timeoutMs: number },
  ): Promise<HostRequests[K]['reply']>;
  close(): Promise<void>;
}

export interface AsideHostsOptions {
  start(onEnded: (reason: string) => void): Host;
  readonly maxHosts: number;
  readonly maxWaiting: number;
  /** A host without a call ends after this long. */
  readonly idleMs: number;
}

interface AsideHost {
  readonly host: Host;
  isBusy: boolean;
  /** Set from the moment it is to be used no more. */
  endReason: string | null;
  idleTimer: NodeJS.Timeout | null;
}

/**
 * Hosts without runs, for single calls of plugin code: one call at a time in each, so that a call that hangs delays nobody else's and its host can be killed at the deadline.
 * When all are busy a call waits its turn, within its deadline.
 */
export function createAsideHosts(options: AsideHostsOptions): AsideHosts {
  const { maxHosts, maxWaiting, idleMs } = options;
  const hosts = new Set<AsideHost>();
  const waiting: (() => void)[] = [];
  let isClosed = false;

  const start = (): AsideHost => {
    const host = options.start((reason) => {
      aside.endReason ??= reason;
      hosts.delete(aside);
      if (aside.idleTimer !== null) clearTimeout(aside.idleTimer);
      waiting.shift()?.();
    });
    const aside: AsideHost = { host, isBusy: true, endReason: null, idleTimer: null };
    hosts.add(aside);
    return aside;
  };

  const take = (): AsideHost | null => {
    if (isClosed) throw new ConnectError('The worker is shutting down');
    const idle = hosts.values().find((aside) => !aside.isBusy && aside.endReason === null);
    if (idle === undefined) return hosts.size < maxHosts ? start() : null;
    idle.isBusy = true;
    if (idle.idleTimer !== null) clearTimeout(idle.idleTimer);
    return idle;
  };

  const giveBack = (aside: AsideHost): void => {
    aside.isBusy = false;
    aside.idleTimer = setTimeout(() => {
      aside.endReason = 'it was not needed any more';
      aside.host.end(aside.endReason);
    }, idleMs);
    aside.idleTimer.unref();
    waiting.shift()?.();
  };

  const takeWithin = async (kind: AsideKind, deadline: number): Promise<AsideHost> => {
    for (;;) {
      const aside = take();
      if (aside !== null) return aside;
      if (waiting.length >= maxWaiting) {
        throw busy(kind, `${waiting.length} calls are waiting already`);
      }
      const turn = Promise.withResolvers<void>();
      waiting.push(turn.resolve);
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(turn.resolve), 1);
        turn.reject(
          busy(kind, `no host was free in time, ${hosts.size} are busy with other calls`),
        );
      }, deadline - performance.now());
      try {
        await turn.promise;
      } finally {
        clearTimeout(timer);
      }
    }
  };

  return {
    warm() {
      if (hosts.size === 0) giveBack(start());
    },
    async call(kind, body, { timeoutMs }) {
      const deadline = performance.now() + timeoutMs;
      const aside = await takeWithin(kind, deadline);
      const { host } = aside;
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => {
        const problem = `${whatOf(kind, body)} had no answer within ${Math.round(timeoutMs / 1000)} s; the plugin's code hangs, its process was ended`;
        late.reject(new ConnectError(problem, { code: 'TRB_PLUGIN_CALL_TIMEOUT' }));
        aside.endReason = 'a plugin did not answer in time';
        host.end(aside.endReason);
      }, deadline - performance.now());
      const call = host.ready.then(() => host.call(kind, body, { timeoutMs: timeoutMs + 1000 }));
      call.catch(() => {});
      try {
        return await Promise.race([call, late.promise]);
      } catch (error) {
        if (aside.endReason === null || isOwn(error)) throw error;
        const problem = `${whatOf(kind, body)} ended its process: ${aside.endReason}`;
        throw new ConnectError(problem, { code: 'TRB_PLUGIN_CALL_LOST', cause: error });
      } finally {
        clearTimeout(timer);
        if (aside.endReason === null) giveBack(aside);
      }
    },
    async close() {
      isClosed = true;
      for (const turn of waiting.splice(0)) turn();
      const open = [...hosts];
      for (const { host } of open) host.end('the worker stops');
      await Promise.all(open.map(({ host }) => host.ended));
    },
  };
}

function whatOf<K extends AsideKind>(kind: K, body: HostRequests[K]['body']): string {
  if ('className' in body) return `The config definition of plugin "${body.className}"`;
  const { name, 'connector.class': className } = body.config;
  const of = `connector "${name ?? ''}" (${className ?? 'no class'})`;
  return kind === 'validate' ? `Validation of ${of}` : `alterOffsets of ${of}`;
}

function busy(kind: AsideKind, why: string): ConnectError {
  return new ConnectError(`"${kind}" cannot run now: ${why}; try again later`, {
    code: 'TRB_HOST_BUSY',
  });
}

function isOwn(error: unknown): boolean {
  return ConnectError.is(error) && error.code === 'TRB_PLUGIN_CALL_TIMEOUT';
}
