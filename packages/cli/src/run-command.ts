import { readFileSync } from 'node:fs';
import type { Command } from './command.ts';
import { ExitError } from './exit-error.ts';
import { explainError } from './explain-error.ts';
import { nearest } from './nearest.ts';

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
  if (name === 'version' || name === '--version' || name === '-v') {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  if (name === 'help' || name === '--help' || name === '-h') return help(rest[0]);
  if (name === undefined) {
    process.stderr.write(overview());
    return 1;
  }
  const listed = commands.find((known) => known.name === name);
  if (listed === undefined) return refuseCommand(name);
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
      const problem = describeArgumentError(error, command.usage);
      process.stderr.write(
        `tributary ${listed.name}: ${problem}; \`tributary ${listed.name} --help\` tells more\n`,
      );
      return 1;
    }
    throw error;
  }
}

async function help(name: string | undefined): Promise<number> {
  const listed = commands.find((known) => known.name === name);
  if (name !== undefined && listed === undefined) return refuseCommand(name);
  process.stdout.write(listed === undefined ? overview() : (await listed.load()).usage);
  return 0;
}

function refuseCommand(name: string): number {
  const meant = nearest(
    name,
    commands.map((command) => command.name),
  );
  const hint = meant === null ? '' : `, did you mean "${meant}"?`;
  process.stderr.write(`tributary: no command "${name}"${hint}; \`tributary --help\` lists them\n`);
  return 1;
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

/** `parseArgs` goes on to explain how to pass what looks like an option. */
function describeArgumentError(error: Error, usage: string): string {
  const [problem = ''] = error.message.split(/\.? To specify|\n/);
  const unknown = /^Unknown option '([^']+)'/.exec(problem)?.[1];
  if (unknown === undefined) return problem;
  const known = new Set(['--help', ...(usage.match(/--[a-z][a-z-]*/g) ?? [])]);
  const meant = nearest(unknown, known);
  return meant === null ? problem : `${problem}, did you mean '${meant}'?`;
}
