import type { Logger, TargetState } from '@tributary/runtime';
import { ExitError } from './exit-error.ts';

/** A standalone worker that answers REST. Disposing it stops REST, then connectors and tasks with their last offsets committed. */
export interface RunningWorker extends AsyncDisposable {
  /** Where REST listens, with the port that the system chose. */
  readonly url: string;
  /** Rejects when the config is not valid or the name is taken. */
  createConnector(
    name: string,
    config: Record<string, string | null>,
    targetState: TargetState | null,
  ): Promise<void>;
  /** The connectors of the command line are there: `/health` says so. */
  becomeReady(): void;
}

/** `config` as in `worker.properties`. */
export function startWorker(
  _config: Readonly<Record<string, string>>,
  _logger: Logger,
): Promise<RunningWorker> {
  return Promise.reject(new ExitError('this build has no worker'));
}
