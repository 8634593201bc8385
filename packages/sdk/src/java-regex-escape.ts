import { code, isAsciiDigit, isAsciiLetter, type RegexCursor } from './java-regex-cursor.ts';

/** Escapes that stand for one character: `\n`, `\x41`, `\u0041`, `\cA`, `\012`. */

const controls: Readonly<Record<string, number>> = {
  a: 0x07,
  e: 0x1b,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
};

/** `letter` was read. Null: not such an escape. */
export function readCharacterEscape(cursor: RegexCursor, letter: string): number | null {
  switch (letter) {
    case '0':
      return readOctal(cursor);
    case 'x':
      return readHex(cursor);
    case 'u':
      return readUnicode(cursor);
    case 'c':
      if (cursor.isAtEnd) throw cursor.error('Illegal control escape sequence');
      return cursor.read() ^ 64;
    default:
      return Object.hasOwn(controls, letter) ? (controls[letter] as number) : null;
  }
}

/** Up to three digits, up to 377. */
function readOctal(cursor: RegexCursor): number {
  const first = octalDigit(cursor.read());
  if (first === null) throw cursor.error('Illegal octal escape sequence');
  const second = octalDigit(cursor.peek());
  if (second === null) return first;
  cursor.read();
  const third = octalDigit(cursor.peek());
  if (third === null || first > 3) return first * 8 + second;
  cursor.read();
  return first * 64 + second * 8 + third;
}

function readHex(cursor: RegexCursor): number {
  const first = cursor.read();
  if (first === code('{') && hexDigit(cursor.peek()) !== null) return readLongHex(cursor);
  const high = hexDigit(first);
  if (high !== null) {
    const low = hexDigit(cursor.read());
    if (low !== null) return high * 16 + low;
  }
  throw cursor.error('Illegal hexadecimal escape sequence');
}

function readLongHex(cursor: RegexCursor): number {
  let point = 0;
  let read = cursor.read();
  for (let digit = hexDigit(read); digit !== null; digit = hexDigit(read)) {
    point = point * 16 + digit;
    if (point > 0x10ffff) throw cursor.error('Hexadecimal codepoint is too big');
    read = cursor.read();
  }
  if (read !== code('}')) throw cursor.error('Unclosed hexadecimal escape sequence');
  return point;
}

/** Two halves of a surrogate pair make one character. */
function readUnicode(cursor: RegexCursor): number {
  const unit = readUnit(cursor);
  const isHigh = unit >= 0xd800 && unit <= 0xdbff;
  if (!isHigh || cursor.at(cursor.position) !== code('\\')) return unit;
  const start = cursor.position;
  if (cursor.at(start + 1) === code('u')) {
    cursor.position = start + 2;
    const low = readUnit(cursor);
    if (low >= 0xdc00 && low <= 0xdfff) return (unit - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000;
  }
  cursor.position = start;
  return unit;
}

function readUnit(cursor: RegexCursor): number {
  let unit = 0;
  for (let count = 0; count < 4; count++) {
    const digit = hexDigit(cursor.read());
    if (digit === null) throw cursor.error('Illegal Unicode escape sequence');
    unit = unit * 16 + digit;
  }
  return unit;
}

function octalDigit(point: number): number | null {
  return point >= 0x30 && point <= 0x37 ? point - 0x30 : null;
}

function hexDigit(point: number): number | null {
  if (isAsciiDigit(point)) return point - 0x30;
  const lower = point | 0x20;
  return isAsciiLetter(point) && lower <= 0x66 ? lower - 0x61 + 10 : null;
}
