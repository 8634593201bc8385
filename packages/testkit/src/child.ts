import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server under test in a process of its own, with what it printed. Ended by process id. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Everything printed so far, both streams; the oldest part is dropped beyond 4 MiB. */
  readonly output: string;
  readonly isRunning: boolean;
  /** Resolves when `pattern` has been printed; rejects when the process ends first, or at the deadline, with the end of its output. */
  waitFor(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** SIGTERM, and SIGKILL after `timeoutMs`. Resolves with the exit code, null after a signal. */
  stop(timeoutMs?: number): Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, null after a signal. */
  readonly exited: Promise<number | null>;
}

const maxOutput = 4 * 1024 * 1024;

export function startChild(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Child {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  const listeners = new Set<() => void>();
  const take = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-maxOutput);
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const exited = exitOf(child).then((code) => {
    for (const listener of listeners) listener();
    return code;
  });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const stop = async (timeoutMs = 30_000): Promise<number | null> => {
    if (isRunning()) child.kill('SIGTERM');
    const late = new AbortController();
    const code = await Promise.race([
      exited,
      sleep(timeoutMs, undefined, { signal: late.signal, ref: false }).then(
        () => {
          if (isRunning()) child.kill('SIGKILL');
          return exited;
        },
        () => null,
      ),
    ]);
    late.abort();
    return code;
  };
  return {
    get pid() {
      return child.pid ?? -1;
    },
    get output() {
      return output;
    },
    get isRunning() {
      return isRunning();
    },
    exited,
    stop,
    kill: (signal) => void child.kill(signal),
    waitFor(pattern, timeoutMs) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => end(new Error(`did not print ${pattern} in ${timeoutMs} ms`)),
          timeoutMs,
        );
        const look = (): void => {
          const match = pattern.exec(output);
          if (match !== null) end(match);
          else if (!isRunning()) end(new Error(`ended before it printed ${pattern}`));
        };
        const end = (result: RegExpExecArray | Error): void => {
          clearTimeout(timer);
          listeners.delete(look);
          if (result instanceof Error) {
            reject(new Error(`${command} ${result.message}:\n${output.slice(-4000)}`));
          } else {
            resolve(result);
          }
        };
        listeners.add(look);
        look();
      });
    },
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const failed = once(child, 'error').then(([error]) => {
    throw error as Error;
  });
  const closed = once(child, 'close').then(([code]) => code as number | null);
  return Promise.race([closed, failed]);
}
