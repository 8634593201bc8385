import { existsSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExitError } from './exit-error.ts';

/** `data` in a clone of the repository; of an installed package a folder of the user's own. */
export function defaultDataFolder(): string {
  const repository = fileURLToPath(new URL('../../..', import.meta.url));
  if (existsSync(join(repository, 'bin/tributary'))) return join(repository, 'data');
  const shared = process.env['XDG_DATA_HOME'] || join(homedir(), '.local/share');
  return join(shared, 'tributary');
}

/** Makes the folder where it is missing and returns its absolute path. */
export async function prepareDataFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ExitError(
      `cannot write to the data folder "${path}" (${code}); choose another with --data FOLDER, or mend its rights`,
      { cause: error },
    );
  }
  return path;
}
