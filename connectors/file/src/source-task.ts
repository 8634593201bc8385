import type { Readable } from 'node:stream';
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
import { FollowedFile } from './followed-file.ts';
import { LineBuffer } from './line-buffer.ts';
import { type Sleep, StandardInput } from './standard-input.ts';

const longestWaitMs = 1000;
const checkIntervalMs = 50;

/** How the task waits and warns; tests replace it. */
export interface Surroundings {
  readonly sleep: Sleep;
  now(): number;
  warn(message: string): void;
  input: Readable;
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
  #source: FollowedFile | StandardInput | null = null;
  /** A read under way into the line buffer; resolves to the number of bytes. */
  #reading: Promise<number> | null = null;
  /** What was warned of last; null when all is well. */
  #warned: string | null = null;

  constructor(around: Surroundings = processSurroundings()) {
    this.#around = around;
  }

  initialize(context: SourceTaskContext): void {
    this.#context = context;
  }

  async start(config: Readonly<Record<string, string>>): Promise<void> {
    const { file, topic, 'batch.size': batchSize } = parseConfig(sourceConfig, config);
    this.#file = file === '' ? null : file;
    // As Java: an empty name stays one in the partition.
    this.#partition = { filename: file };
    this.#topic = topic;
    this.#batchSize = batchSize;
    if (this.#file === null) {
      this.#source = new StandardInput(this.#around.input, this.#around.sleep);
    } else {
      this.#lines = new LineBuffer(await this.#storedPosition(), 0);
    }
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[] | null> {
    const source = this.#source ?? (await this.#open(signal));
    if (source === null) {
      await this.#around.sleep(longestWaitMs, signal);
      return null;
    }
    const records: SourceRecord[] = [];
    let waitedMs = 0;
    this.#takeLines(records);
    while (records.length === 0 && !signal.aborted && waitedMs < longestWaitMs) {
      if ((await this.#read(source)) > 0) this.#takeLines(records);
      else waitedMs += await this.#wait(source, signal);
    }
    if (records.length === 0) {
      if (!signal.aborted) await this.#lookForChange(source);
      return null;
    }
    if (this.#lines.isHalfFree) this.#readAhead(source);
    return records;
  }

  async stop(): Promise<void> {
    const source = this.#source;
    this.#source = null;
    const added = await (this.#reading ?? Promise.resolve(0)).catch(() => 0);
    if (source instanceof FollowedFile) await source.close();
    if (source instanceof StandardInput) {
      this.#lines.filled(added);
      source.release(Buffer.from(this.#lines.rest));
    }
  }

  async #storedPosition(): Promise<number> {
    const stored = await this.#context?.offsetStorageReader.offset(this.#partition);
    const position = stored?.['position'] ?? null;
    if (position === null) return 0;
    const isInteger = typeof position === 'bigint' || Number.isSafeInteger(position);
    if (!isInteger) throw new ConnectError('Offset position is the incorrect type');
    return Number(position);
  }

  /** Null while the file does not exist, or when there is no time left to find the position in it. */
  async #open(signal: AbortSignal): Promise<FollowedFile | null> {
    const path = this.#file as string;
    try {
      const file = await FollowedFile.open(path);
      try {
        const { position } = this.#lines;
        this.#lines = new LineBuffer(position, await file.find(position, signal));
        this.#source = file;
        return file;
      } finally {
        if (this.#source === null) await file.close();
      }
    } catch (error) {
      if (signal.aborted) return null;
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw this.#failure('open', error);
    }
    this.#warnOnce(
      'missing',
      `Couldn't find file '${path}' for FileStreamSourceTask, waiting for it to be created`,
    );
    return null;
  }

  #takeLines(records: SourceRecord[]): void {
    const timestamp = this.#around.now();
    const hasPosition = this.#file !== null;
    const lines = this.#lines;
    // At least one, whatever the batch size: otherwise nothing would ever move.
    do {
      const line = lines.nextLine();
      if (line === null) return;
      const offset = { position: hasPosition ? lines.position : null };
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
  async #read(source: FollowedFile | StandardInput): Promise<number> {
    this.#readAhead(source);
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

  #readAhead(source: FollowedFile | StandardInput): void {
    if (this.#reading !== null) return;
    this.#reading = this.#fill(source);
    // Whoever awaits it gets the error; nobody may before the task stops.
    this.#reading.catch(() => {});
  }

  async #fill(source: FollowedFile | StandardInput): Promise<number> {
    const space = this.#lines.space();
    if (space.length === 0) {
      const mib = this.#lines.rest.length / 1024 / 1024;
      throw new Error(
        `no line end in ${mib} MiB behind position ${this.#lines.position}, and a line may not be longer; is this a text file?`,
      );
    }
    if (source instanceof StandardInput) return source.read(space);
    return await source.read(space, this.#lines.filledTo);
  }

  /** Milliseconds that count against the longest wait. */
  async #wait(source: FollowedFile | StandardInput, signal: AbortSignal): Promise<number> {
    if (source instanceof StandardInput) {
      return (await source.untilReadable(longestWaitMs, signal)) ? 0 : longestWaitMs;
    }
    await this.#around.sleep(checkIntervalMs, signal);
    return checkIntervalMs;
  }

  /** At the end of what there is to read, at most once per longest wait. */
  async #lookForChange(source: FollowedFile | StandardInput): Promise<void> {
    if (source instanceof StandardInput) {
      if (source.hasEnded) {
        this.#warnOnce('ended', 'Standard input has ended; no more records come from it');
      }
      return;
    }
    try {
      const change = await source.findChange(this.#lines.filledTo);
      if (change === null) {
        this.#warned = null;
        return;
      }
      const advice = `To read the file at this path from its start, stop the connector, delete its offsets (DELETE /connectors/NAME/offsets; position ${this.#lines.position} now) and resume it`;
      this.#warnOnce(change.kind, `${change.text}. ${advice}`);
    } catch (error) {
      throw this.#failure('look at', error);
    }
  }

  #warnOnce(kind: string, message: string): void {
    if (this.#warned === kind) return;
    this.#warned = kind;
    this.#around.warn(message);
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
