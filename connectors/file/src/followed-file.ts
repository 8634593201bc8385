import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { findCharacter } from './find-character.ts';
import { statOrNull } from './stat-or-null.ts';

export interface FileChange {
  /** The same until something else happens to the file. */
  readonly kind: string;
  readonly text: string;
}

/** A file, or a FIFO or device, that is read as it grows. */
export class FollowedFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #stats: Stats;

  private constructor(path: string, handle: FileHandle, stats: Stats) {
    this.#path = path;
    this.#handle = handle;
    this.#stats = stats;
  }

  static async open(path: string): Promise<FollowedFile> {
    // Without O_NONBLOCK a FIFO that nobody writes to would hold a thread of the process.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return new FollowedFile(path, handle, await handle.stat());
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Position in bytes behind `characters`; what is no regular file has no positions and is read from where it is. */
  async find(characters: number, signal: AbortSignal): Promise<number> {
    if (!this.#stats.isFile()) return 0;
    return await findCharacter(this.#handle, characters, signal);
  }

  /** Bytes read into `space`; 0 when there are none now. */
  async read(space: Buffer, position: number): Promise<number> {
    const from = this.#stats.isFile() ? position : null;
    try {
      return (await this.#handle.read(space, 0, space.length, from)).bytesRead;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }

  /** What has become of the file that was read up to the byte `readTo`; null when all is well. */
  async findChange(readTo: number): Promise<FileChange | null> {
    if (!this.#stats.isFile()) return null;
    const named = await statOrNull(this.#path);
    const file = `File '${this.#path}'`;
    if (named === null) {
      return {
        kind: 'gone',
        text: `${file} was moved or removed after ${readTo} bytes of it were read; the task goes on following that file and does not look for a new one`,
      };
    }
    if (named.ino !== this.#stats.ino || named.dev !== this.#stats.dev) {
      return {
        kind: `replaced by ${named.dev}:${named.ino}`,
        text: `${file} was replaced by another of ${named.size} bytes after ${readTo} bytes of it were read; the task goes on following the old one`,
      };
    }
    if (named.size >= readTo) return null;
    return {
      kind: 'shorter',
      text: `${file} has ${named.size} bytes and reading goes on at byte ${readTo}: it was truncated or replaced; nothing is read until it is longer than that`,
    };
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
