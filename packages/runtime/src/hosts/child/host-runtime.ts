import { ConnectError, NotFoundError } from '@tributary/sdk';
import type { Logger } from '../../logger.ts';
import { formatTrace } from '../../stages/trace.ts';
import type { RunningTask } from '../../worker/build-task.ts';
import type { WorkerConnector } from '../../worker/worker-connector.ts';
import type { ConnectorRun, HostEvent, HostRequests, TaskRun } from '../messages.ts';
import { inRun, type RunContext } from './run-context.ts';

/** What a host can do; every call runs in the context of its run. */
export interface HostServices {
  startConnector(run: ConnectorRun, emit: (event: HostEvent) => void): Promise<WorkerConnector>;
  startTask(run: TaskRun, emit: (event: HostEvent) => void): Promise<RunningTask>;
  validate(body: HostRequests['validate']['body']): Promise<HostRequests['validate']['reply']>;
  pluginConfig(
    body: HostRequests['pluginConfig']['body'],
  ): Promise<HostRequests['pluginConfig']['reply']>;
  alterSourceOffsets(
    body: HostRequests['alterSourceOffsets']['body'],
  ): Promise<HostRequests['alterSourceOffsets']['reply']>;
  alterSinkOffsets(
    body: HostRequests['alterSinkOffsets']['body'],
  ): Promise<HostRequests['alterSinkOffsets']['reply']>;
}

/** Code of the error with which a shared host refuses a plugin whose driver blocks; the pool starts the run again in a host of its own. */
export const ownHostNeededCode = 'TRB_OWN_HOST_NEEDED';

/** What a host is asked about its runs and plugins; the rest concerns its process. */
export type RunRequests = Omit<HostRequests, 'configure' | 'setLogLevel'>;

export interface HostRuntime {
  answer<K extends keyof RunRequests>(
    kind: K,
    body: RunRequests[K]['body'],
  ): Promise<RunRequests[K]['reply']>;
  /** An error of a run that nobody caught: the run is over, its neighbours go on. False when the run is not known here. */
  failRun(runId: number, error: unknown): boolean;
}

interface Run<T> {
  readonly context: RunContext;
  readonly isTask: boolean;
  readonly running: Promise<T>;
  hasFailed: boolean;
}

/** A spine that was asked to end and does not keep its own deadline gets this much longer. */
const stopGraceMs = 2000;
const failedStopTimeoutMs = 10_000;

