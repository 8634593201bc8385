import { type Clock, within } from '../clock.ts';
import type { ConnectorState, TargetState } from '../herder/herder.ts';
import type { Logger } from '../logger.ts';
import type { TaskControl } from './task-control.ts';

/** A source or sink task from start to end; `run` returns when the control says stop. */
export interface Spine {
  start(): Promise<void>;
  run(): Promise<void>;
  /** Once, also after a failed start; never rejects for what the plugin does. */
  close(): Promise<void>;
  /** The run is abandoned: let go of everything that could still have an effect. */
  cancel(): void;
}

export interface TaskRunHandle {
  readonly version: string | null;
  setTargetState(state: TargetState): void;
  /** At the latest after `timeoutMs`, then `isClean` is false. */
  stop(timeoutMs: number): Promise<{ isClean: boolean }>;
  /** Resolves when the spine has ended, for whatever reason. */
  readonly done: Promise<void>;
}

export interface RunTaskOptions {
  readonly spine: Spine;
  readonly control: TaskControl;
  readonly version: string | null;
  readonly taskName: string;
  readonly clock: Clock;
  readonly logger: Logger;
  setStatus(state: ConnectorState, trace?: string): void;
  formatTrace(error: unknown): string;
}

/**
 * Status in Java's order: PAUSED and nothing else while a task waits to be started, RUNNING after `start`; FAILED or UNASSIGNED comes last, when offsets are
 * committed and everything is closed. Failures while stopping are logged only. A cancelled task says nothing more.
 * Source: Kafka Connect `WorkerTask`.
 */
export function runTask(options: RunTaskOptions): TaskRunHandle {
  const { spine, control, clock, taskName, logger } = options;
  const done = runToEnd(options);
  return {
    version: options.version,
    setTargetState: (state) => control.setTargetState(state),
    done,
    async stop(timeoutMs) {
      control.stop();
      const isClean = await within(
        clock,
        timeoutMs,
        done.then(() => true),
        () => false,
      );
      if (!isClean) {
        logger.error(`Task ${taskName} did not stop within ${timeoutMs} ms; it is abandoned`);
        control.cancel();
        spine.cancel();
      }
      return { isClean };
    },
  };
}

async function runToEnd(options: RunTaskOptions): Promise<void> {
  const { spine, control, logger, taskName } = options;
  let failure: { error: unknown } | null = null;
  try {
    // The caller gets its handle before the task's own code runs.
    await Promise.resolve();
    if (control.isPaused) {
      options.setStatus('PAUSED');
      await control.untilResumed();
    }
    if (!control.isStopping) {
      await spine.start();
      if (!control.isCancelled) options.setStatus('RUNNING');
      await spine.run();
    }
  } catch (error) {
    if (control.isStopping) {
      logger.warn(`Task ${taskName} threw an error after it was asked to stop`, error);
    } else {
      // Its status carries the trace, which the worker logs.
      failure = { error };
    }
  }
  try {
    await spine.close();
  } catch (error) {
    logger.error(`Closing task ${taskName} failed`, error);
  }
  if (control.isCancelled) {
    if (failure !== null) logger.error(`Abandoned task ${taskName} had failed`, failure.error);
    return;
  }
  if (failure !== null) options.setStatus('FAILED', options.formatTrace(failure.error));
  else options.setStatus('UNASSIGNED');
}
