import type { ClientLogger } from '@tributary/kafka';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export type LogLevel = (typeof logLevels)[number];

/**
 * The worker's logger. Messages begin with the connector context (`[orders|task-0] `) unless the logger was made with one.
 * An error given beside a message is printed below it, with its causes; never give one whose message may hold a secret.
 */
export interface Logger extends ClientLogger {
  trace(message: string, error?: unknown): void;
  debug(message: string, error?: unknown): void;
  info(message: string, error?: unknown): void;
  warn(message: string, error?: unknown): void;
  error(message: string, error?: unknown): void;
  isEnabled(level: LogLevel): boolean;
  /** A logger of another name, or with a context in front of every message; what is not given stays. */
  child(facts: { name?: string; context?: string }): Logger;
}

/** One line of the log, as task hosts hand it to the control process. */
export interface LogLine {
  readonly level: LogLevel;
  readonly name: string;
  readonly context: string;
  readonly message: string;
}

/** A logger that hands its lines to `take`. */
export function createLoggerFrom(
  take: (line: LogLine) => void,
  levelFor: (name: string) => LogLevel,
  facts: { name: string; context: string } = { name: 'tributary', context: '' },
): Logger {
  // Asked for each line: levels change while the process runs.
  const isEnabled = (level: LogLevel): boolean =>
    logLevels.indexOf(level) >= logLevels.indexOf(levelFor(facts.name));
  const log =
    (level: LogLevel) =>
    (message: string, error?: unknown): void => {
      if (!isEnabled(level)) return;
      const text = error === undefined ? message : `${message}\n${errorText(error)}`;
      take({ level, ...facts, message: text });
    };
  return {
    trace: log('trace'),
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    isEnabled,
    child: ({ name = facts.name, context = facts.context }) =>
      createLoggerFrom(take, levelFor, { name, context }),
  };
}

export function isLogLevel(text: string): text is LogLevel {
  return (logLevels as readonly string[]).includes(text);
}

/** Stack and causes. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\nCaused by: ${errorText(error.cause)}`;
}
