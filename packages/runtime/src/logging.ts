import type { ClientLogger } from '@tributary/kafka';
import { pino } from 'pino';

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

export interface LoggerOptions {
  /** Level of names that `levels` does not cover. */
  readonly level?: LogLevel;
  /** By logger name; a name covers the names below it (`kafka` covers `kafka.producer`), the longest wins. */
  readonly levels?: Readonly<Record<string, LogLevel>>;
  readonly format?: 'text' | 'json';
  /** Default: standard output, written in the background, with what it cannot take beyond 4 MiB dropped. */
  readonly write?: (line: string) => void;
  readonly now?: () => Date;
}

/** One line of the log, as task hosts hand it to the control process. */
export interface LogLine {
  readonly level: LogLevel;
  readonly name: string;
  readonly context: string;
  readonly message: string;
}

/** Text lines have Kafka's layout: `[time] LEVEL [context] message (name)`. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = 'info', levels = {}, now = () => new Date() } = options;
  const write = options.write ?? writeToStandardOutput();
  const print = options.format === 'json' ? jsonPrinter(write, now) : textPrinter(write, now);
  return createLoggerFrom(print, (name) => levelOf(name, levels) ?? level);
}

/** A logger that hands its lines to `take`. */
export function createLoggerFrom(
  take: (line: LogLine) => void,
  levelFor: (name: string) => LogLevel,
  facts: { name: string; context: string } = { name: 'tributary', context: '' },
): Logger {
  const lowest = logLevels.indexOf(levelFor(facts.name));
  const isEnabled = (level: LogLevel): boolean => logLevels.indexOf(level) >= lowest;
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

function levelOf(name: string, levels: Readonly<Record<string, LogLevel>>): LogLevel | undefined {
  for (let prefix = name; ; prefix = prefix.slice(0, prefix.lastIndexOf('.'))) {
    if (levels[prefix] !== undefined || !prefix.includes('.')) return levels[prefix];
  }
}

function textPrinter(write: (line: string) => void, now: () => Date): (line: LogLine) => void {
  return ({ level, name, context, message }) => {
    write(`[${timeText(now())}] ${level.toUpperCase()} ${context}${message} (${name})\n`);
  };
}

function jsonPrinter(write: (line: string) => void, now: () => Date): (line: LogLine) => void {
  const logger = pino(
    {
      level: 'trace',
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${now().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  return ({ level, name, context, message }) => {
    logger[level](
      { logger: name, ...(context === '' ? {} : { context: context.trim() }) },
      message,
    );
  };
}

/** As log4j's ISO8601 layout: local time, milliseconds behind a comma. */
function timeText(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time},${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\nCaused by: ${errorText(error.cause)}`;
}

/** A terminal or pipe that takes nothing must not stop the worker. */
function writeToStandardOutput(): (line: string) => void {
  const output = pino.destination({ dest: 1, sync: false, maxLength: 4 * 1024 * 1024 });
  output.on('error', () => {});
  process.on('exit', () => {
    try {
      output.flushSync();
    } catch {
      // Nobody reads the log any more.
    }
  });
  return (line) => void output.write(line);
}
