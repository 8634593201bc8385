/**
 * One connector: target state, task configs, reconfiguration.
 *
 * STARTED calls `start`; PAUSED and STOPPED call `stop` and keep the instance, so that STARTED may call `start` again. FAILED only leaves by STOPPED or by a
 * new instance. Calls into the connector never overlap.
 * Source: Kafka Connect `WorkerConnector`.
 */
import { ConnectError, type SourceConnectorContext } from '@tributary/sdk';
import type { ConnectorState, TargetState } from '../herder/herder.ts';
import type { Config, ConnectorRun } from '../hosts/messages.ts';
import { formatTrace } from '../stages/trace.ts';
import { parseTaskConfig, parseWorkerKeys, tooManyTasks, topicGroupsOf } from './task-config.ts';
import type { TaskDeps } from './task-deps.ts';
import { loadConnectorPlugin } from './task-plugins.ts';

export interface WorkerConnector {
  readonly version: string | null;
  setTargetState(state: TargetState): Promise<void>;
  /** With `task.class` and a sink's topics added. */
  taskConfigs(maxTasks: number): Promise<Config[]>;
  stop(): Promise<void>;
}

/** Resolves when `start` has returned, or was not due. On failure the connector is FAILED and the error is thrown. */
export async function startConnector(run: ConnectorRun, deps: TaskDeps): Promise<WorkerConnector> {
  const setStatus = (state: ConnectorState, error?: unknown): void =>
    deps.emit({
      kind: 'connectorStatus',
      runId: run.runId,
      state,
      ...(error === undefined ? {} : { trace: formatTrace(error) }),
    });
  try {
    const { config } = run;
    const { plugin, version } = await loadConnectorPlugin(deps.plugins, config);
    // Settings of topics that its tasks could not use are the connector's failure.
    const { 'topic.creation.enable': createsTopics } = parseWorkerKeys(deps.settings.workerConfig);
    if (plugin.type === 'source' && createsTopics) topicGroupsOf(config);
    const { 'tasks.max.enforce': isEnforced } = parseTaskConfig(config);
    const connector = createConnector(run, deps, config, plugin, isEnforced, setStatus);
    await connector.begin(run.targetState);
    return {
      version,
      setTargetState: connector.setTargetState,
      taskConfigs: connector.taskConfigs,
      stop: connector.stop,
    };
  } catch (error) {
    setStatus('FAILED', error);
    throw error;
  }
}

type ConnectorPlugin = Awaited<ReturnType<typeof loadConnectorPlugin>>['plugin'];

function createConnector(
  run: ConnectorRun,
  deps: TaskDeps,
  config: Config,
  plugin: ConnectorPlugin,
  isEnforced: boolean,
  setStatus: (state: ConnectorState, error?: unknown) => void,
) {
  const { logger } = deps;
  const connector = plugin.createConnector();
  const closing = new AbortController();
  let state: TargetState | 'FAILED' | 'INIT' = 'INIT';
  let last: Promise<unknown> = Promise.resolve();

  /** One call after the other, in the order in which they were asked for. */
  const inTurn = <T>(call: () => Promise<T>): Promise<T> => {
    const result = last.then(call);
    last = result.catch(() => {});
    return result;
  };

  const context: SourceConnectorContext = {
    requestTaskReconfiguration() {
      if (!closing.signal.aborted) {
        deps.emit({ kind: 'requestTaskReconfiguration', runId: run.runId });
      }
    },
    raiseError(error) {
      if (closing.signal.aborted) return;
      state = 'FAILED';
      setStatus('FAILED', error);
    },
    offsetStorageReader: {
      offset: async (partition) =>
        (await deps.offsets.read(run.connector, [partition], closing.signal))[0] ?? null,
      offsets: (partitions) => deps.offsets.read(run.connector, partitions, closing.signal),
    },
  };

  const begin = async (targetState: TargetState): Promise<void> => {
    connector.initialize?.call(connector, context);
    if (targetState === 'STARTED') await connector.start(config);
    if (isFailed()) return;
    state = targetState;
    setStatus(statusOf(targetState));
  };

  /** By way of a call: `raiseError` may have come in the meantime. */
  const isFailed = (): boolean => state === 'FAILED';

  const transition = async (targetState: TargetState): Promise<void> => {
    if (closing.signal.aborted || state === targetState) return;
    if (targetState === 'STOPPED') {
      if (state === 'STARTED' || state === 'FAILED') {
        try {
          await connector.stop();
        } catch (error) {
          logger.error(
            `Stopping connector ${run.connector} threw an error, which is ignored`,
            error,
          );
        }
      }
    } else if (state === 'FAILED') {
      throw new ConnectError(
        `Connector ${run.connector} has failed and cannot become ${targetState}; restart it or change its config`,
        { code: 'TRB_CONNECTOR_FAILED' },
      );
    } else {
      try {
        if (targetState === 'STARTED') await connector.start(config);
        else if (state === 'STARTED') await connector.stop();
      } catch (error) {
        state = 'FAILED';
        setStatus('FAILED', error);
        throw error;
      }
      if (isFailed()) return;
    }
    state = targetState;
    setStatus(statusOf(targetState));
  };

  const taskConfigs = async (maxTasks: number): Promise<Config[]> => {
    const generated = await connector.taskConfigs(maxTasks);
    const excess = tooManyTasks(run.connector, generated.length, maxTasks);
    if (excess !== null) {
      if (isEnforced) {
        const error = new ConnectError(excess, { code: 'TRB_TOO_MANY_TASKS' });
        state = 'FAILED';
        setStatus('FAILED', error);
        throw error;
      }
      logger.warn(excess);
    }
    return generated.map((each) => ({
      ...each,
      'task.class': plugin.taskClassName,
      ...(plugin.type === 'sink' ? topicsOf(config) : {}),
    }));
  };

  const stop = async (): Promise<void> => {
    if (closing.signal.aborted) return;
    const wasStarted = state === 'STARTED' || state === 'FAILED';
    closing.abort();
    try {
      if (wasStarted) await connector.stop();
    } catch (error) {
      logger.error(`Stopping connector ${run.connector} threw an error`, error);
      setStatus('FAILED', error);
      return;
    }
    setStatus('UNASSIGNED');
  };

  return {
    begin,
    setTargetState: (targetState: TargetState) => inTurn(() => transition(targetState)),
    taskConfigs: (maxTasks: number) => inTurn(() => taskConfigs(maxTasks)),
    stop: () => inTurn(stop),
  };
}

/** `topics` or `topics.regex`, so that a change of either restarts the tasks. */
function topicsOf(config: Config): Config {
  const { topics, 'topics.regex': pattern } = config;
  return {
    ...(topics === undefined ? {} : { topics }),
    ...(pattern === undefined ? {} : { 'topics.regex': pattern }),
  };
}

function statusOf(targetState: TargetState): ConnectorState {
  return targetState === 'STARTED' ? 'RUNNING' : targetState;
}
