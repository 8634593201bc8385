// Plain JavaScript for whatever Node is on the machine: the launcher asks before it starts anything.
import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampOf = (folder) => join(folder, 'packages/cli/dist/.built');

/** Says that dist/ holds what the sources were at `startedMs`; a source written while the compiler ran stays newer. */
export function markBuilt(startedMs, folder = root) {
  const stamp = stampOf(folder);
  writeFileSync(stamp, '');
  utimesSync(stamp, startedMs / 1000, startedMs / 1000);
}

/** True when no source changed since the last build. A folder's own time tells of files added, renamed and removed. */
export function isBuildFresh(folder = root) {
  const builtMs = modifiedMs(stampOf(folder));
  if (builtMs === null) return false;
  if (newerThan(builtMs, join(folder, 'package-lock.json'))) return false;
  for (const group of ['packages', 'connectors']) {
    for (const name of readdirSync(join(folder, group))) {
      const home = join(folder, group, name);
      if (newerThan(builtMs, join(home, 'package.json')) || hasNewer(builtMs, join(home, 'src'))) {
        return false;
      }
    }
  }
  return true;
}

function hasNewer(builtMs, folder) {
  if (newerThan(builtMs, folder)) return true;
  return entriesOf(folder).some((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return hasNewer(builtMs, path);
    return !entry.name.endsWith('.test.ts') && newerThan(builtMs, path);
  });
}

function entriesOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function newerThan(builtMs, path) {
  const changedMs = modifiedMs(path);
  return changedMs !== null && changedMs > builtMs;
}

function modifiedMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
}
