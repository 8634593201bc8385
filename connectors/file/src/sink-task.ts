import {
  ConnectError,
  javaText,
  parseConfig,
  type SinkRecord,
  type SinkTask,
  standardOutputFd,
} from '@tributary/sdk';
import { sinkConfig } from './config.ts';
import { TargetFile } from './target-file.ts';
import { writeLines } from './write-lines.ts';

/** Appends each value as one line. What `put` accepted is written to the file when `put` resolves, so offsets may follow. */
export class FileStreamSinkTask implements SinkTask {
  readonly #warn: (message: string) => void;
  #file: string | null = null;
  #target: TargetFile | null = null;

  // oxlint-disable-next-line no-console -- what a plugin prints is its log
  constructor(warn: (message: string) => void = console.warn) {
    this.#warn = warn;
  }

  async start(config: Readonly<Record<string, string>>): Promise<void> {
    this.#file = parseConfig(sinkConfig, config).file;
    if (this.#file === null) return;
    const isShared = Number(config['tasks.max'] ?? 1) > 1;
    try {
      this.#target = await TargetFile.open(this.#file, { isShared, warn: this.#warn });
    } catch (error) {
      const isUnread = (error as NodeJS.ErrnoException).code === 'ENXIO';
      const hint = isUnread ? ': nothing reads from it; start its reader first' : '';
      throw new ConnectError(
        `Couldn't find or create file '${this.#file}' for FileStreamSinkTask${hint}`,
        { cause: error },
      );
    }
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length === 0) return;
    const lines = linesOf(records);
    try {
      if (this.#target === null) await writeLines(standardOutputFd(), lines);
      else await this.#target.append(lines);
    } catch (error) {
      if (ConnectError.is(error)) throw error;
      throw this.#writeFailure(records.length, error as NodeJS.ErrnoException);
    }
  }

  async flush(): Promise<void> {
    await this.#target?.checkKept();
  }

  async stop(): Promise<void> {
    const target = this.#target;
    this.#target = null;
    await target?.close();
  }

  #writeFailure(count: number, error: NodeJS.ErrnoException): ConnectError {
    const what =
      this.#file === null
        ? `Cannot write ${count} records to standard output`
        : `Cannot append ${count} records to file '${this.#file}'`;
    const hint = error.code === 'EPIPE' ? ': nothing reads from it any more' : '';
    return new ConnectError(`${what}${hint}: ${error.message}`, { cause: error });
  }
}

function linesOf(records: readonly SinkRecord[]): Buffer {
  let lines = '';
  for (const { value, valueSchema } of records) {
    lines += typeof value === 'string' ? value : javaText(value, valueSchema);
    lines += '\n';
  }
  return Buffer.from(lines);
}
