/**
 * SPINE of the control side: starts and stops connectors and tasks in task hosts, and is the only owner of running ones.
 * A *run* is one start of a connector or task. Whatever a host says names its run, so that the late words of an earlier run change nothing.
 * Source: Kafka Connect `Worker`.
 */
import type { GroupMemberId } from '@tributary/kafka';
import { NotFoundError } from '@tributary/sdk';
import { HerderError } from '../herder/errors.ts';
import type { ConnectorState, TargetState } from '../herder/herder.ts';
import type { HostPool, HostPoolListener } from '../hosts/host-pool-api.ts';
import type {
  Config,
  ConnectorRun,
  ControlRequests,
  HostEvent,
  TaskId,
  TaskRun,
} from '../hosts/messages.ts';
import type { Logger } from '../logger.ts';
import { hideIn, hideInError, type Resolved } from '../plugins/resolved-config.ts';
import type { OffsetStore } from '../storage/offset-store.ts';
import type { StatusStore } from '../storage/status-store.ts';

export interface WorkerOptions {
  readonly workerId: string;
  /** Total for all tasks that stop together. */
  readonly gracefulShutdownTimeoutMs: number;
  readonly isTopicTrackingEnabled: boolean;
  readonly statuses: StatusStore;
  readonly offsets: OffsetStore;
  readonly logger: Logger;
  createPool(listener: HostPoolListener): HostPool;
  /** Replaces references to config providers; what is stored and answered keeps them. */
  resolve(config: Config): Promise<Resolved>;
  /** Takes the consumer of a lost task out of its group; the connector's config has its references resolved. Bounded in time. */
  leaveGroup(connector: string, config: Config, member: GroupMemberId): Promise<void>;
  /** A connector asks for `taskConfigs` to be called again. */
  onTaskReconfiguration(connector: string): void;
  /** Version of a connector by class name or alias, as installed, of those that its config asks for. */
  versionOf(connectorClass: string | undefined, wanted: string | undefined): string | null;
}

/** Calls into a host that should answer at once wait this long; plugins that hang are ended by their host's guard long before. */
const callTimeoutMs = 60_000;

/** A task whose plugin blocks is not waited for. */
const forgetTimeoutMs = 2000;

type ControlAnswers = {
  [K in keyof ControlRequests]: (
    body: ControlRequests[K]['body'],
  ) => Promise<ControlRequests[K]['reply']>;
};

interface RunningConnector {
  /** With references unresolved, as in every later start. */
  readonly run: ConnectorRun;
  /** Null until the references are resolved. */
  resolved: Resolved | null;
  state: ConnectorState | null;
  targetState: TargetState;
  version: string | null;
  /** From here on nothing starts it again, not even the loss of its host. */
  isStopping: boolean;
}

interface RunningTask {
  /** As of a connector. */
  readonly run: TaskRun;
  /** Of the connector's config and the task's. */
  resolved: Resolved[];
  state: ConnectorState | null;
  targetState: TargetState;
  version: string | null;
  /** As of a connector. */
  isStopping: boolean;
  /** Of a sink: what its consumer is in the connector's group. */
  member: GroupMemberId | null;
}

