import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectError } from '@tributary/sdk';
import type { Logger, LogLine } from '../../logger.ts';
import { createCallChannel } from '../call-channel.ts';
import type { HostArguments } from '../child/task-host.ts';
import type { Host, HostListener, StartHost } from '../host.ts';
import type { ControlRequests, HostEvent, HostRequests, HostSettings } from '../messages.ts';
import { decodeReport, type HostReport, type Suspect } from '../report-lines.ts';
import { siblingFile } from '../sibling-file.ts';
import { createTokenBucket } from '../token-bucket.ts';
import { type EndFacts, explainEnd } from './explain-end.ts';
import { hostEnvironment } from './host-environment.ts';
import type { HostLimits } from './host-limits.ts';
import { readLinesThrottled } from './throttled-lines.ts';

export interface HostProcessOptions {
  readonly limits: HostLimits;
  readonly logger: Logger;
  /** Names of environment variables that hosts get besides the usual ones. */
  readonly environmentNames?: readonly string[];
  /** URL of the module that exports `createHostServices`. */
  readonly servicesModule: string;
  /** The name of a run in log lines. */
  describe(suspect: Suspect): string;
}

const watchIntervalMs = 1000;
/** The guard speaks twice a second; this much silence beyond the longest allowed turn means that the whole process stands still. */
const silenceGraceMs = 2000;
/** What the host wrote before its end is read for at most this long. */
const lastWordsTimeoutMs = 500;
const maxErrorLines = 30;

/** Starts task hosts as child processes. */
export function createHostStarter(options: HostProcessOptions): StartHost {
  return (hostId, settings, listener) => startHostProcess(hostId, settings, listener, options);
}

function startHostProcess(
  hostId: number,
  settings: HostSettings,
  listener: HostListener,
  options: HostProcessOptions,
): Host {
  const { limits, logger } = options;
  const maxStallMs = settings.mayBlock ? limits.maxBlockingMs : limits.maxStallMs;
  const child = spawnHost(options, maxStallMs);
  const name = `Task host ${hostId} (pid ${child.pid})`;
  const facts: Omit<Mutable<EndFacts>, 'code' | 'signal'> & { errorLines: string[] } = {
    endedFor: null,
    lastWords: null,
    lastTick: null,
    errorLines: [],
    heapLimitMiB: limits.heapMiB,
  };
  let heardAt = performance.now();

  const channel = createCallChannel<HostRequests, never, ControlRequests, HostEvent>({
    peer: `task host ${hostId}`,
    send: (message) => {
      if (child.connected) child.send(message, undefined, undefined, () => {});
    },
    answer: (kind, body) => listener.answer(kind, body),
    onEvent: (event) => listener.onEvent(event),
    maxOutstanding: 10_000,
  });

  const end = (reason: string): void => {
    facts.endedFor ??= reason;
    killGroup(child);
  };
  child.on('message', (message) => {
    try {
      channel.receive(message as Uint8Array);
    } catch (error) {
      end(`it sent a message that cannot be read: ${(error as Error).message}`);
    }
  });

  const takeReport = (report: HostReport): void => {
    heardAt = performance.now();
    if (report.kind === 'tick') facts.lastTick = report;
    else if (report.kind === 'slowTurn') {
      const seconds = (report.stalledMs / 1000).toFixed(1);
      logger.warn(
        `${name}: one turn of its event loop has taken ${seconds} s so far${options.describe(report)}; nothing else runs there meanwhile`,
      );
    } else facts.lastWords ??= report;
  };

  const streams = readStreams(child, { logger, name, errorLines: facts.errorLines, takeReport });
  const stopWatching = watchSilence(
    () => {
      if (performance.now() - heardAt < maxStallMs + silenceGraceMs) return;
      end(`it gave no sign of life for ${Math.round((performance.now() - heardAt) / 1000)} s`);
    },
    (lostMs) => {
      heardAt += lostMs;
    },
  );

  const ended = endOf(child).then(async ({ code, signal, error }) => {
    stopWatching();
    killGroup(child);
    await settledWithin(streams, lastWordsTimeoutMs);
    if (error !== null) facts.endedFor ??= `it could not be started: ${error.message}`;
    const explained = explainEnd({ ...facts, code, signal });
    listener.onEnded(explained);
    channel.close(
      new ConnectError(`${name} was lost: ${explained.reason}`, { code: 'TRB_HOST_LOST' }),
    );
  });

  const ready = channel.call('configure', settings, { timeoutMs: limits.startTimeoutMs }).then(
    () => {},
    (error: Error) => {
      end(`it did not become ready: ${error.message}`);
      throw error;
    },
  );
  ready.catch(() => {});

  return {
    pid: child.pid ?? null,
    ready,
    call: (kind, body, callOptions) => channel.call(kind, body, callOptions),
    end,
    ended,
  };
}

