import { isAscii } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';

const chunkBytes = 1024 * 1024;
const lineFeed = 10;

/**
 * Position in bytes of what lies behind the first `characters` of a file (UTF-16 units, as Java counts). Behind the end of a file a character is taken for a
 * byte. All before it is read, and decoded where it is not ASCII.
 * Throws the signal's reason when aborted.
 */
export async function findCharacter(
  handle: FileHandle,
  characters: number,
  signal: AbortSignal,
): Promise<number> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let remaining = characters;
  let position = 0;
  while (remaining > 0) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return position + remaining;
    const bytes = wholeCharacters(chunk.subarray(0, bytesRead));
    const count = isAscii(bytes) ? bytes.length : bytes.toString('utf8').length;
    if (count >= remaining) return position + findWithin(bytes, remaining);
    remaining -= count;
    position += bytes.length;
  }
  return position;
}

/** Without the start of a character whose rest is not there. */
function wholeCharacters(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && isContinuation(bytes[end - 1])) end -= 1;
  const last = bytes[end - 1] ?? 0;
  const cut = last < 0x80 ? end : end - 1;
  return cut > 0 ? bytes.subarray(0, cut) : bytes;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0;
}

/** Line by line, so that bytes that are no UTF-8 count as they did when their line was read. */
function findWithin(bytes: Buffer, characters: number): number {
  let remaining = characters;
  let at = 0;
  for (;;) {
    const feed = bytes.indexOf(lineFeed, at);
    const line = bytes.toString('utf8', at, feed < 0 ? bytes.length : feed + 1);
    if (feed < 0 || line.length > remaining) {
      return at + Buffer.byteLength(line.slice(0, remaining));
    }
    remaining -= line.length;
    at = feed + 1;
  }
}
