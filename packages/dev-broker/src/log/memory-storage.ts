import { StorageError } from '../errors.ts';
import type { LogFile, Storage } from './log-file.ts';

/** Files that live as long as the storage object: a stopped broker that is started again finds them. */
export function createMemoryStorage(): Storage {
  const files = new Map<string, LogFile>();
  const storage: Storage = {
    isFull: false,
    open(path) {
      const found = files.get(path);
      if (found !== undefined) return found;
      const file = createMemoryFile(path, storage);
      files.set(path, file);
      return file;
    },
    list(folder) {
      const prefix = `${folder}/`;
      const names = new Set<string>();
      for (const path of files.keys()) {
        if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split('/')[0] as string);
      }
      return [...names];
    },
    remove(path) {
      for (const name of files.keys()) {
        if (name === path || name.startsWith(`${path}/`)) files.delete(name);
      }
    },
    rename(from, to) {
      const file = files.get(from);
      if (file === undefined) throw new StorageError(`Cannot rename "${from}": it does not exist`);
      files.delete(from);
      files.set(to, file);
    },
  };
  return storage;
}

function createMemoryFile(path: string, storage: Storage): LogFile {
  let chunks: Uint8Array[] = [];
  let starts: number[] = [];
  let size = 0;

  const read = (position: number, length: number): Buffer => {
    const end = Math.min(position + length, size);
    if (position >= end) return Buffer.alloc(0);
    const parts: Uint8Array[] = [];
    for (let i = chunkAt(starts, position); i < chunks.length; i++) {
      const start = starts[i] as number;
      if (start >= end) break;
      const chunk = chunks[i] as Uint8Array;
      parts.push(
        chunk.subarray(Math.max(0, position - start), Math.min(chunk.length, end - start)),
      );
    }
    const first = parts[0] as Uint8Array;
    if (parts.length > 1) return Buffer.concat(parts, end - position);
    return Buffer.from(first.buffer, first.byteOffset, first.length);
  };

  return {
    get size() {
      return size;
    },
    append(bytes) {
      if (storage.isFull) throw new StorageError(`Cannot write to "${path}": the disk is full`);
      if (bytes.length === 0) return;
      chunks.push(bytes);
      starts.push(size);
      size += bytes.length;
    },
    read,
    truncate(to) {
      const kept = read(0, to);
      chunks = to === 0 ? [] : [kept];
      starts = to === 0 ? [] : [0];
      size = to;
    },
    flush() {},
    close() {},
  };
}

/** Index of the chunk that holds the position: the last one that starts at or before it. */
function chunkAt(starts: readonly number[], position: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