export class Worker {
  readonly #options: WorkerOptions;
  readonly #pool: HostPool;
  readonly #connectors = new Map<string, RunningConnector>();
  readonly #tasks = new Map<string, RunningTask>();
  #lastRunId = 0;
  #isClosing = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#pool = options.createPool({
      onEvent: (event) => this.#onEvent(event),
      answer: (kind, body) => this.#answer(kind, body),
      onHostLost: (loss) => this.#onHostLost(loss),
    });
  }

  get pool(): HostPool {
    return this.#pool;
  }

  /** Resolves when the connector has started, or was left alone for its target state. On failure its status is FAILED already. */
  async startConnector(name: string, config: Config, targetState: TargetState): Promise<void> {
    const run = { runId: ++this.#lastRunId, connector: name, config, targetState };
    const connector: RunningConnector = {
      run,
      resolved: null,
      state: null,
      targetState,
      version: null,
      isStopping: false,
    };
    this.#connectors.set(name, connector);
    this.#log('info', name, `Creating connector ${name} of type ${config['connector.class']}`);
    try {
      connector.resolved = await this.#options.resolve(config);
      if (connector.isStopping) throw stoppedAtStart(`Connector ${name}`);
      await this.#pool.startConnector({ ...run, config: connector.resolved.config });
      connector.version = this.#versionOf(config);
      this.#putConnectorStatus(name, connector.state ?? stateFor(targetState), null, connector);
      this.#log('info', name, `Finished creating connector ${name}`);
      if (connector.targetState !== targetState && !connector.isStopping) {
        await this.#setConnectorState(connector);
      }
    } catch (error) {
      if (
        this.#connectors.get(name) === connector &&
        !connector.isStopping &&
        connector.state !== 'FAILED'
      ) {
        this.#putConnectorStatus(name, 'FAILED', traceOf(error), connector);
      }
      throw hideInError(error, connector.resolved);
    }
  }

  /** Resolves when it has stopped; one that is not there is stopped already. */
  async stopConnector(name: string): Promise<void> {
    const connector = this.#connectors.get(name);
    if (connector === undefined) return;
    this.#log('info', name, `Stopping connector ${name}`);
    connector.isStopping = true;
    const { runId } = connector.run;
    const timeoutMs = this.#options.gracefulShutdownTimeoutMs;
    try {
      await this.#pool.callRun('stopConnector', { runId }, { timeoutMs });
    } catch (error) {
      if (!NotFoundError.is(error)) {
        this.#log('error', name, `Stopping connector ${name} failed: ${messageOf(error)}`);
      }
    }
    this.#connectors.delete(name);
    this.#putConnectorStatus(name, 'UNASSIGNED', null, connector);
  }

  /** True while its target state is STARTED and it has not failed. */
  isConnectorRunning(name: string): boolean {
    return this.#connectors.get(name)?.state === 'RUNNING';
  }

  /** As many as `tasks.max` says at most; with references where the connector's config has them. */
  async taskConfigs(name: string): Promise<Config[]> {
    const connector = this.#connectors.get(name);
    if (connector === undefined) throw new NotFoundError(`Connector ${name} not found`);
    const { runId } = connector.run;
    const maxTasks = Number(connector.resolved?.config['tasks.max'] ?? '1');
    const body = { runId, maxTasks };
    try {
      const made = await this.#pool.callRun('taskConfigs', body, { timeoutMs: callTimeoutMs });
      return made.map((config) => connector.resolved?.restore(config) ?? config);
    } catch (error) {
      throw hideInError(error, connector.resolved);
    }
  }

  /** After this time values of config providers that the connector uses may have changed; null: they do not. */
  ttlMs(name: string): number | null {
    const ttls = [...(this.#connectors.get(name)?.resolved?.ttls.values() ?? [])];
    return ttls.length === 0 ? null : Math.min(...ttls);
  }

  /** Whether they have since the connector started. */
  async hasStaleConfig(name: string): Promise<boolean> {
    const connector = this.#connectors.get(name);
    if (connector === undefined || connector.resolved === null) return false;
    const { config: used } = connector.resolved;
    const { config: current } = await this.#options.resolve(connector.run.config);
    return Object.keys(used).some((key) => used[key] !== current[key]);
  }

  /** For the connector and each of its tasks; resolves when the connector has got there. */
  async setTargetState(name: string, targetState: TargetState): Promise<void> {
    for (const task of this.#tasksOf(name)) {
      task.targetState = targetState;
      void this.#setTaskState(task);
    }
    const connector = this.#connectors.get(name);
    if (connector === undefined) return;
    connector.targetState = targetState;
    await this.#setConnectorState(connector);
  }

  #setConnectorState({ run: { runId }, targetState }: RunningConnector): Promise<null> {
    const body = { runId, targetState };
    return this.#pool.callRun('setConnectorState', body, { timeoutMs: callTimeoutMs });
  }

  /** A run that starts just now takes the state when it has started. */
  async #setTaskState({ run, targetState }: RunningTask): Promise<void> {
    const body = { runId: run.runId, targetState };
    try {
      await this.#pool.callRun('setTaskState', body, { timeoutMs: callTimeoutMs });
    } catch (error) {
      if (NotFoundError.is(error)) return;
      const message = `Cannot set task ${taskName(run)} to ${targetState}: ${messageOf(error)}`;
      this.#log('error', run.connector, message);
    }
  }

  /** Resolves when the task's loop has begun; what becomes of it is in its status. */
  async startTask(
    id: TaskId,
    configs: { connectorConfig: Config; taskConfig: Config; taskCount: number },
    targetState: TargetState,
  ): Promise<void> {
    const run: TaskRun = { runId: ++this.#lastRunId, ...id, ...configs, targetState };
    const version = this.#versionOf(configs.connectorConfig);
    const task: RunningTask = {
      run,
      resolved: [],
      state: null,
      targetState,
      version,
      isStopping: false,
      member: null,
    };
    this.#tasks.set(taskName(id), task);
    this.#log('info', id.connector, `Creating task ${taskName(id)}`, id.task);
    try {
      const connectorConfig = await this.#options.resolve(configs.connectorConfig);
      const taskConfig = await this.#options.resolve(configs.taskConfig);
      task.resolved = [connectorConfig, taskConfig];
      if (task.isStopping) throw stoppedAtStart(`Task ${taskName(id)}`);
      await this.#pool.startTask({
        ...run,
        connectorConfig: connectorConfig.config,
        taskConfig: taskConfig.config,
      });
      if (task.targetState !== targetState && !task.isStopping) await this.#setTaskState(task);
    } catch (error) {
      if (this.#tasks.get(taskName(id)) === task && !task.isStopping && task.state !== 'FAILED') {
        task.version = null;
        this.#putTaskStatus(task, 'FAILED', traceOf(error));
      }
      throw hideInError(error, ...task.resolved);
    }
  }

  /** What its tasks have told of topics counts no longer: they are told again when used again. */
  async forgetTopics(name: string): Promise<void> {
    await Promise.all(
      this.#tasksOf(name).map(async ({ run: { runId } }) => {
        try {
          await this.#pool.callRun('forgetTopics', { runId }, { timeoutMs: forgetTimeoutMs });
        } catch (error) {
          if (NotFoundError.is(error)) return;
          this.#log('warn', name, `Topics used later may not be listed: ${messageOf(error)}`);
        }
      }),
    );
  }

  /** Resolves when all have ended, at the latest after the graceful timeout; a task that is not there has ended. */
  async stopTasks(name: string, taskNumbers: readonly number[]): Promise<void> {
    await Promise.all(
      taskNumbers.map(async (task) => {
        const id = taskName({ connector: name, task });
        const running = this.#tasks.get(id);
        if (running === undefined) return;
        this.#log('info', name, `Stopping task ${id}`, task);
        await this.#stopRun(running);
        if (this.#tasks.get(id) === running) this.#tasks.delete(id);
      }),
    );
  }

  /** Tasks first, then connectors, then the hosts. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const byConnector = Map.groupBy(this.#tasks.values(), (task) => task.run.connector);
    await Promise.all(
      [...byConnector].map(([name, tasks]) =>
        this.stopTasks(
          name,
          tasks.map((task) => task.run.task),
        ),
      ),
    );
    await Promise.all([...this.#connectors.keys()].map((name) => this.stopConnector(name)));
    await this.#pool.close();
  }

  async #stopRun(task: RunningTask): Promise<void> {
    task.isStopping = true;
    const timeoutMs = this.#options.gracefulShutdownTimeoutMs;
    const { runId } = task.run;
    try {
      const { isClean } = await this.#pool.callRun(
        'stopTask',
        { runId, timeoutMs },
        { timeoutMs: timeoutMs + callTimeoutMs },
      );
      if (!isClean) {
        const id = taskName(task.run);
        this.#log(
          'error',
          task.run.connector,
          `Graceful stop of task ${id} failed.`,
          task.run.task,
        );
      }
    } catch (error) {
      if (!NotFoundError.is(error)) {
        const id = taskName(task.run);
        this.#log('error', task.run.connector, `Stopping task ${id}: ${messageOf(error)}`);
      }
    }
    this.#putTaskStatus(task, 'UNASSIGNED', null);
  }

  #onEvent(event: HostEvent): void {
    if (event.kind === 'topicUsed') {
      if (this.#options.isTopicTrackingEnabled) {
        this.#options.statuses.addTopic(event.connector, event.topic);
      }
      return;
    }
    const connector = this.#connectorOfRun(event.runId);
    if (event.kind === 'requestTaskReconfiguration') {
      if (connector !== undefined) this.#options.onTaskReconfiguration(connector.run.connector);
      return;
    }
    if (event.kind === 'connectorStatus') {
      if (connector === undefined) return;
      const { config } = connector.run;
      if (event.state !== 'FAILED') connector.version = this.#versionOf(config);
      const trace = event.trace ?? null;
      this.#putConnectorStatus(connector.run.connector, event.state, trace, connector);
      return;
    }
    const task = this.#taskOfRun(event.runId);
    if (event.kind === 'groupMember') {
      if (task !== undefined) task.member = event;
      return;
    }
    if (task !== undefined) this.#putTaskStatus(task, event.state, event.trace ?? null);
  }

  #answer<K extends keyof ControlRequests>(
    kind: K,
    body: ControlRequests[K]['body'],
  ): Promise<ControlRequests[K]['reply']> {
    const { offsets } = this.#options;
    const answers: ControlAnswers = {
      readOffsets: ({ connector, partitions }) => offsets.read(connector, partitions),
      writeOffsets: async ({ connector, entries }) => {
        await offsets.write(connector, entries);
        return null;
      },
    };
    return answers[kind](body);
  }

  /** The culprit becomes FAILED; everything else that ran there starts again elsewhere, from its committed offsets. */
  #onHostLost(loss: Parameters<HostPoolListener['onHostLost']>[0]): void {
    for (const runId of loss.runs) {
      const connector = this.#connectorOfRun(runId);
      const task = this.#taskOfRun(runId);
      if (runId === loss.culprit) {
        if (connector !== undefined) {
          this.#putConnectorStatus(connector.run.connector, 'FAILED', loss.trace, connector);
        }
        if (task !== undefined) {
          this.#putTaskStatus(task, 'FAILED', loss.trace);
          void this.#leaveGroup(task);
        }
      } else if (!this.#isClosing) {
        if (connector !== undefined) this.#restartConnector(connector);
        if (task !== undefined) void this.#restartTask(task);
      }
    }
  }

  #restartConnector(connector: RunningConnector): void {
    const { state, targetState, run } = connector;
    if (state === 'FAILED' || state === null || connector.isStopping) return;
    this.#putConnectorStatus(run.connector, 'RESTARTING', null, connector);
    this.startConnector(run.connector, run.config, targetState).catch((error: unknown) => {
      this.#log(
        'error',
        run.connector,
        `Restart after the loss of its task host failed: ${messageOf(error)}`,
      );
    });
  }

  async #restartTask(task: RunningTask): Promise<void> {
    const { run } = task;
    const mayRestart = task.state !== 'FAILED' && !task.isStopping;
    if (mayRestart) this.#putTaskStatus(task, 'RESTARTING', null);
    await this.#leaveGroup(task);
    // It may have been stopped meanwhile, which finds nothing to stop, and then another may have its place.
    if (!mayRestart || task.isStopping || this.#isClosing) return;
    try {
      await this.startTask(run, run, task.targetState);
    } catch (error) {
      const message = `Restart of task ${taskName(run)} after the loss of its task host failed: ${messageOf(error)}`;
      this.#log('error', run.connector, message, run.task);
    }
  }

  /** Else the group would keep the partitions of a dead process until its session expires, 45 s by default. */
  async #leaveGroup({ member, run, resolved }: RunningTask): Promise<void> {
    const [connectorConfig] = resolved;
    if (member === null || connectorConfig === undefined) return;
    try {
      await this.#options.leaveGroup(run.connector, connectorConfig.config, member);
    } catch (error) {
      const message = `Task ${taskName(run)} may wait for its partitions: its lost consumer could not be taken out of group "${member.groupId}": ${messageOf(error)}`;
      this.#log('warn', run.connector, message, run.task);
    }
  }

  #putConnectorStatus(
    name: string,
    state: ConnectorState,
    trace: string | null,
    connector: RunningConnector,
  ): void {
    connector.state = state;
    const { workerId, statuses } = this.#options;
    const shown = trace === null ? null : hideIn(trace, connector.resolved);
    statuses.putConnector(name, { state, trace: shown, workerId, version: connector.version });
    if (shown !== null) this.#log('error', name, shown);
  }

  #putTaskStatus(task: RunningTask, state: ConnectorState, trace: string | null): void {
    task.state = state;
    const { workerId, statuses } = this.#options;
    const { connector, task: number } = task.run;
    const shown = trace === null ? null : hideIn(trace, ...task.resolved);
    statuses.putTask(connector, number, { state, trace: shown, workerId, version: task.version });
    if (shown !== null) this.#log('error', connector, shown, number);
  }

  #connectorOfRun(runId: number): RunningConnector | undefined {
    return this.#connectors.values().find((connector) => connector.run.runId === runId);
  }

  #taskOfRun(runId: number): RunningTask | undefined {
    return this.#tasks.values().find((task) => task.run.runId === runId);
  }

  #tasksOf(name: string): RunningTask[] {
    return [...this.#tasks.values()].filter((task) => task.run.connector === name);
  }

  #versionOf(config: Config): string | null {
    return this.#options.versionOf(config['connector.class'], config['connector.plugin.version']);
  }

  #log(level: 'info' | 'warn' | 'error', connector: string, message: string, task?: number): void {
    const context = task === undefined ? 'worker' : `task-${task}`;
    this.#options.logger[level](`[${connector}|${context}] ${message}`);
  }
}

export function taskName(id: TaskId): string {
  return `${id.connector}-${id.task}`;
}

function stoppedAtStart(what: string): NotFoundError {
  return new NotFoundError(`${what} was stopped before it had started`);
}

function stateFor(targetState: TargetState): ConnectorState {
  return targetState === 'STARTED' ? 'RUNNING' : targetState;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function traceOf(error: unknown): string {
  const { trace } = error as { trace?: unknown };
  if (typeof trace === 'string') return trace;
  const name =
    error instanceof HerderError
      ? error.javaName
      : 'org.apache.kafka.connect.errors.ConnectException';
  return `${name}: ${messageOf(error)}`;
}
