import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parsePort } from './arguments.ts';
import type { Command } from './command.ts';
import { defaultDataFolder, prepareDataFolder } from './data-folder.ts';
import { startBroker } from './start-broker.ts';
import { aborted, stopSignal } from './stop-signal.ts';
import { terminalLogger } from './terminal-logger.ts';

const usage = `usage: tributary broker [--port N] [--data FOLDER]

Runs the development broker alone on 127.0.0.1: a single Kafka node for development and tests.

  --port N       port to listen on, default 9092; 0 lets the system choose
  --data FOLDER  where topics and offsets are kept, default "broker" in the folder that \`tributary dev\` uses
`;

export const broker: Command = { usage, run };

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '9092' },
      data: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const stop = stopSignal();
  const port = parsePort('--port', values.port);
  const dataFolder = await prepareDataFolder(values.data ?? join(defaultDataFolder(), 'broker'));
  await using running = await startBroker({
    port,
    portOption: '--port',
    dataFolder,
    logger: terminalLogger(),
  });
  process.stdout.write(`Kafka broker listens on ${running.address}, data in ${dataFolder}\n`);
  await aborted(stop);
  return 0;
}
