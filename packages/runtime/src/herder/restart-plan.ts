import type { ConnectorStatus } from './herder.ts';

export interface RestartRequest {
  readonly includeTasks: boolean;
  readonly onlyFailed: boolean;
}

/**
 * Restart request and statuses -> what restarts, and the status to answer with. (no I/O)
 * Source: Kafka Connect `RestartPlan` (KIP-745).
 */
export interface RestartPlan {
  readonly isConnectorRestarting: boolean;
  /** Task numbers. */
  readonly tasks: readonly number[];
  readonly status: ConnectorStatus;
}

export function planRestart(request: RestartRequest, status: ConnectorStatus): RestartPlan {
  const isDue = (state: string): boolean => !request.onlyFailed || state === 'FAILED';
  const isConnectorRestarting = isDue(status.connector.state);
  const tasks = request.includeTasks
    ? status.tasks.filter((task) => isDue(task.state)).map((task) => task.id)
    : [];
  return {
    isConnectorRestarting,
    tasks,
    status: {
      ...status,
      connector: isConnectorRestarting
        ? { ...status.connector, state: 'RESTARTING' }
        : status.connector,
      tasks: status.tasks.map((task) =>
        tasks.includes(task.id) ? { ...task, state: 'RESTARTING' } : task,
      ),
    },
  };
}
