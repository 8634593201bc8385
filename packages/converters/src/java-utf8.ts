/**
 * UTF-8 as Java reads it: what is malformed becomes U+FFFD, and how many of them is Java's own rule; half a surrogate pair is one, for example.
 * Source: `java.lang.String(byte[], UTF_8)`.
 */
export function decodeJavaUtf8(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  return text.includes(replacement) ? decodeSlowly(buffer) : text;
}

const replacement = '\ufffd';

function decodeSlowly(bytes: Buffer): string {
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const length = lengthOf(bytes[at] as number);
    const isWhole = at + length <= bytes.length;
    const malformed = length === 0 ? 1 : malformedLength(bytes, at, length);
    if (malformed > 0) {
      text += replacement;
      at += malformed;
    } else if (isWhole) {
      // A surrogate is whole, and one replacement.
      const char = bytes.toString('utf8', at, at + length);
      text += char.startsWith(replacement) ? replacement : char;
      at += length;
    } else {
      // The end is missing: all that is there counts as one.
      return text + replacement;
    }
  }
  return text;
}

/** Of the character that begins with `first`, in bytes; 0 when none does. */
function lengthOf(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf8 ? 4 : 0;
}

/** How many bytes are passed over as malformed, as far as can be told from those that are there; 0 when they are fine. */
function malformedLength(bytes: Buffer, at: number, length: number): number {
  const first = bytes[at] as number;
  if (first > 0xf4) return 1;
  for (let i = 1; i < length && at + i < bytes.length; i++) {
    const next = bytes[at + i] as number;
    const isContinuation = (next & 0xc0) === 0x80;
    if (!isContinuation || (i === 1 && !isSecondOf(first, next))) return i;
  }
  return 0;
}

/** No longer forms than needed, nothing beyond U+10FFFF. */
function isSecondOf(first: number, second: number): boolean {
  if (first === 0xe0) return second >= 0xa0;
  if (first === 0xf0) return second >= 0x90;
  return first !== 0xf4 || second < 0x90;
}
