import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DevBrokerError } from '../errors.ts';
import { newUuid } from '../uuid.ts';

/**
 * A data folder:
 *
 *     broker.json                    {"formatVersion": 1, "clusterId": "..."}
 *     broker.lock                    pid and start of the process that has the folder open
 *     state.journal                  topics, configs, groups, offsets, transactions: see journal.ts
 *     topics/NAME/PARTITION/*.log    record batches: see segment.ts
 */
export interface DataFolder {
  readonly clusterId: string;
  release(): void;
}

const formatVersion = 1;

/** Creates the folder where missing and locks it. Throws DevBrokerError when another process has it, or when it is of another version. */
export function openDataFolder(folder: string): DataFolder {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw unusable(folder, error);
  }
  const lockPath = join(folder, 'broker.lock');
  takeLock(folder, lockPath);
  try {
    return { clusterId: readClusterId(folder), release: () => rmSync(lockPath, { force: true }) };
  } catch (error) {
    rmSync(lockPath, { force: true });
    throw error;
  }
}

/** Tried twice: a lock whose process is gone is removed in between. */
function takeLock(folder: string, lockPath: string): void {
  for (let isRetry = false; ; isRetry = true) {
    try {
      writeFileSync(lockPath, ownLock(), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(folder, error);
    }
    const [pidText = '', started = ''] = readLock(lockPath).split(' ');
    if (isRetry || isHeldByLivingProcess(Number(pidText), started)) {
      throw new DevBrokerError(
        'TRB_BROKER_FOLDER_LOCKED',
        `Cannot open the data folder "${folder}": the broker with pid ${pidText || 'unknown'} has it open; stop that broker or choose another folder`,
      );
    }
    rmSync(lockPath, { force: true });
  }
}

function readLock(lockPath: string): string {
  try {
    return readFileSync(lockPath, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Pids are used again, in containers above all: where the system tells when a process began, that must be the same too. */
function isHeldByLivingProcess(pid: number, started: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return started === '' || started === startOfProcess(pid);
}

function ownLock(): string {
  return `${process.pid} ${startOfProcess(process.pid)}\n`.replace(' \n', '\n');
}

/** Clock ticks since boot, field 22 of /proc/PID/stat; empty where there is no such file. */
function startOfProcess(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function readClusterId(folder: string): string {
  const path = join(folder, 'broker.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable(folder, error);
    return writeClusterId(path);
  }
  const found = parse(text);
  if (found?.formatVersion !== formatVersion || typeof found.clusterId !== 'string') {
    throw new DevBrokerError(
      'TRB_BROKER_FOLDER_VERSION',
      `Cannot open the data folder "${folder}": its format version is ${JSON.stringify(found?.formatVersion)}, this broker reads ${formatVersion}; use the broker that wrote it, or another folder`,
    );
  }
  return found.clusterId;
}

function writeClusterId(path: string): string {
  const clusterId = newUuid();
  writeFileSync(`${path}.new`, `${JSON.stringify({ formatVersion, clusterId })}\n`, {
    flush: true,
  });
  renameSync(`${path}.new`, path);
  return clusterId;
}

function parse(text: string): { formatVersion?: unknown; clusterId?: unknown } | undefined {
  try {
    return JSON.parse(text) as { formatVersion?: unknown; clusterId?: unknown };
  } catch {
    return undefined;
  }
}

function unusable(folder: string, error: unknown): DevBrokerError {
  return new DevBrokerError(
    'TRB_BROKER_FOLDER_UNUSABLE',
    `Cannot open the data folder "${folder}": ${(error as Error).message}; make it a folder that this user may write to`,
    { cause: error },
  );
}
