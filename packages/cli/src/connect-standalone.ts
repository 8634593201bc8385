import { type Logger, parseProperties } from '@tributary/runtime';
import type { Command } from './command.ts';
import { parseConnectorFile } from './connector-file.ts';
import { explainError } from './explain-error.ts';
import { readArgumentFile } from './read-file.ts';
import { type RunningWorker, startWorker } from './start-worker.ts';
import { aborted, stopSignal, unlessAborted } from './stop-signal.ts';
import { openTerminal, type Terminal } from './terminal-logger.ts';

const usage = `usage: tributary connect-standalone worker.properties [connector1.properties connector2.json ...]

Runs one worker with Kafka Connect's own files. Connector files are a JSON map,
the JSON of POST /connectors, or properties. Ends with 1 for wrong usage, 2 when the worker cannot start,
3 when a connector file fails. TRIBUTARY_LOG_LEVEL=debug (default info) also prints where errors came from.
`;

export const connectStandalone: Command = { usage, run };

/** Exit codes are those of Kafka's script, also for `--help`. */
async function run(args: readonly string[]): Promise<number> {
  const [workerFile, ...connectorFiles] = args;
  if (workerFile === undefined || args.includes('--help')) {
    process.stderr.write(usage);
    return 1;
  }
  const stop = stopSignal();
  const terminal = openTerminal();
  const { logger } = terminal;
  let worker: RunningWorker | null;
  try {
    worker = await unlessAborted(startFrom(workerFile, terminal), stop);
  } catch (error) {
    logEnd(logger, 'Stopping due to error', workerFile, error);
    return 2;
  }
  await using running = worker;
  if (running === null) return 0;
  for (const file of connectorFiles) {
    try {
      await unlessAborted(createFrom(file, running), stop);
    } catch (error) {
      logEnd(logger, 'Stopping after connector error', file, error);
      return 3;
    }
    if (stop.aborted) return 0;
  }
  running.becomeReady();
  await aborted(stop);
  return 0;
}

/** An empty word stands for an empty file, as in Java. */
async function startFrom(workerFile: string, terminal: Terminal): Promise<RunningWorker> {
  if (workerFile === '') return startWorker({}, terminal);
  return startWorker(parseProperties(await readArgumentFile('worker file', workerFile)), terminal);
}

async function createFrom(file: string, worker: RunningWorker): Promise<void> {
  const bytes = await readArgumentFile('connector file', file);
  const { name, config, initialState } = parseConnectorFile(file, bytes);
  await worker.createConnector(name, config, initialState);
}

/** A mistake in a file needs no trace of our code; where it came from is said at level debug. */
function logEnd(logger: Logger, what: string, file: string, error: unknown): void {
  const problem = explainError(error);
  if (problem === null) {
    logger.error(`${what} in ${file}`, error);
    return;
  }
  logger.error(`${what}: ${problem.includes(file) ? '' : `${file}: `}${problem}`);
  logger.debug(what, error);
}
