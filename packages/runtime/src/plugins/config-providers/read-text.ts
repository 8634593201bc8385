import { readFile, stat } from 'node:fs/promises';

/** Far more than any secret needs, and little enough to hold. */
const maxBytes = 8 * 1024 * 1024;

/** A regular file of UTF-8 text; anything else is refused, since a pipe or a device might never end. */
export async function readText(path: string): Promise<string> {
  const { size, isFile } = await stat(path).then((stats) => ({
    size: stats.size,
    isFile: stats.isFile(),
  }));
  if (!isFile) throw new Error('it is no regular file');
  if (size > maxBytes) throw new Error(`it has ${size} bytes, more than ${maxBytes}`);
  const bytes = await readFile(path);
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
