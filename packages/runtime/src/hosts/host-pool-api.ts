/** What the worker asks of task hosts; the pool decides which host, starts hosts on demand and ends empty ones. (no I/O) */
import type {
  ConnectorRun,
  ControlRequests,
  HostEvent,
  HostRequests,
  TaskRun,
} from './messages.ts';

export interface HostPool {
  /** Starts a host for runs and one for single calls, so that the first connector does not wait for them. They end when nothing comes. */
  warm(): void;
  startConnector(run: ConnectorRun): Promise<{ version: string | null }>;
  startTask(run: TaskRun): Promise<{ version: string | null }>;
  /** To the host of `runId`; rejects with a NotFoundError when the run is over. */
  callRun<
    K extends
      | 'setConnectorState'
      | 'taskConfigs'
      | 'stopConnector'
      | 'setTaskState'
      | 'stopTask'
      | 'forgetTopics',
  >(
    kind: K,
    body: HostRequests[K]['body'],
    options: { timeoutMs: number },
  ): Promise<HostRequests[K]['reply']>;
  /** In a host that runs no tasks, killed at its deadline. */
  callAside<K extends 'validate' | 'pluginConfig' | 'alterSourceOffsets' | 'alterSinkOffsets'>(
    kind: K,
    body: HostRequests[K]['body'],
    options: { timeoutMs: number },
  ): Promise<HostRequests[K]['reply']>;
  /** Stops nothing gently: stop the runs first. Ends every host and waits for their exit. */
  close(): Promise<void>;
}

export interface HostPoolListener {
  onEvent(event: HostEvent): void;
  /** Answers what hosts ask. */
  answer<K extends keyof ControlRequests>(
    kind: K,
    body: ControlRequests[K]['body'],
  ): Promise<ControlRequests[K]['reply']>;
  /**
   * A host is gone and its exit was awaited: its runs are over. `culprit` is the run that is known to have caused it and becomes FAILED with `trace`;
   * the others are the worker's to start again, with new run ids. When the cause is not known `culprit` is null, and the pool starts each suspect alone in a host of its own next time,
   * so that the second loss names it.
   */
  onHostLost(loss: { hostId: number; trace: string; culprit: number | null; runs: number[] }): void;
}
