import { JsonSyntaxError } from './json-syntax-error.ts';

/** UTF-8, UTF-16 or UTF-32 by byte order mark or by where zeros are. JsonSyntaxError for malformed UTF-8. */
export function decodeJsonBytes(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (from > 0) return decodeUtf8(buffer, from, to);
  // Printable ASCII at the start, as nearly always, can only be UTF-8 when the next byte is not zero.
  const first = buffer[0] ?? 1;
  if (first > 0 && first < 0xef && buffer[1] !== 0) return decodeUtf8(buffer, 0, to);
  const hasMark = first === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
  // A mark with nothing behind it is none.
  if (hasMark && to === 3) throw new JsonSyntaxError('A byte order mark alone');
  if (hasMark) return decodeUtf8(buffer, 3, to);
  return decodeWide(buffer) ?? decodeUtf8(buffer, 0, to);
}

function decodeUtf8(buffer: Buffer, from: number, to: number): string {
  const text = buffer.toString('utf8', from, to);
  if (!text.includes('\ufffd')) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      buffer.subarray(from, to),
    );
  } catch {
    throw new JsonSyntaxError('Invalid UTF-8');
  }
}

function decodeWide(buffer: Buffer): string | null {
  const [a = 1, b = 1, c = 1, d = 1] = buffer;
  if (buffer.length >= 4) {
    const isBigMark = a === 0 && b === 0 && c === 0xfe && d === 0xff;
    const isLittleMark = a === 0xff && b === 0xfe && c === 0 && d === 0;
    if (isBigMark || isLittleMark) return decodeUtf32(buffer.subarray(4), isBigMark);
    if (a === 0 && b === 0 && c === 0) return decodeUtf32(buffer, true);
    if (b === 0 && c === 0 && d === 0) return decodeUtf32(buffer, false);
  }
  if (buffer.length < 2) return null;
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(buffer);
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(buffer);
  if (a === 0) return new TextDecoder('utf-16be').decode(buffer);
  return b === 0 ? new TextDecoder('utf-16le').decode(buffer) : null;
}

function decodeUtf32(buffer: Buffer, isBigEndian: boolean): string {
  let text = '';
  for (let i = 0; i + 4 <= buffer.length; i += 4) {
    const code = isBigEndian ? buffer.readUInt32BE(i) : buffer.readUInt32LE(i);
    if (code > 0x10ffff) throw new JsonSyntaxError('Invalid UTF-32');
    text += String.fromCodePoint(code);
  }
  return text;
}
