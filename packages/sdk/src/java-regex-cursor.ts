import { JavaPatternError } from './java-regex-error.ts';
import type { RegexFlags } from './java-regex-syntax.ts';

/** Behind the last character. */
export const end = -1;

/** Deeper patterns would run out of stack; Java's do so, too. */
const maxDepth = 200;

export function code(char: string): number {
  return char.codePointAt(0) as number;
}

/**
 * Reads a pattern code point by code point. Positions are Java's, so that errors point to the same place: behind `\Q…\E` they count the pattern with every
 * quoted character escaped, as Java rewrites it first.
 */
export class RegexCursor {
  readonly pattern: string;
  readonly points: readonly number[];
  position = 0;
  #depth = 0;
  flags: RegexFlags = {
    ignoresCase: false,
    isUnixLines: false,
    isMultiline: false,
    isDotAll: false,
    isUnicodeCase: false,
    hasComments: false,
    hasUnicodeClasses: false,
  };

  constructor(pattern: string) {
    this.pattern = pattern;
    this.points = withoutQuotes(Array.from(pattern, code));
  }

  get isAtEnd(): boolean {
    return this.position >= this.points.length;
  }

  at(position: number): number {
    return this.points[position] ?? end;
  }

  /** The next code point that counts; it stays. */
  peek(): number {
    this.#skipIgnored();
    return this.at(this.position);
  }

  /** The next code point that counts; the position goes behind it, also behind the end. */
  read(): number {
    const point = this.peek();
    this.position += 1;
    return point;
  }

  /** Goes one on, then peeks. */
  next(): number {
    this.position += 1;
    return this.peek();
  }

  takes(char: string): boolean {
    if (this.peek() !== code(char)) return false;
    this.position += 1;
    return true;
  }

  error(description: string, position: number = this.position - 1): JavaPatternError {
    return new JavaPatternError(description, this.pattern, position);
  }

  /** Reads what is nested in something else. */
  nested<T>(read: () => T): T {
    if (this.#depth === maxDepth) {
      throw this.error('Nesting this deep cannot be translated', this.position);
    }
    this.#depth += 1;
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** With `(?x)` blanks and comments do not count. */
  #skipIgnored(): void {
    if (!this.flags.hasComments) return;
    for (;;) {
      const point = this.at(this.position);
      if (isBlank(point)) this.position += 1;
      else if (point === 0x23) this.#skipComment();
      else return;
    }
  }

  #skipComment(): void {
    while (!this.isAtEnd && !this.#isLineEnd(this.at(this.position))) this.position += 1;
  }

  #isLineEnd(point: number): boolean {
    if (this.flags.isUnixLines) return point === 0x0a;
    return (
      point === 0x0a || point === 0x0d || point === 0x85 || point === 0x2028 || point === 0x2029
    );
  }
}

function isBlank(point: number): boolean {
  return point === 0x20 || (point >= 0x09 && point <= 0x0d);
}

/** `\Qa.b\E` -> `a\.b`. */
function withoutQuotes(points: readonly number[]): readonly number[] {
  const backslash = 0x5c;
  let at = 0;
  while (at < points.length - 1) {
    if (points[at] !== backslash) at += 1;
    else if (points[at + 1] !== 0x51) at += 2;
    else break;
  }
  if (at >= points.length - 1) return points;
  const result = points.slice(0, at);
  at += 2;
  let isQuoted = true;
  let isFirst = true;
  while (at < points.length) {
    const point = points[at++] as number;
    if (point > 0x7f || isAsciiLetter(point)) {
      result.push(point);
    } else if (isAsciiDigit(point)) {
      // Behind a reference the digit would become part of it.
      if (isFirst) result.push(backslash, 0x78, 0x33);
      result.push(point);
    } else if (point !== backslash) {
      if (isQuoted) result.push(backslash);
      result.push(point);
    } else if (isQuoted) {
      if (points[at] === 0x45) {
        at += 1;
        isQuoted = false;
      } else {
        result.push(backslash, backslash);
      }
    } else if (points[at] === 0x51) {
      at += 1;
      isQuoted = true;
      isFirst = true;
      continue;
    } else {
      result.push(point);
      if (at < points.length) result.push(points[at++] as number);
    }
    isFirst = false;
  }
  return result;
}

export function isAsciiDigit(point: number): boolean {
  return point >= 0x30 && point <= 0x39;
}

export function isAsciiLetter(point: number): boolean {
  return (point >= 0x41 && point <= 0x5a) || (point >= 0x61 && point <= 0x7a);
}
