/**
 * SPINE of the control side of task hosts: which host runs what; starts hosts on demand, ends empty ones, finds who is to blame for a lost one.
 * A run belongs to its host from before it is started until it was stopped.
 */
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { ConnectError, NotFoundError } from '@tributary/sdk';
import { type LevelChange, LogLevels } from '../../log-levels.ts';
import type { Logger } from '../../logger.ts';
import { ownHostNeededCode } from '../child/host-runtime.ts';
import type { Host, HostEnd, HostListener, StartHost } from '../host.ts';
import type { HostPool, HostPoolListener } from '../host-pool-api.ts';
import type { ConnectorRun, HostEvent, HostRequests, HostSettings, TaskRun } from '../messages.ts';
import { siblingFile } from '../sibling-file.ts';
import { type AsideHosts, createAsideHosts } from './aside-hosts.ts';
import { defaultHostLimits, type HostLimits } from './host-limits.ts';
import { createHostStarter } from './host-process.ts';
import { lossTrace, messageIn, whileText } from './loss-trace.ts';
import { placeRun } from './place-run.ts';
import { createQuarantine, type Quarantine } from './quarantine.ts';

export interface HostPoolOptions {
  readonly settings: Omit<HostSettings, 'hostId' | 'logLevels' | 'mayBlock'>;
  readonly logger: Logger;
  /** Hosts log by them, and by every change of them. Default: INFO. */
  readonly levels?: LogLevels;
  /** Hosts that runs share; default: one per core. */
  readonly maxHosts?: number;
  /** Hosts for `callAside`. */
  readonly maxAsideHosts?: number;
  readonly limits?: Partial<HostLimits>;
  /** An empty host ends after this long. */
  readonly idleMs?: number;
  /** A suspect that ran this long without another loss is above suspicion. */
  readonly quarantineMs?: number;
  readonly environmentNames?: readonly string[];
  /** URL of the module that exports `createHostServices`. */
  readonly servicesModule?: string;
  /** Instead of child processes. */
  readonly startHost?: StartHost;
}

interface HostedRun {
  readonly runId: number;
  readonly connector: string;
  /** `orders` or `orders-0`, for log and trace. */
  readonly name: string;
  readonly key: string;
  readonly isTask: boolean;
  /** Its start has been answered: the worker knows it as running. */
  hasStarted: boolean;
  /** A task that has failed, or was given up at its stop. */
  state: 'live' | 'failed' | 'abandoned';
}

interface PooledHost {
  readonly hostId: number;
  readonly host: Host;
  readonly group: string | null;
  readonly runs: Map<number, HostedRun>;
  idleTimer: NodeJS.Timeout | null;
  isEnding: boolean;
  /** It has answered once: from then on its runs may be to blame for its loss. */
  isReady: boolean;
  loss: { culprit: number | null; trace: string } | null;
}

type RunCalls =
  | 'setConnectorState'
  | 'taskConfigs'
  | 'stopConnector'
  | 'setTaskState'
  | 'stopTask'
  | 'forgetTopics';

/** Above the 90 s of a REST call: a connector's `start` may take its time. */
const startTimeoutMs = 120_000;
/** A run whose host is lost by another's fault while it starts is started again this often. */
const maxStarts = 5;
const maxSuspectGroups = 4;
/** How the group of a host begins whose plugin may block the event loop. */
const blocking = 'blocking';
/** In a connector config: run this connector and its tasks in a host of their own. */
const ownHostKey = 'tributary.own.host';

export function createHostPool(options: HostPoolOptions, listener: HostPoolListener): HostPool {
  return new TaskHostPool(options, listener);
}

class TaskHostPool implements HostPool {
  readonly #options: HostPoolOptions;
  readonly #listener: HostPoolListener;
  readonly #startHost: StartHost;
  readonly #asides: AsideHosts;
  readonly #quarantine: Quarantine;
  readonly #levels: LogLevels;
  readonly #unfollowLevels: () => void;
  readonly #hosts = new Map<number, PooledHost>();
  /** Those for `callAside` too. */
  readonly #open = new Set<Host>();
  /** Connector classes that said, when loaded, that their driver blocks. */
  readonly #blockingClasses = new Set<string>();
  /** Runs whose start has not been answered; a stop in between ends the tries to start them. */
  readonly #starting = new Map<number, { isStopped: boolean }>();
  #lastHostId = 0;
  #isClosed = false;

