import { HerderError } from '@tributary/runtime';
import { ExitError } from './exit-error.ts';

/**
 * What the user reads of an error that ends a command: its message and what its causes add, without traces.
 * Null for an error that nobody meant for them, a mistake of ours, whose trace is wanted. (no I/O)
 */
export function explainError(error: unknown): string | null {
  if (!(error instanceof ExitError || error instanceof HerderError || isNamed(error))) return null;
  return withoutPluginFields(withCauses(error));
}

/** An error with a code of docs/errors.md, but for the one that says that our code is wrong. */
function isNamed(error: unknown): error is Error {
  const code = String((error as { code?: unknown } | null)?.code);
  return error instanceof Error && code.startsWith('TRB_') && code !== 'TRB_ILLEGAL_WORKER_STATE';
}

function withCauses(error: Error): string {
  const { message, cause } = error;
  // The message of an ExitError is whole.
  if (error instanceof ExitError || !(cause instanceof Error)) return message;
  const reason = withCauses(cause);
  return message.includes(reason) || isInWords(message, cause) ? message : `${message} (${reason})`;
}

/** Node's `listen EADDRINUSE: address already in use` says nothing beside `the port is in use`. */
function isInWords(message: string, cause: Error): boolean {
  return (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' && message.includes('is in use');
}

/** Java lists plugins with all their fields; the class names tell what to choose from. */
function withoutPluginFields(message: string): string {
  return message.replaceAll(/PluginDesc\{klass=class ([^,]+),[^}]*\}/g, '$1');
}
