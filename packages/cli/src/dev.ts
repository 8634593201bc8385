import { join, relative } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { parsePort } from './arguments.ts';
import type { Command } from './command.ts';
import { defaultDataFolder, prepareDataFolder } from './data-folder.ts';
import { requireFreePort } from './free-port.ts';
import { prepareQuickstart, type Quickstart } from './quickstart.ts';
import { startBroker } from './start-broker.ts';
import { type RunningWorker, startWorker } from './start-worker.ts';
import { aborted, stopSignal, unlessAborted } from './stop-signal.ts';
import { openTerminal } from './terminal-logger.ts';

const usage = `usage: tributary dev [--port N] [--broker-port N] [--data FOLDER] [--no-quickstart] [--verbose]

Runs everything that is needed to try connectors, on 127.0.0.1: a Kafka broker, a Connect worker with its
REST API, and a quickstart pipeline that follows a file into a topic and out into another file.
The next start with the same data continues where this one ended. Ctrl-C stops it all.

  --port N         port of the REST API, default 8083
  --broker-port N  port of the Kafka broker, default 9092
  --data FOLDER    where everything is kept, default "data" in the clone of the repository, or
                   ~/.local/share/tributary where Tributary is installed as a package
  --no-quickstart  no pipeline
  --verbose        log what the broker, the worker and REST do, not only warnings and errors
`;

export const dev: Command = { usage, run };

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '8083' },
      'broker-port': { type: 'string', default: '9092' },
      data: { type: 'string' },
      'no-quickstart': { type: 'boolean', default: false },
      verbose: { type: 'boolean', short: 'v', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const restPort = parsePort('--port', values.port);
  const brokerPort = parsePort('--broker-port', values['broker-port']);
  const stop = stopSignal();
  const terminal = openTerminal(values.verbose ? 'info' : 'warn');
  const dataFolder = await prepareDataFolder(values.data ?? defaultDataFolder());
  await requireFreePort('the Kafka broker', brokerPort, '--broker-port');
  await requireFreePort('the REST API', restPort, '--port');
  const quickstart = values['no-quickstart'] ? null : await prepareQuickstart(dataFolder);

  await using broker = await startBroker({
    port: brokerPort,
    portOption: '--broker-port',
    dataFolder: join(dataFolder, 'broker'),
    logger: terminal.logger,
  });
  const config = workerConfig(broker.address, restPort, dataFolder);
  await using worker = await unlessAborted(startWorker(config, terminal), stop);
  if (worker === null) return 0;
  await unlessAborted(createAll(worker, quickstart?.connectors ?? []), stop);
  process.stdout.write(whatRuns(broker.address, worker.url, dataFolder, quickstart));
  await aborted(stop);
  return 0;
}

/** Text converters, so that lines of files stay lines; offsets soon on disk, so that little is repeated after a crash. */
function workerConfig(
  brokerAddress: string,
  restPort: number,
  dataFolder: string,
): Record<string, string> {
  return {
    'bootstrap.servers': brokerAddress,
    listeners: `http://127.0.0.1:${restPort}`,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'offset.storage.file.filename': join(dataFolder, 'connect.offsets'),
    'offset.flush.interval.ms': '1000',
    // The shortest that Kafka allows: after a crash sinks wait that long for their partitions.
    'consumer.session.timeout.ms': '6000',
    'consumer.heartbeat.interval.ms': '2000',
  };
}

async function createAll(
  worker: RunningWorker,
  connectors: Quickstart['connectors'],
): Promise<void> {
  for (const { name, config } of connectors) await worker.createConnector(name, config, null);
  worker.becomeReady();
}

function whatRuns(
  brokerAddress: string,
  restUrl: string,
  dataFolder: string,
  quickstart: Quickstart | null,
): string {
  const rows = [
    ['Kafka broker', brokerAddress],
    ['Connect REST', restUrl],
    ['Data', shown(dataFolder)],
  ];
  const tries = [
    ['list the connectors', `curl -s ${restUrl}/connectors`],
    ['and the plugins', `curl -s ${restUrl}/connector-plugins`],
  ];
  if (quickstart !== null) {
    const input = shown(quickstart.input);
    const output = shown(quickstart.output);
    rows.push(['Quickstart', `${input} -> topic "${quickstart.topic}" -> ${output}`]);
    tries.unshift(
      ['append a line', `echo "hello, stream" >> ${quoted(input)}`],
      ['see it arrive', `tail ${quoted(output)}`],
    );
    tries.push(['see one at work', `curl -s ${restUrl}/connectors/quickstart-sink/status`]);
  }
  return `
${styleText('bold', 'Tributary runs.')}

${table(rows)}

${styleText('bold', 'Try next')}, in another terminal:

${table(tries)}

Ctrl-C stops it.

`;
}

function table(rows: string[][]): string {
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}

/** From here, where it lies below the working folder. */
function shown(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere;
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
