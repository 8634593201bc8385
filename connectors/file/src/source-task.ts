import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ConnectError,
  parseConfig,
  type SourceMap,
  SourceRecord,
  type SourceTask,
  type SourceTaskContext,
  STRING_SCHEMA,
} from '@tributary/sdk';
import { sourceConfig } from './config.ts';
import { findCharacter } from './find-character.ts';
import { LineBuffer } from './line-buffer.ts';

const longestWaitMs = 1000;
const checkIntervalMs = 50;

/** How the task waits and warns; tests replace it. */
export interface Surroundings {
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  now(): number;
  warn(message: string): void;
  input: NodeJS.ReadableStream & { readonly readableLength: number };
}

/**
 * One record per line of a file, or of standard input, followed as it grows. The source offset is the number of characters up to the end of the line.
 * Lines are handed out as soon as they are complete; while the runtime works on a batch the next bytes are read.
 */
export class FileStreamSourceTask implements SourceTask {
  readonly #around: Surroundings;
  #context: SourceTaskContext | null = null;
  #file: string | null = null;
  #topic = '';
  #batchSize = 0;
  #partition: SourceMap = {};
  #lines = new LineBuffer(0, 0);
  #handle: FileHandle | null = null;
  /** A read under way into the line buffer; resolves to the number of bytes. */
  #reading: Promise<number> | null = null;
  #hasWarned = false;

  constructor(around: Surroundings = processSurroundings()) {
    this.#around = around;
  }

  initialize(context: SourceTaskContext): void {
    this.#context = context;
  }

  async start(config: Readonly<Record<string, string>>): Promise<void> {
    const { file, topic, 'batch.size': batchSize } = parseConfig(sourceConfig, config);
    this.#file = file === '' ? null : file;
    this.#topic = topic;
    this.#batchSize = batchSize;
    this.#partition = { filename: this.#file };
    const position = this.#file === null ? 0 : await this.#storedPosition();
    this.#lines = new LineBuffer(position, 0);
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[] | null> {
    if (!(await this.#open(signal))) {
      await this.#around.sleep(longestWaitMs, signal);
      return null;
    }
    const records: SourceRecord[] = [];
    let waitedMs = 0;
    this.#takeLines(records);
    while (records.length === 0 && !signal.aborted && waitedMs < longestWaitMs) {
      if ((await this.#read()) > 0) {
        this.#takeLines(records);
      } else {
        await this.#around.sleep(checkIntervalMs, signal);
        waitedMs += checkIntervalMs;
      }
    }
    if (records.length === 0) return null;
    if (this.#lines.isHalfFree) this.#readAhead();
    return records;
  }

  async stop(): Promise<void> {
    await this.#reading?.catch(() => 0);
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async #storedPosition(): Promise<number> {
    const stored = await this.#context?.offsetStorageReader.offset(this.#partition);
    const position = stored?.['position'] ?? null;
    if (position === null) return 0;
    const isInteger = typeof position === 'bigint' || Number.isSafeInteger(position);
    if (!isInteger) throw new ConnectError('Offset position is the incorrect type');
    return Number(position);
  }

  /** False while the file does not exist, or when there is no time left to find the position in it. */
  async #open(signal: AbortSignal): Promise<boolean> {
    if (this.#file === null || this.#handle !== null) return true;
    try {
      const handle = await open(this.#file, 'r');
      try {
        const { position } = this.#lines;
        this.#lines = new LineBuffer(position, await findCharacter(handle, position, signal));
        this.#handle = handle;
        return true;
      } finally {
        if (this.#handle === null) await handle.close();
      }
    } catch (error) {
      if (signal.aborted) return false;
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw this.#failure('open', error);
    }
    if (!this.#hasWarned) {
      this.#around.warn(
        `Couldn't find file '${this.#file}' for FileStreamSourceTask, waiting for it to be created`,
      );
    }
    this.#hasWarned = true;
    return false;
  }

  #takeLines(records: SourceRecord[]): void {
    const timestamp = this.#around.now();
    const hasOffsets = this.#file !== null;
    const lines = this.#lines;
    // At least one, whatever the batch size: otherwise nothing would ever move.
    do {
      const line = lines.nextLine();
      if (line === null) return;
      const offset = hasOffsets ? { position: lines.position } : {};
      records.push(
        new SourceRecord(
          this.#partition,
          offset,
          this.#topic,
          null,
          null,
          null,
          STRING_SCHEMA,
          line,
          timestamp,
        ),
      );
    } while (records.length < this.#batchSize);
  }

  /** Bytes that were added; 0 when there are none now. */
  async #read(): Promise<number> {
    this.#readAhead();
    const reading = this.#reading as Promise<number>;
    try {
      const count = await reading;
      this.#lines.filled(count);
      return count;
    } catch (error) {
      throw this.#failure('read', error);
    } finally {
      this.#reading = null;
    }
  }

  #readAhead(): void {
    if (this.#reading !== null) return;
    const space = this.#lines.space();
    this.#reading =
      this.#handle === null ? this.#readInput(space) : this.#readFile(this.#handle, space);
    // Whoever awaits it gets the error; nobody may before the task stops.
    this.#reading.catch(() => {});
  }

  async #readFile(handle: FileHandle, space: Buffer): Promise<number> {
    const { bytesRead } = await handle.read(space, 0, space.length, this.#lines.filledTo);
    return bytesRead;
  }

  /** What standard input holds now; asking for nothing makes it fetch more. */
  async #readInput(space: Buffer): Promise<number> {
    const { input } = this.#around;
    const available = Math.min(input.readableLength, space.length);
    const chunk = input.read(available);
    if (available === 0 || chunk === null) return 0;
    return (chunk as Buffer).copy(space);
  }

  #failure(action: string, cause: unknown): ConnectError {
    const what = this.#file === null ? 'standard input' : `file '${this.#file}'`;
    return new ConnectError(`Cannot ${action} ${what}: ${(cause as Error).message}`, { cause });
  }
}

function processSurroundings(): Surroundings {
  return {
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
    now: Date.now,
    // oxlint-disable-next-line no-console -- what a plugin prints is its log
    warn: console.warn,
    get input() {
      return process.stdin;
    },
  };
}
