import type { Logger } from '../logger.ts';
import type { Consumed, Failure, Report } from './types.ts';

/** The reports that a connector asked for, behind one call; null when it asked for none. Rejects, when all are done, with the first that failed: the record is not reported. */
export function createReport(reporters: readonly Report[]): Report | null {
  if (reporters.length === 0) return null;
  return async (failure) => {
    const outcomes = await Promise.allSettled(reporters.map((reporter) => reporter(failure)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
}

/** `errors.log.enable`: one line per record; what the record holds only with `errors.log.include.messages`. Source: Kafka Connect `LogReporter`. */
export function createLogReport(options: {
  taskName: string;
  includesMessages: boolean;
  logger: Logger;
}): Report {
  const { taskName, includesMessages, logger } = options;
  return async (failure) => {
    const details = includesMessages ? describeRecord(failure) : '';
    logger.error(
      `Error encountered in task ${taskName}. Executing stage '${failure.stage}' with class '${failure.className}'${details}.`,
      failure.error,
    );
  };
}

function describeRecord({ source, consumed }: Failure): string {
  if (source !== null) return `, where source record is = ${source.toString()}`;
  return consumed === null ? '' : `, where consumed record is ${describeConsumed(consumed)}`;
}

function describeConsumed({ from, record }: Consumed): string {
  const time =
    from.timestampType === 'NoTimestampType'
      ? ''
      : `, timestamp=${record.timestamp}, timestampType=${from.timestampType}`;
  return `{topic='${from.topic}', partition=${from.partition}, offset=${record.offset}${time}}`;
}
