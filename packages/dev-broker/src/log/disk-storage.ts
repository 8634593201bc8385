import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { StorageError } from '../errors.ts';
import type { LogFile, Storage } from './log-file.ts';

export function createDiskStorage(root: string): Storage {
  const storage: Storage = {
    isFull: false,
    open(path) {
      const full = join(root, path);
      mkdirSync(dirname(full), { recursive: true });
      return openDiskFile(full, storage);
    },
    list(folder) {
      try {
        return readdirSync(join(root, folder));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    },
    remove(path) {
      rmSync(join(root, path), { recursive: true, force: true });
    },
    rename(from, to) {
      const target = join(root, to);
      renameSync(join(root, from), target);
      syncFolder(dirname(target));
    },
  };
  return storage;
}

function openDiskFile(path: string, storage: Storage): LogFile {
  let fd: number;
  try {
    fd = openSync(path, 'a+');
  } catch (error) {
    throw storageError('open', path, error);
  }
  let size = fstatSync(fd).size;
  // Bytes of a failed append that could not be cut off yet.
  let hasTornEnd = false;

  const cut = (to: number) => {
    ftruncateSync(fd, to);
    hasTornEnd = false;
    size = to;
  };
  return {
    get size() {
      return size;
    },
    append(bytes) {
      if (storage.isFull) throw new StorageError(`Cannot write to "${path}": the disk is full`);
      try {
        if (hasTornEnd) cut(size);
        hasTornEnd = true;
        for (let done = 0; done < bytes.length; ) {
          done += writeSync(fd, bytes, done, bytes.length - done, null);
        }
        hasTornEnd = false;
        size += bytes.length;
      } catch (error) {
        try {
          cut(size);
        } catch {
          // The next append tries again before it writes.
        }
        throw storageError('write to', path, error);
      }
    },
    read(position, length) {
      const wanted = Math.max(0, Math.min(length, size - position));
      const bytes = Buffer.allocUnsafeSlow(wanted);
      let done = 0;
      while (done < wanted) {
        const count = readSync(fd, bytes, done, wanted - done, position + done);
        if (count === 0) break;
        done += count;
      }
      return done === wanted ? bytes : bytes.subarray(0, done);
    },
    truncate: cut,
    flush() {
      fdatasyncSync(fd);
    },
    close() {
      closeSync(fd);
    },
  };
}

function storageError(action: string, path: string, error: unknown): StorageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const advice = code === 'ENOSPC' ? '; free space, the broker then goes on by itself' : '';
  return new StorageError(`Cannot ${action} "${path}": ${message}${advice}`, { cause: error });
}

/** A rename is durable only when its folder is. Windows cannot open folders. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