/** The host's connectors and tasks, by run. */
export function createHostRuntime(options: {
  services: HostServices;
  emit: (event: HostEvent) => void;
  logger: Logger;
}): HostRuntime {
  const { services, logger } = options;
  const connectors = new Map<number, Run<WorkerConnector>>();
  const tasks = new Map<number, Run<RunningTask>>();
  const reconfigurations = new Set<number>();

  const emitFor =
    (runs: Map<number, Run<unknown>>) =>
    (event: HostEvent): void => {
      if (event.kind === 'topicUsed') return options.emit(event);
      if (runs.get(event.runId)?.hasFailed) return;
      if (event.kind === 'requestTaskReconfiguration') return reconfigureSoon(event.runId);
      options.emit(event);
    };

  /** A connector that asks in a loop costs one message per tenth of a second. */
  const reconfigureSoon = (runId: number): void => {
    if (reconfigurations.has(runId)) return;
    reconfigurations.add(runId);
    setTimeout(() => {
      reconfigurations.delete(runId);
      if (connectors.has(runId)) options.emit({ kind: 'requestTaskReconfiguration', runId });
    }, 100);
  };

  const start = async <T extends { version: string | null }>(
    runs: Map<number, Run<T>>,
    context: RunContext,
    isTask: boolean,
    begin: () => Promise<T>,
  ): Promise<{ version: string | null }> => {
    const { runId } = context;
    if (runs.has(runId)) throw new ConnectError(`Run ${runId} has been started already`);
    const running = inRun(context, async () => begin());
    running.catch(() => {});
    runs.set(runId, { context, isTask, running, hasFailed: false });
    try {
      const { version } = await running;
      return { version };
    } catch (error) {
      runs.delete(runId);
      throw error;
    }
  };

  const within = async <T, R>(
    runs: Map<number, Run<T>>,
    runId: number,
    call: (running: T) => R | Promise<R>,
  ): Promise<R> => {
    const run = runs.get(runId);
    if (run === undefined) throw new NotFoundError(`Run ${runId} is over`);
    const running = await run.running;
    return inRun(run.context, async () => call(running));
  };

  const aside = <R>(what: string, call: () => Promise<R>): Promise<R> =>
    inRun({ runId: 0, logContext: `[${what}] `, calls: [] }, async () => call());

  const answers: {
    [K in keyof RunRequests]: (body: RunRequests[K]['body']) => Promise<RunRequests[K]['reply']>;
  } = {
    startConnector: (run) =>
      start(connectors, contextOf(run.runId, run.connector, 'worker'), false, () =>
        services.startConnector(run, emitFor(connectors)),
      ),
    setConnectorState: async ({ runId, targetState }) => {
      await within(connectors, runId, (connector) => connector.setTargetState(targetState));
      return null;
    },
    taskConfigs: ({ runId, maxTasks }) =>
      within(connectors, runId, (connector) => connector.taskConfigs(maxTasks)),
    stopConnector: async ({ runId }) => {
      try {
        await within(connectors, runId, (connector) => connector.stop());
      } finally {
        connectors.delete(runId);
      }
      return null;
    },
    startTask: (run) =>
      start(tasks, contextOf(run.runId, run.connector, `task-${run.task}`), true, () =>
        services.startTask(run, emitFor(tasks)),
      ),
    setTaskState: async ({ runId, targetState }) => {
      await within(tasks, runId, (task) => task.setTargetState(targetState));
      return null;
    },
    stopTask: async ({ runId, timeoutMs }) => {
      const { isClean } = await within(tasks, runId, (task) => stopWithin(task, timeoutMs));
      if (isClean) tasks.delete(runId);
      return { isClean };
    },
    forgetTopics: async ({ runId }) => {
      await within(tasks, runId, (task) => task.forgetTopics());
      return null;
    },
    validate: (body) => aside(body.config['name'] ?? 'validate', () => services.validate(body)),
    pluginConfig: (body) => aside(body.className, () => services.pluginConfig(body)),
    alterSourceOffsets: (body) =>
      aside(body.config['name'] ?? 'alterOffsets', () => services.alterSourceOffsets(body)),
    alterSinkOffsets: (body) =>
      aside(body.config['name'] ?? 'alterOffsets', () => services.alterSinkOffsets(body)),
  };

  return {
    answer: (kind, body) => answers[kind](body),
    failRun(runId, error) {
      const run = tasks.get(runId) ?? connectors.get(runId);
      if (run === undefined) return false;
      if (run.hasFailed) {
        logger.warn(`${run.context.logContext}Another error that nobody caught`, error);
        return true;
      }
      run.hasFailed = true;
      const kind = run.isTask ? 'taskStatus' : 'connectorStatus';
      options.emit({ kind, runId, state: 'FAILED', trace: uncaughtTrace(error) });
      if (run.isTask) {
        within(tasks, runId, (task) => stopWithin(task, failedStopTimeoutMs)).catch(
          (stopError: unknown) => {
            logger.warn(`${run.context.logContext}Stopping after the failure failed`, stopError);
          },
        );
      }
      return true;
    },
  };
}

function contextOf(runId: number, connector: string, part: string): RunContext {
  return { runId, logContext: `[${connector}|${part}] `, calls: [] };
}

async function stopWithin(task: RunningTask, timeoutMs: number): Promise<{ isClean: boolean }> {
  const late = Promise.withResolvers<{ isClean: boolean }>();
  const timer = setTimeout(() => late.resolve({ isClean: false }), timeoutMs + stopGraceMs);
  try {
    return await Promise.race([task.stop(timeoutMs), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function uncaughtTrace(error: unknown): string {
  return formatTrace(
    new ConnectError('The plugin threw an error outside of its methods that nothing caught', {
      cause: error,
      code: 'TRB_UNCAUGHT_PLUGIN_ERROR',
    }),
  );
}
