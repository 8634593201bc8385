import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseProperties } from '@tributary/runtime';
import { parsePort } from './arguments.ts';
import type { Command } from './command.ts';
import { defaultDataFolder, prepareDataFolder } from './data-folder.ts';
import { ExitError } from './exit-error.ts';
import { readArgumentFile } from './read-file.ts';
import { startBroker } from './start-broker.ts';
import { aborted, stopSignal } from './stop-signal.ts';
import { openTerminal } from './terminal-logger.ts';

const usage = `usage: tributary broker [--port N] [--data FOLDER | --memory] [--config FILE]

Runs the development broker alone, on 127.0.0.1 unless the key "listeners" says otherwise: a single Kafka node for development and tests.

  --port N       port to listen on, default that of the key "listeners", else 9092; 0 lets the system choose
  --data FOLDER  where topics and offsets are kept, default "broker" in the folder that \`tributary dev\` uses
  --memory       keep everything in memory; it is gone when the broker stops
  --config FILE  broker keys with Kafka's names (properties); a key without effect here is logged
`;

export const broker: Command = { usage, run };

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      memory: { type: 'boolean', default: false },
      config: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const stop = stopSignal();
  if (values.memory && values.data !== undefined) {
    throw new ExitError('--data and --memory exclude each other; give one of them');
  }
  const config =
    values.config === undefined
      ? {}
      : parseProperties(await readArgumentFile('broker config file', values.config));
  const dataFolder = values.memory
    ? undefined
    : await prepareDataFolder(values.data ?? join(defaultDataFolder(), 'broker'));
  // Undefined: the port of the listener in the file.
  const port =
    values.port === undefined && config['listeners'] !== undefined
      ? undefined
      : parsePort('--port', values.port ?? '9092');
  await using running = await startBroker({
    port,
    portOption: '--port',
    dataFolder,
    config,
    logger: openTerminal().logger,
  });
  const where = dataFolder === undefined ? 'everything in memory' : `data in ${dataFolder}`;
  process.stdout.write(`Kafka broker listens on ${running.address}, ${where}\n`);
  await aborted(stop);
  return 0;
}
