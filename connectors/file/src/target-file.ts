import { constants, fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectError } from '@tributary/sdk';
import { statOrNull } from './stat-or-null.ts';
import { writeLines } from './write-lines.ts';

// Without O_NONBLOCK a FIFO that nobody reads would hold a thread of the process.
const openFlags =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const lineFeed = 10;
const settlePauseMs = 20;
const mostLooks = 50;

export interface TargetFileOptions {
  /** Other tasks append to the same file. */
  readonly isShared: boolean;
  warn(message: string): void;
}

/** A file that lines are appended to. No line follows on the fragment of one that a failed or killed writer left. */
export class TargetFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #options: TargetFileOptions;
  readonly #isRegular: boolean;
  /** Behind what was last known to end with a line. */
  #size = 0;
  #hasAppended = false;
  #lost: ConnectError | null = null;

  private constructor(
    path: string,
    handle: FileHandle,
    isRegular: boolean,
    options: TargetFileOptions,
  ) {
    this.#path = path;
    this.#handle = handle;
    this.#isRegular = isRegular;
    this.#options = options;
  }

  static async open(path: string, options: TargetFileOptions): Promise<TargetFile> {
    const handle = await open(path, openFlags);
    try {
      const stats = await handle.stat();
      const file = new TargetFile(path, handle, stats.isFile(), options);
      if (stats.isFile()) await file.#endLastLine(stats.size);
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** On failure a regular file is as it was before, unless other tasks append to it. */
  async append(lines: Buffer): Promise<void> {
    if (this.#lost !== null) throw this.#lost;
    this.#hasAppended = true;
    if (!this.#isRegular) return await writeLines(this.#handle.fd, lines);
    // Of an open file: takes a microsecond, where a trip through the thread pool for each batch is most of a sink's time.
    const { size } = fstatSync(this.#handle.fd);
    // Somebody else wrote, and may have been killed in the middle of a line.
    if (size !== this.#size) await this.#endLastLine(size);
    const before = this.#size;
    try {
      await this.#handle.appendFile(lines);
      this.#size = before + lines.length;
    } catch (error) {
      await this.#takeBack(before);
      throw error;
    }
  }

  /** Rejects when what was appended since the last call is no longer in the file at the path; so does every `append` afterwards. */
  async checkKept(): Promise<void> {
    if (this.#lost !== null) throw this.#lost;
    if (!this.#isRegular || !this.#hasAppended) return;
    const [own, named] = await Promise.all([this.#handle.stat(), statOrNull(this.#path)]);
    if (own.nlink > 0 && named !== null && named.ino === own.ino && named.dev === own.dev) {
      this.#hasAppended = false;
      return;
    }
    const found = named === null ? 'there is none at its path now' : 'its path names another one';
    this.#lost = new ConnectError(
      `File '${this.#path}' was removed or replaced while records were appended to it: ${found}. Their offsets are not committed. Restart the task: it opens the path again and the records since the last commit come again`,
    );
    throw this.#lost;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** A line that another task is writing right now grows or ends; a fragment stays as it is. */
  async #endLastLine(currentSize: number): Promise<void> {
    let size = currentSize;
    for (let looks = 0; looks < mostLooks && !(await this.#isLineEnd(size)); looks++) {
      await sleep(settlePauseMs);
      const { size: newSize } = await this.#handle.stat();
      if (newSize === size) {
        await this.#handle.appendFile('\n');
        this.#options.warn(
          `File '${this.#path}' ended in the middle of a line (at byte ${size}): its writer failed or was killed. The rest of that line is missing there; a line break was added so that the next record has a line of its own`,
        );
        size += 1;
        break;
      }
      size = newSize;
    }
    this.#size = size;
  }

  async #isLineEnd(size: number): Promise<boolean> {
    if (size === 0) return true;
    let reader: FileHandle;
    try {
      reader = await open(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch {
      // It may be written but not read: nothing can be known.
      return true;
    }
    try {
      const last = Buffer.alloc(1);
      const { bytesRead } = await reader.read(last, 0, 1, size - 1);
      return bytesRead === 0 || last[0] === lineFeed;
    } finally {
      await reader.close();
    }
  }

  /** What others appended meanwhile must not go with it; where this is not done, the next writer ends the fragment. */
  async #takeBack(size: number): Promise<void> {
    if (this.#options.isShared) return;
    await this.#handle.truncate(size).catch(() => {});
  }
}
