import { pino } from 'pino';
import { LogLevels } from './log-levels.ts';
import { createLoggerFrom, type Logger, type LogLine } from './logger.ts';

export interface LoggerOptions {
  /** Default: INFO for all. */
  readonly levels?: LogLevels;
  readonly format?: 'text' | 'json';
  /** Default: standard output, written in the background, with what it cannot take beyond 4 MiB dropped. */
  readonly write?: (line: string) => void;
  readonly now?: () => Date;
}

/** Text lines have Kafka's layout: `[time] LEVEL [context] message (name)`. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { levels = new LogLevels('info'), now = () => new Date() } = options;
  const write = options.write ?? writeToStandardOutput();
  const print = options.format === 'json' ? jsonPrinter(write, now) : textPrinter(write, now);
  return createLoggerFrom(print, (name) => levels.levelFor(name));
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
