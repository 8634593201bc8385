import type { Logger } from '../logging.ts';
import type { Consumed, Failure, Report } from './types.ts';

/** The reports that a connector asked for, behind one call; null when it asked for none. A report that fails is logged and ends there. */
export function createReport(reporters: readonly Report[], logger: Logger): Report | null {
  if (reporters.length === 0) return null;
  const guarded = async (reporter: Report, failure: Failure): Promise<void> => {
    try {
      await reporter(failure);
    } catch (error) {
      logger.error(`Cannot report a record that failed in stage ${failure.stage}`, error);
    }
  };
  return async (failure) => {
    await Promise.all(reporters.map((reporter) => guarded(reporter, failure)));
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