async function settledWithin(work: Promise<void>, timeoutMs: number): Promise<void> {
  const enough = new AbortController();
  const { signal } = enough;
  await Promise.race([work, sleep(timeoutMs, undefined, { signal }).catch(() => {})]);
  enough.abort();
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A process group of its own: Ctrl-C in a terminal reaches the control process alone, and what plugins start ends with their host. */
function spawnHost(options: HostProcessOptions, maxStallMs: number): ChildProcess {
  const { limits, servicesModule, environmentNames = [] } = options;
  const hostArguments: HostArguments = {
    guard: {
      controlPid: process.pid,
      maxStallMs,
      slowTurnMs: limits.slowTurnMs,
      maxRssBytes: limits.maxRssBytes,
    },
    servicesModule,
  };
  return spawn(
    process.execPath,
    [
      ...conditionFlags(process.execArgv),
      `--max-old-space-size=${limits.heapMiB}`,
      // Records live for the time of a batch: with room for some batches they die young, which takes less time and memory.
      `--max-semi-space-size=${Math.min(32, Math.ceil(limits.heapMiB / 8))}`,
      '--disable-warning=ExperimentalWarning',
      siblingFile(import.meta.url, '../child/task-host'),
      JSON.stringify(hostArguments),
    ],
    {
      // In the order of the descriptors in task-host.ts. Standard input and output are this process's own: plugins may read and write data there.
      stdio: ['inherit', 'pipe', 'pipe', 'ipc', 'pipe', 'pipe', 1],
      serialization: 'advanced',
      detached: true,
      env: hostEnvironment(process.env, environmentNames),
    },
  );
}

/** Those of this process, so that sources find sources and a build finds a build. */
function conditionFlags(execArgv: readonly string[]): string[] {
  return execArgv.flatMap((argument, index) => {
    if (argument.startsWith('--conditions=')) return [argument];
    const isName = execArgv[index - 1] === '--conditions' || execArgv[index - 1] === '-C';
    return isName ? [`--conditions=${argument}`] : [];
  });
}

/** Resolves when the streams have ended. None of them can flood this process. */
async function readStreams(
  child: ChildProcess,
  options: {
    logger: Logger;
    name: string;
    errorLines: string[];
    takeReport: (report: HostReport) => void;
  },
): Promise<void> {
  const { logger, name, errorLines, takeReport } = options;
  const bounds = { charsPerInterval: 256 * 1024, intervalMs: 100, maxLineChars: 64 * 1024 };
  const raw = createTokenBucket({ burst: 100, perSecond: 20 });
  const [, output, errors, , reports, log] = child.stdio as (Readable | null)[];
  const printRaw = (line: string, stream: string): void => {
    if (line.trim() === '' || !raw.take()) return;
    const dropped = raw.takeDropped();
    const before = dropped === 0 ? '' : `(${dropped} lines before this one were dropped) `;
    logger.child({ name: stream }).info(`${name}: ${before}${line.slice(0, 2000)}`);
  };
  const read = (stream: Readable | null | undefined, onLine: (line: string) => void) =>
    stream ? readLinesThrottled(stream, onLine, bounds) : Promise.resolve();
  await Promise.all([
    read(output, (line) => printRaw(line, 'stdout')),
    read(errors, (line) => {
      if (errorLines.length >= maxErrorLines) errorLines.shift();
      errorLines.push(line.slice(0, 500));
      printRaw(line, 'stderr');
    }),
    read(reports, (line) => {
      const report = decodeReport(line);
      if (report !== null) takeReport(report);
    }),
    read(log, (line) => logAgain(line, logger)),
  ]);
}

function logAgain(text: string, logger: Logger): void {
  let line: LogLine;
  try {
    line = JSON.parse(text) as LogLine;
  } catch {
    return;
  }
  const level = line.level === 'fatal' ? 'error' : line.level;
  logger.child({ name: line.name, context: line.context })[level]?.(line.message);
}

/** `look` once a second; time in which this process itself stood still is told to `skip` first, it is not the host's silence. */
function watchSilence(look: () => void, skip: (lostMs: number) => void): () => void {
  let lookedAt = performance.now();
  const timer = setInterval(() => {
    const lateMs = performance.now() - lookedAt - watchIntervalMs;
    lookedAt = performance.now();
    if (lateMs > watchIntervalMs) skip(lateMs);
    look();
  }, watchIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** An `error` of a child that was started (a failed send) is not its end. */
function endOf(
  child: ChildProcess,
): Promise<{ code: number | null; signal: string | null; error: Error | null }> {
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, signal, error: null }));
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, error });
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
