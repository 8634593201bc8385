import { styleText } from 'node:util';
import {
  createLogger,
  isLogLevel,
  type Logger,
  type LogLevel,
  LogLevels,
} from '@tributary/runtime';

/** Levels of this process' loggers, which REST may change. INFO unless the environment says otherwise. */
export const logLevels = new LogLevels(levelFromEnvironment());

/** The log of a command on standard output; on a terminal its warnings and errors have a colour. */
export function terminalLogger(): Logger {
  if (!process.stdout.isTTY) return createLogger({ levels: logLevels });
  return createLogger({
    levels: logLevels,
    write: (line) => process.stdout.write(coloured(line)),
  });
}

/** `styleText` leaves the colour out where the terminal or NO_COLOR asks for it. */
function coloured(line: string): string {
  const level = /^\[[^\]]+\] (WARN|ERROR|FATAL) /.exec(line)?.[1];
  if (level === undefined) return line;
  return styleText(level === 'WARN' ? 'yellow' : 'red', line.trimEnd()) + '\n';
}

function levelFromEnvironment(): LogLevel {
  const level = process.env['TRIBUTARY_LOG_LEVEL']?.toLowerCase() ?? '';
  return isLogLevel(level) ? level : 'info';
}
