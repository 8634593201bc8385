import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rmdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asTyped } from './arguments.ts';
import { ExitError } from './exit-error.ts';
import { reasonOf } from './write-failure.ts';

/** `data` in a clone of the repository; of an installed package a folder of the user's own. */
export function defaultDataFolder(): string {
  const repository = fileURLToPath(new URL('../../..', import.meta.url));
  if (existsSync(join(repository, 'bin/tributary'))) return join(repository, 'data');
  const shared = process.env['XDG_DATA_HOME'] || join(homedir(), '.local/share');
  return join(shared, 'tributary');
}

/** Makes the folder where it is missing, tries to write there, and returns its absolute path. */
export async function prepareDataFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  try {
    await makeFolder(path);
    await rmdir(await mkdtemp(join(path, '.writable-')));
  } catch (error) {
    throw new ExitError(
      `cannot write to the data folder "${path}": ${reasonOf(error)}; choose another with ${asTyped('--data FOLDER')}`,
      { cause: error },
    );
  }
  return path;
}

/** `mkdir` with its `recursive` would go round for ever below /proc, where a folder cannot be made although its parent is there. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || existsSync(dirname(path))) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}
