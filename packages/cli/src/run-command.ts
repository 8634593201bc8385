import { readFileSync } from 'node:fs';
import type { Command } from './command.ts';
import { ExitError } from './exit-error.ts';
import { explainError } from './explain-error.ts';

interface ListedCommand {
  readonly name: string;
  readonly summary: string;
  /** Nothing of the others is loaded. */
  load(): Promise<Command>;
}

const commands: readonly ListedCommand[] = [
  {
    name: 'dev',
    summary: 'run a broker, a worker and a quickstart pipeline on this machine',
    load: async () => (await import('./dev.ts')).dev,
  },
  {
    name: 'connect-standalone',
    summary: 'run a worker with the files of connect-standalone.sh',
    load: async () => (await import('./connect-standalone.ts')).connectStandalone,
  },
  {
    name: 'broker',
    summary: 'run the development broker alone',
    load: async () => (await import('./broker.ts')).broker,
  },
];

/** Runs `tributary ARGS` to its end and resolves with the exit code. */
export async function runCommand(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  if (name === '--help' || name === '-h') {
    process.stdout.write(overview());
    return 0;
  }
  const listed = commands.find((known) => known.name === name);
  if (listed === undefined) {
    const problem = name === undefined ? '' : `tributary: no command "${name}"\n\n`;
    process.stderr.write(`${problem}${overview()}`);
    return 1;
  }
  const command = await listed.load();
  try {
    return await command.run(rest);
  } catch (error) {
    const problem = explainError(error);
    if (problem !== null) {
      process.stderr.write(`tributary: ${problem}\n`);
      return error instanceof ExitError ? error.exitCode : 1;
    }
    if (isArgumentError(error)) {
      process.stderr.write(`tributary ${listed.name}: ${error.message}\n\n${command.usage}`);
      return 1;
    }
    throw error;
  }
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function overview(): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Tributary ${version()}: Kafka Connect without the JVM

usage: tributary COMMAND [ARGUMENTS]

${lines.join('\n')}

\`tributary COMMAND --help\` tells more.
`;
}

/** What `parseArgs` throws for a word it does not know. */
function isArgumentError(error: unknown): error is Error {
  const code = (error as { code?: unknown } | null)?.code;
  return error instanceof Error && String(code).startsWith('ERR_PARSE_ARGS');
}