  constructor(options: HostPoolOptions, listener: HostPoolListener) {
    this.#options = options;
    this.#listener = listener;
    this.#levels = options.levels ?? new LogLevels('info');
    this.#unfollowLevels = this.#levels.follow((change) => this.#setLogLevel(change));
    const { maxAsideHosts = 3, idleMs = 30_000, quarantineMs = 300_000 } = options;
    this.#startHost = options.startHost ?? this.#processStarter();
    this.#quarantine = createQuarantine({ maxGroups: maxSuspectGroups, releaseMs: quarantineMs });
    this.#asides = createAsideHosts({
      maxHosts: maxAsideHosts,
      maxWaiting: 100,
      idleMs,
      start: (onEnded) => this.#startAside(onEnded),
    });
  }

  warm(): void {
    if (this.#hosts.size === 0) this.#endIfEmpty(this.#startPooled(null));
    this.#asides.warm();
  }

  startConnector(run: ConnectorRun): Promise<{ version: string | null }> {
    return this.#start('startConnector', run, run.config, {
      runId: run.runId,
      connector: run.connector,
      name: run.connector,
      key: `connector ${run.connector}`,
      isTask: false,
    });
  }

  startTask(run: TaskRun): Promise<{ version: string | null }> {
    const name = `${run.connector}-${run.task}`;
    return this.#start('startTask', run, run.connectorConfig, {
      runId: run.runId,
      connector: run.connector,
      name,
      key: `task ${name}`,
      isTask: true,
    });
  }

  async callRun<K extends RunCalls>(
    kind: K,
    body: HostRequests[K]['body'],
    options: { timeoutMs: number },
  ): Promise<HostRequests[K]['reply']> {
    const { runId } = body;
    const isStop = kind === 'stopTask' || kind === 'stopConnector';
    const starting = this.#starting.get(runId);
    if (isStop && starting !== undefined) starting.isStopped = true;
    const pooled = this.#hostOf(runId);
    if (pooled === undefined) throw new NotFoundError(`Run ${runId} is over`);
    try {
      await pooled.host.ready;
      const reply = await pooled.host.call(kind, body, options);
      if (isStop) this.#afterStop(pooled, runId, reply as { isClean: boolean } | null);
      return reply;
    } catch (error) {
      if (pooled.loss !== null) throw new NotFoundError(`Run ${runId} ended with its task host`);
      if (isStop) this.#afterStop(pooled, runId, { isClean: !isTimeout(error) });
      throw error;
    }
  }

  callAside<K extends 'validate' | 'pluginConfig' | 'alterSourceOffsets' | 'alterSinkOffsets'>(
    kind: K,
    body: HostRequests[K]['body'],
    options: { timeoutMs: number },
  ): Promise<HostRequests[K]['reply']> {
    return this.#asides.call(kind, body, options);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unfollowLevels();
    const open = [...this.#hosts.values()];
    for (const pooled of open) this.#end(pooled, 'the worker stops');
    await Promise.all([this.#asides.close(), ...open.map(({ host }) => host.ended)]);
  }

  // Starting

  async #start<K extends 'startConnector' | 'startTask'>(
    kind: K,
    body: HostRequests[K]['body'],
    config: Readonly<Record<string, string>>,
    facts: Omit<HostedRun, 'hasStarted' | 'state'>,
  ): Promise<HostRequests[K]['reply']> {
    const starting = { isStopped: false };
    this.#starting.set(facts.runId, starting);
    try {
      return await this.#startSomewhere(kind, body, config, facts, starting);
    } finally {
      this.#starting.delete(facts.runId);
    }
  }

  async #startSomewhere<K extends 'startConnector' | 'startTask'>(
    kind: K,
    body: HostRequests[K]['body'],
    config: Readonly<Record<string, string>>,
    facts: Omit<HostedRun, 'hasStarted' | 'state'>,
    starting: { readonly isStopped: boolean },
  ): Promise<HostRequests[K]['reply']> {
    for (let starts = 1; ; starts++) {
      if (starting.isStopped) {
        throw new NotFoundError(`"${facts.name}" was stopped before it had started`);
      }
      const run: HostedRun = { ...facts, hasStarted: false, state: 'live' };
      const pooled = this.#place(run, config);
      try {
        await pooled.host.ready;
        const reply = await pooled.host.call(kind, body, { timeoutMs: startTimeoutMs });
        run.hasStarted = true;
        return reply;
      } catch (error) {
        if (pooled.loss !== null) {
          const { culprit, trace } = pooled.loss;
          if (culprit !== run.runId && starts < maxStarts && !this.#isClosed) continue;
          throw Object.assign(new ConnectError(messageIn(trace), { code: 'TRB_HOST_LOST' }), {
            trace,
          });
        }
        const className = config['connector.class'] ?? '';
        if (isOwnHostNeeded(error) && starts < maxStarts) {
          this.#leave(pooled, run.runId);
          this.#blockingClasses.add(className);
          continue;
        }
        this.#leaveAfterFailedStart(pooled, run, isTimeout(error));
        throw error;
      }
    }
  }

  #place(run: HostedRun, config: Readonly<Record<string, string>>): PooledHost {
    if (this.#isClosed) throw new ConnectError('The worker is shutting down');
    const group = this.#groupOf(run, config);
    const loads = [...this.#hosts.values()].filter(isOpen).map(loadOf);
    const maxHosts = this.#options.maxHosts ?? availableParallelism();
    const hostId = placeRun(loads, { isTask: run.isTask, group }, maxHosts);
    const found = hostId === null ? undefined : this.#hosts.get(hostId);
    const pooled = found ?? this.#startPooled(group);
    if (pooled.idleTimer !== null) clearTimeout(pooled.idleTimer);
    pooled.runs.set(run.runId, run);
    return pooled;
  }

  /** Suspects stay apart even from runs of their own connector. */
  #groupOf(run: HostedRun, config: Readonly<Record<string, string>>): string | null {
    const suspects = this.#quarantine.groupOf(run.key);
    const isBlocking = this.#blockingClasses.has(config['connector.class'] ?? '');
    const kind = isBlocking ? blocking : '';
    if (suspects !== null) return `${kind} suspects ${suspects}`;
    const isOwn = isBlocking || config[ownHostKey] === 'true';
    return isOwn ? `${kind} connector ${run.connector}` : null;
  }

  #startPooled(group: string | null): PooledHost {
    const hostId = ++this.#lastHostId;
    const host = this.#startAnyHost(hostId, group, {
      onEvent: (event) => this.#onEvent(pooled, event),
      onEnded: (end) => this.#onEnded(pooled, end),
    });
    const pooled: PooledHost = {
      hostId,
      host,
      group,
      runs: new Map(),
      idleTimer: null,
      isEnding: false,
      isReady: false,
      loss: null,
    };
    host.ready.then(
      () => {
        pooled.isReady = true;
      },
      () => {},
    );
    this.#hosts.set(hostId, pooled);
    return pooled;
  }

  #startAside(onEnded: (reason: string) => void): Host {
    const hostId = ++this.#lastHostId;
    return this.#startAnyHost(hostId, blocking, {
      onEvent: () => {},
      onEnded: ({ reason }) => onEnded(reason),
    });
  }

  #startAnyHost(
    hostId: number,
    group: string | null,
    listener: Pick<HostListener, 'onEvent' | 'onEnded'>,
  ): Host {
    const host = this.#startHost(hostId, this.#settingsFor(hostId, group), {
      onEvent: listener.onEvent,
      answer: (kind, body) => this.#listener.answer(kind, body),
      onEnded: (end) => {
        this.#open.delete(host);
        listener.onEnded(end);
      },
    });
    this.#open.add(host);
    return host;
  }

  #setLogLevel(change: LevelChange): void {
    for (const host of this.#open) {
      // A host that is lost meanwhile logs no more.
      host.ready
        .then(() => host.call('setLogLevel', change, { timeoutMs: startTimeoutMs }))
        .catch(() => {});
    }
  }

  #settingsFor(hostId: number, group: string | null): HostSettings {
    const { settings } = this.#options;
    const logLevels = this.#levels.byName();
    const mayBlock = group?.startsWith(blocking) ?? false;
    return { ...settings, hostId, logLevels, mayBlock };
  }

  #processStarter(): StartHost {
    const { logger, limits, environmentNames = [], servicesModule } = this.#options;
    return createHostStarter({
      limits: { ...defaultHostLimits(), ...limits },
      logger,
      environmentNames,
      servicesModule:
        servicesModule ??
        pathToFileURL(siblingFile(import.meta.url, '../child/host-services')).href,
      describe: (suspect) => {
        const run = this.#runOf(suspect.runId);
        return run === undefined ? '' : whileText(run, suspect);
      },
    });
  }

  // Ending

  #afterStop(pooled: PooledHost, runId: number, reply: { isClean: boolean } | null): void {
    const run = pooled.runs.get(runId);
    if (run !== undefined && reply?.isClean === false) run.state = 'abandoned';
    else pooled.runs.delete(runId);
    this.#endIfEmpty(pooled);
  }

  #leave(pooled: PooledHost, runId: number): void {
    pooled.runs.delete(runId);
    this.#endIfEmpty(pooled);
  }

  /** A start that has not answered may still be at work: nothing else may come to depend on that host for long. */
  #leaveAfterFailedStart(pooled: PooledHost, run: HostedRun, isUnanswered: boolean): void {
    if (isUnanswered) run.state = 'abandoned';
    else pooled.runs.delete(run.runId);
    this.#endIfEmpty(pooled);
  }

  /** Where only abandoned runs are left they are ended with their host at once. */
  #endIfEmpty(pooled: PooledHost): void {
    const runs = [...pooled.runs.values()];
    if (runs.some((run) => run.state === 'live')) return;
    if (runs.some((run) => run.state === 'abandoned')) {
      this.#end(pooled, 'its last run could not be stopped');
      return;
    }
    const { idleMs = 30_000 } = this.#options;
    if (pooled.idleTimer !== null) clearTimeout(pooled.idleTimer);
    pooled.idleTimer = setTimeout(() => this.#end(pooled, 'it was empty'), idleMs);
    pooled.idleTimer.unref();
  }

  #end(pooled: PooledHost, reason: string): void {
    pooled.isEnding = true;
    if (pooled.idleTimer !== null) clearTimeout(pooled.idleTimer);
    pooled.host.end(reason);
  }

  #onEvent(pooled: PooledHost, event: HostEvent): void {
    if (event.kind === 'taskStatus' && event.state === 'FAILED') {
      const run = pooled.runs.get(event.runId);
      if (run !== undefined && run.state === 'live') {
        run.state = 'failed';
        this.#endIfEmpty(pooled);
      }
    }
    this.#listener.onEvent(event);
  }

  #onEnded(pooled: PooledHost, end: HostEnd): void {
    this.#hosts.delete(pooled.hostId);
    if (pooled.idleTimer !== null) clearTimeout(pooled.idleTimer);
    const runs = [...pooled.runs.values()].filter((run) => run.state === 'live');
    const canBlame = pooled.isReady && !pooled.isEnding;
    const culprit = canBlame ? this.#findCulprit(runs, end) : null;
    const { hostId, host } = pooled;
    const trace = lossTrace({ hostId, pid: host.pid }, end, runs, culprit);
    pooled.loss = { culprit: culprit?.runId ?? null, trace };
    if (this.#isClosed || (pooled.isEnding && runs.length === 0)) return;
    this.#options.logger.error(
      `${messageIn(trace)}${culprit === null && runs.length > 0 ? `; ${runs.length} runs start again in fresh hosts` : ''}`,
    );
    const started = runs.filter((run) => run.hasStarted).map((run) => run.runId);
    this.#listener.onHostLost({ hostId, ...pooled.loss, runs: started });
  }

  #findCulprit(runs: readonly HostedRun[], end: HostEnd): HostedRun | null {
    const named = runs.find((run) => run.runId === end.suspect?.runId);
    if (named !== undefined) {
      this.#quarantine.release(named.key);
      return named;
    }
    if (runs.length === 0) return null;
    const key = this.#quarantine.judge(
      runs.map((run) => run.key),
      end,
    );
    return runs.find((run) => run.key === key) ?? null;
  }

  #hostOf(runId: number): PooledHost | undefined {
    return this.#hosts.values().find((pooled) => pooled.runs.has(runId));
  }

  #runOf(runId: number | null): HostedRun | undefined {
    return runId === null ? undefined : this.#hostOf(runId)?.runs.get(runId);
  }
}

function isOpen(pooled: PooledHost): boolean {
  return !pooled.isEnding;
}

function loadOf({ hostId, group, runs }: PooledHost) {
  const live = [...runs.values()].filter((run) => run.state !== 'failed');
  const tasks = live.filter((run) => run.isTask).length;
  return { hostId, group, tasks, connectors: live.length - tasks };
}

function isTimeout(error: unknown): boolean {
  return ConnectError.is(error) && error.code === 'TRB_HOST_TIMEOUT';
}

function isOwnHostNeeded(error: unknown): boolean {
  return ConnectError.is(error) && error.code === ownHostNeededCode;
}
