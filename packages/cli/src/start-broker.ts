import { ExitError } from './exit-error.ts';

/** The development broker in this process. Disposing it closes its log. */
export interface RunningBroker extends AsyncDisposable {
  /** `host:port`, with the port that the system chose. */
  readonly address: string;
}

/** `portOption` is the option that moves it to another port. */
export function startBroker(_options: {
  port: number;
  portOption: string;
  dataFolder: string;
}): Promise<RunningBroker> {
  return Promise.reject(new ExitError('this build has no broker'));
}
