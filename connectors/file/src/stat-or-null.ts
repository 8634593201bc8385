import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Null when the path names nothing. */
export async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
