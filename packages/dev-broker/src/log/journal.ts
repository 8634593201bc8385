import { crc32 } from 'node:zlib';
import { DevBrokerError } from '../errors.ts';
import type { BrokerLogger } from '../logger.ts';
import type { LogFile, Storage } from './log-file.ts';

/**
 * Everything that is not records: topics, configs, groups, offsets, transactions. One line per change: CRC-32 of the rest in eight hex digits, a space, JSON.
 * Lines written together become valid together or, after a crash, not at all: one line holds an array of changes.
 * A torn last line is cut off and logged; a damaged line elsewhere stops the start. When most of the file is history it is replaced by a
 * snapshot, written beside it and renamed.
 */
export interface Journal<Change> {
  /** Durable against the end of the process when it returns. Throws StorageError with nothing written. */
  append(changes: readonly Change[]): void;
  flush(): void;
  close(): void;
}

export interface JournalOptions<Change> {
  readonly storage: Storage;
  readonly path: string;
  readonly logger: BrokerLogger;
  /** The changes that lead from nothing to the present state. */
  snapshot(): Change[];
}

const leastBytesToCompact = 4 * 1024 * 1024;
const growthToCompact = 4;
const changesPerLine = 1000;

/** Gives each change of the file to `apply`, in order, then opens it for appends. */
export function openJournal<Change>(
  options: JournalOptions<Change>,
  apply: (change: Change) => void,
): Journal<Change> {
  const { storage, path, logger } = options;
  const temporaryPath = `${path}.new`;
  storage.remove(temporaryPath);
  let file = storage.open(path);
  replay(file, path, logger, apply);
  let compactedBytes = file.size;

  const compact = () => {
    storage.remove(temporaryPath);
    const next = storage.open(temporaryPath);
    const changes = options.snapshot();
    for (let i = 0; i < changes.length; i += changesPerLine) {
      next.append(encodeLine(changes.slice(i, i + changesPerLine)));
    }
    next.flush();
    next.close();
    file.close();
    storage.rename(temporaryPath, path);
    file = storage.open(path);
    compactedBytes = file.size;
  };

  return {
    append(changes) {
      if (changes.length === 0) return;
      file.append(encodeLine(changes));
      if (file.size < Math.max(leastBytesToCompact, compactedBytes * growthToCompact)) return;
      try {
        compact();
      } catch (error) {
        // The old file is whole: try again when it has grown as much once more.
        compactedBytes = file.size;
        logger.warn(`Cannot compact "${path}": ${(error as Error).message}`);
      }
    },
    flush: () => file.flush(),
    close: () => file.close(),
  };
}

function replay<Change>(
  file: LogFile,
  path: string,
  logger: BrokerLogger,
  apply: (change: Change) => void,
): void {
  const bytes = file.read(0, file.size);
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const line = newline === -1 ? undefined : decodeLine<Change>(bytes.subarray(start, newline));
    if (line === undefined) {
      const isLast = newline === -1 || newline === bytes.length - 1;
      if (!isLast) {
        throw new DevBrokerError(
          'TRB_BROKER_FOLDER_CORRUPT',
          `Cannot read "${path}": the line at byte ${start} has a wrong checksum; restore the file or delete the data folder`,
        );
      }
      logger.warn(`Cut a torn end off "${path}" at byte ${start}: ${bytes.length - start} bytes`);
      file.truncate(start);
      return;
    }
    for (const change of line) apply(change);
    start = newline + 1;
  }
}

function encodeLine(changes: readonly unknown[]): Buffer {
  const json = JSON.stringify(changes);
  return Buffer.from(`${checksum(json)} ${json}\n`);
}

function decodeLine<Change>(line: Buffer): Change[] | undefined {
  const json = line.subarray(9);
  if (line.length < 11 || line.toString('latin1', 0, 8) !== checksum(json)) return undefined;
  return JSON.parse(json.toString()) as Change[];
}

function checksum(json: string | Buffer): string {
  return crc32(json).toString(16).padStart(8, '0');
}
