import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConnectError } from '@tributary/sdk';
import type { OffsetEntry, OffsetMap } from '../hosts/messages.ts';
import { type ByteEntry, decodeHashMap, encodeHashMap } from './java-hash-map.ts';
import { checkEntries, MemoryOffsetStore } from './memory-offset-store.ts';
import {
  decodeOffsetKey,
  decodeOffsetMap,
  encodeOffsetKey,
  encodeOffsetMap,
} from './offset-json.ts';
import type { OffsetStore } from './offset-store.ts';

/**
 * `offset.storage.file.filename`: all offsets in one file of Java's format (java-hash-map.ts), read once at start and rewritten whole at every write.
 * A write goes to `<file>.tmp`, is synced and renamed over the file, so a crash leaves the old or the new file, never a torn one; writers that come while one is under way share the next.
 * Entries of other shapes (a Java worker's connectors with unknown keys) are carried along unchanged.
 * Source: Kafka Connect `FileOffsetBackingStore`.
 */
export class FileOffsetStore implements OffsetStore {
  readonly #file: string;
  readonly #foreign: ByteEntry[];
  /** What is in the file. */
  #stored: MemoryOffsetStore;
  #pending: Pending | null = null;
  #writing: Promise<void> = Promise.resolve();

  static async open(file: string): Promise<FileOffsetStore> {
    const foreign: ByteEntry[] = [];
    const stored = new MemoryOffsetStore();
    for (const entry of await readEntries(file)) {
      const key = decodeOffsetKey(entry[0].toString('utf8'));
      if (key === null) foreign.push(entry);
      else stored.set(key.connector, key.partition, decodeValue(entry[1]));
    }
    return new FileOffsetStore(file, stored, foreign);
  }

  private constructor(file: string, stored: MemoryOffsetStore, foreign: ByteEntry[]) {
    this.#file = file;
    this.#stored = stored;
    this.#foreign = foreign;
  }

  read(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]> {
    return this.#stored.read(connector, partitions);
  }

  list(connector: string): Promise<{ partition: OffsetMap; offset: OffsetMap }[]> {
    return this.#stored.list(connector);
  }

  async write(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    checkEntries(entries);
    const pending = this.#pending ?? this.#beginPending();
    for (const { partition, offset } of entries) pending.changes.set(connector, partition, offset);
    await pending.isWritten;
  }

  /** Waits for the write under way. */
  async close(): Promise<void> {
    await this.#writing.catch(() => {});
  }

  /** Gathers changes until the write under way has ended, well or not; then they are written together. */
  #beginPending(): Pending {
    const changes = new MemoryOffsetStore();
    const isWritten = this.#writing
      .catch(() => {})
      .then(async () => {
        this.#pending = null;
        const next = this.#stored.copy();
        for (const { connector, partition, offset } of changes.entries()) {
          next.set(connector, partition, offset);
        }
        await this.#replaceFile(next);
        this.#stored = next;
      });
    this.#writing = isWritten;
    this.#pending = { changes, isWritten };
    return this.#pending;
  }

  async #replaceFile(offsets: MemoryOffsetStore): Promise<void> {
    const entries: ByteEntry[] = [...this.#foreign];
    for (const { connector, partition, offset } of offsets.entries()) {
      const value = offset === null ? null : Buffer.from(encodeOffsetMap(offset));
      entries.push([Buffer.from(encodeOffsetKey(connector, partition)), value]);
    }
    const draft = `${this.#file}.tmp`;
    try {
      const handle = await open(draft, 'w');
      try {
        await handle.writeFile(encodeHashMap(entries));
        await handle.datasync();
      } finally {
        await handle.close();
      }
      await rename(draft, this.#file);
      await syncFolder(dirname(this.#file));
    } catch (error) {
      throw new ConnectError(
        `Cannot write source offsets to "${this.#file}": ${(error as Error).message}; they are kept in memory and written again with the next commit`,
        { cause: error, code: 'TRB_OFFSET_FILE_WRITE' },
      );
    }
  }
}

interface Pending {
  readonly changes: MemoryOffsetStore;
  readonly isWritten: Promise<void>;
}

async function readEntries(file: string): Promise<ByteEntry[]> {
  let content: Buffer;
  try {
    content = await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new ConnectError(
      `Cannot read source offsets from "${file}" (offset.storage.file.filename): ${(error as Error).message}`,
      { cause: error, code: 'TRB_OFFSET_FILE_READ' },
    );
  }
  return decodeHashMap(content);
}

function decodeValue(value: Buffer | null): OffsetMap | null {
  if (value === null) return null;
  const text = value.toString('utf8');
  return text === 'null' ? null : decodeOffsetMap(text);
}

/** Makes the rename itself durable. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
