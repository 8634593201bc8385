/** Entry of a task host's process: a channel to the control process, a guard thread, a log, and the runs. Arguments: see `HostArguments`. */
import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { Worker } from 'node:worker_threads';
import { provideStandardOutputFd } from '@tributary/sdk';
import { LogLevels } from '../../log-levels.ts';
import { type CallChannel, createCallChannel } from '../call-channel.ts';
import type { ControlRequests, HostEvent, HostRequests, HostSettings } from '../messages.ts';
import { encodeReport, type HostReport, type Suspect } from '../report-lines.ts';
import { siblingFile } from '../sibling-file.ts';
import type { GuardSettings } from './guard.ts';
import { createHostLog } from './host-log.ts';
import {
  createHostRuntime,
  type HostRuntime,
  type HostServices,
  type RunRequests,
} from './host-runtime.ts';
import { currentRun, watchedMemory } from './run-context.ts';
import { watchFields, whoRunsKey } from './watch-fields.ts';

/** As JSON in the first argument: the guard works before the first message arrives. */
export interface HostArguments {
  readonly guard: Omit<GuardSettings, 'watch' | 'reportFd'>;
  /** Module that exports `createHostServices`; tests give their own. */
  readonly servicesModule: string;
}

export type ServicesModule = {
  createHostServices(settings: HostSettings, deps: HostServicesDeps): Promise<HostServices>;
};

export interface HostServicesDeps {
  readonly logger: ReturnType<typeof createHostLog>;
  readonly control: Pick<CallChannel<ControlRequests, HostEvent>, 'call'>;
}

/** File descriptors beyond the standard three; 3 is the channel. */
export const reportFd = 4;
export const logFd = 5;
/** The control process's own standard output, for data. */
const standardOutputFd = 6;

const beatMs = 200;
/** Plugins may replace it, and are named when they call it. */
const kill = process.kill.bind(process);

const { guard, servicesModule } = JSON.parse(process.argv[2] ?? '{}') as HostArguments;
const levels = new LogLevels('info');
let runtime: HostRuntime | null = null;

startGuard();
provideStandardOutputFd(standardOutputFd);
const sendBytes = takeChannel();
const channel = createCallChannel<ControlRequests, HostEvent, HostRequests, never>({
  peer: 'the control process',
  send: sendBytes,
  answer: (kind, body) => answer(kind, body),
  onEvent: () => {},
  maxOutstanding: 10_000,
});
process.on('message', (message) => channel.receive(message as Uint8Array));
process.on('disconnect', () => endHost());
// A service manager may signal the whole worker at once: its hosts wait for their tasks to be stopped.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});
process.on('uncaughtException', (error) => onUncaught(error));
process.on('unhandledRejection', (error) => onUncaught(error));
nameWhoEndsTheHost();

function startGuard(): void {
  const watch = watchedMemory();
  setInterval(() => Atomics.add(watch, watchFields.beat, 1), beatMs).unref();
  Object.defineProperty(globalThis, Symbol.for(whoRunsKey), {
    value: () => JSON.stringify(whoRuns()),
  });
  const workerData: GuardSettings = { ...guard, watch, reportFd };
  const thread = new Worker(siblingFile(import.meta.url, 'guard'), {
    workerData,
    name: 'guard',
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
  });
  thread.unref();
  thread.on('error', (error) => endWith(`its guard thread failed: ${error.message}`));
}

/** The channel belongs to the runtime: a plugin that finds `process.send` believes that it may talk to a parent of its own. */
function takeChannel(): (message: Uint8Array) => void {
  const send = process.send?.bind(process);
  for (const name of ['send', 'disconnect'] as const) {
    Object.defineProperty(process, name, { value: undefined, configurable: true });
  }
  return (message) => void send?.(message, undefined, undefined, () => {});
}

async function answer<K extends keyof HostRequests>(
  kind: K,
  body: HostRequests[K]['body'],
): Promise<HostRequests[K]['reply']> {
  if (kind === 'configure') {
    await configure(body as HostSettings);
    return null;
  }
  if (kind === 'setLogLevel') {
    const { name, level } = body as HostRequests['setLogLevel']['body'];
    levels.set(name, level);
    return null;
  }
  if (runtime === null) throw new Error('The host has not been configured');
  return runtime.answer(kind as K & keyof RunRequests, body as never);
}

async function configure(settings: HostSettings): Promise<void> {
  levels.take(settings.logLevels);
  const logger = createHostLog(logFd, levels);
  const module = (await import(servicesModule)) as ServicesModule;
  const services = await module.createHostServices(settings, { logger, control: channel });
  // A host is not always left the time to do this when it ends.
  flushCompileCache();
  runtime = createHostRuntime({ services, emit: (event) => channel.emit(event), logger });
}

/** Timers and promises carry the run they belong to: its error fails it alone. */
function onUncaught(error: unknown): void {
  const run = currentRun();
  if (run !== undefined && runtime?.failRun(run.runId, error)) return;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  endWith(`an error was thrown that nothing caught: ${text}`);
}

function nameWhoEndsTheHost(): void {
  process.on('exit', (code) =>
    report({ kind: 'exit', reason: `process.exit(${code}) was called`, ...whoRuns() }),
  );
  const abort = process.abort.bind(process);
  process.abort = () => {
    report({ kind: 'exit', reason: 'process.abort() was called', ...whoRuns() });
    return abort();
  };
  process.kill = (pid, signal) => {
    if (Math.abs(pid) === process.pid && signal !== 0) {
      report({
        kind: 'exit',
        reason: `process.kill(${pid}, ${signal ?? 'SIGTERM'}) was called`,
        ...whoRuns(),
      });
    }
    return kill(pid, signal);
  };
}

function whoRuns(): Suspect {
  const run = currentRun();
  return { runId: run?.runId ?? null, call: run?.calls.at(-1) ?? null };
}

function endWith(reason: string): void {
  report({ kind: 'exit', reason, ...whoRuns() });
  endHost();
}

function report(line: HostReport): void {
  try {
    writeSync(reportFd, encodeReport(line));
  } catch {
    // The control process is gone; so is this host in a moment.
  }
}

/** With all that plugins started: the host leads a process group of its own. */
function endHost(): void {
  try {
    kill(-process.pid, 'SIGKILL');
  } catch {
    process.exit(1);
  }
}
