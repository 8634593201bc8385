import { readFile } from 'node:fs/promises';
import { ExitError } from './exit-error.ts';

/** The bytes of a file named on the command line; `what` says what it is to the user. */
export async function readArgumentFile(what: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ExitError(`cannot read ${what} "${file}" (${code}); check the path and its rights`, {
      cause: error,
    });
  }
}
