import { type FileHandle, open } from 'node:fs/promises';
import {
  ConnectError,
  javaText,
  parseConfig,
  type SinkRecord,
  type SinkTask,
} from '@tributary/sdk';
import { sinkConfig } from './config.ts';

/** Appends each value as one line. What `put` accepted is written to the file when `put` resolves, so offsets may follow. */
export class FileStreamSinkTask implements SinkTask {
  #file: string | null = null;
  #handle: FileHandle | null = null;

  async start(config: Readonly<Record<string, string>>): Promise<void> {
    this.#file = parseConfig(sinkConfig, config).file;
    if (this.#file === null) return;
    try {
      this.#handle = await open(this.#file, 'a');
    } catch (error) {
      throw new ConnectError(
        `Couldn't find or create file '${this.#file}' for FileStreamSinkTask`,
        { cause: error },
      );
    }
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length === 0) return;
    const lines = linesOf(records);
    if (this.#handle === null) {
      await writeToStdout(lines);
      return;
    }
    try {
      await this.#handle.appendFile(lines);
    } catch (error) {
      throw new ConnectError(
        `Cannot append ${records.length} records to file '${this.#file}': ${(error as Error).message}`,
        { cause: error },
      );
    }
  }

  async stop(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }
}

function linesOf(records: readonly SinkRecord[]): string {
  let lines = '';
  for (const { value, valueSchema } of records) {
    lines += typeof value === 'string' ? value : javaText(value, valueSchema);
    lines += '\n';
  }
  return lines;
}

function writeToStdout(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
