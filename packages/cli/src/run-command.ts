import { readFileSync } from 'node:fs';
import { broker } from './broker.ts';
import type { Command } from './command.ts';
import { connectStandalone } from './connect-standalone.ts';
import { dev } from './dev.ts';
import { ExitError } from './exit-error.ts';

const commands: readonly Command[] = [dev, connectStandalone, broker];

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
  const command = commands.find((known) => known.name === name);
  if (command === undefined) {
    const problem = name === undefined ? '' : `tributary: no command "${name}"\n\n`;
    process.stderr.write(`${problem}${overview()}`);
    return 1;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (error instanceof ExitError) {
      process.stderr.write(`tributary: ${error.message}\n`);
      return error.exitCode;
    }
    if (isArgumentError(error)) {
      process.stderr.write(`tributary ${command.name}: ${error.message}\n\n${command.usage}`);
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
