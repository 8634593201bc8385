import { styleText } from 'node:util';
import {
  createLogger,
  isLogLevel,
  type Logger,
  type LogLevel,
  LogLevels,
} from '@tributary/runtime';

/** The log of a command on standard output. */
export interface Terminal {
  readonly logger: Logger;
  /** Of the loggers of this process, which REST may change. */
  readonly levels: LogLevels;
}

/** `level`: where TRIBUTARY_LOG_LEVEL names none. On a terminal warnings and errors have a colour. */
export function openTerminal(level: LogLevel = 'info'): Terminal {
  const levels = new LogLevels(levelFromEnvironment() ?? level);
  const write = (line: string): boolean => process.stdout.write(coloured(line));
  return { levels, logger: createLogger({ levels, ...(process.stdout.isTTY && { write }) }) };
}

/** `styleText` leaves the colour out where the terminal or NO_COLOR asks for it. */
function coloured(line: string): string {
  const level = /^\[[^\]]+\] (WARN|ERROR|FATAL) /.exec(line)?.[1];
  if (level === undefined) return line;
  return styleText(level === 'WARN' ? 'yellow' : 'red', line.trimEnd()) + '\n';
}

function levelFromEnvironment(): LogLevel | null {
  const level = process.env['TRIBUTARY_LOG_LEVEL']?.toLowerCase() ?? '';
  return isLogLevel(level) ? level : null;
}
