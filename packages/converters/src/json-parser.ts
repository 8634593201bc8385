import { Decimal } from '@tributary/sdk';
import {
  hasLongString,
  isTooDeep,
  maxDepth,
  maxNameLength,
  maxNumberLength,
  maxStringLength,
} from './json-limits.ts';
import { JsonSyntaxError } from './json-syntax-error.ts';

/**
 * JSON as Kafka Connect's parser reads it: the first value of the input, leading zeros allowed, numbers kept exact.
 * `JSON.parse` does the work wherever it gives the same answer; numbers that a double would change and malformed input go through the parser below.
 */

/** Objects have no prototype or Object.prototype: look members up with care. A whole number beyond 2^53 is a bigint. */
export type JsonNode =
  | null
  | boolean
  | string
  | number
  | bigint
  | JsonFraction
  | JsonNode[]
  | JsonObject;
export interface JsonObject {
  [name: string]: JsonNode;
}

/** A number with fraction or exponent, exactly as written. Plain numbers with a fraction appear where nothing is lost. */
export class JsonFraction {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toNumber(): number {
    // BigDecimal knows no negative zero.
    return Number(this.text) + 0;
  }
}

export type Exactness =
  /** Fractions may come as plain numbers unless they are whole. */
  | 'numbers'
  /** The digits of every fraction matter, trailing zeros too. */
  | 'digits';

/** Undefined for no content. JsonSyntaxError for malformed input. */
export function parseJson(text: string, exactness: Exactness = 'numbers'): JsonNode | undefined {
  return tryParseFast(text, exactness) ?? new Parser(text).parseFirst();
}

/** Null when `text`, which stands `outerDepth` deep, is not one whole value: the caller decides what that means. */
export function parseWhole(
  text: string,
  exactness: Exactness,
  outerDepth = 0,
): { node: JsonNode } | null {
  if (isTooDeep(text, outerDepth)) return null;
  if (!needsExactParser(text, exactness)) {
    try {
      return { node: JSON.parse(text) as JsonNode };
    } catch {
      return null;
    }
  }
  try {
    const parser = new Parser(text);
    const node = parser.parseFirst();
    return node === undefined || !parser.isAtEnd() ? null : { node };
  } catch {
    return null;
  }
}

/** Too many digits for a double, an exponent, a whole number written with a fraction, a negative zero. May be true without need. */
const inexactNumber = /\d{16}|\.0+(?!\d)|\d[eE][-+\d]|-0/;
/** As above, and fractions that end in zero. */
const inexactDigits = /[\d.]{16}|\.\d*0(?!\d)|\d[eE][-+\d]|-0/;

function needsExactParser(text: string, exactness: Exactness): boolean {
  return (
    (exactness === 'digits' ? inexactDigits : inexactNumber).test(text) ||
    hasEscapedName(text) ||
    hasLongString(text)
  );
}

/**
 * V8's parser may take a member's name with escapes for one it has seen before whose characters are those of the escape: after `{"\\\\":1}` it reads `{"\\n":1}` as
 * the same.
 */
function hasEscapedName(text: string): boolean {
  let at = text.indexOf('\\');
  while (at >= 0) {
    // To the end of the string that the escape is in.
    while (at < text.length && text.charCodeAt(at) !== 0x22) {
      at += text.charCodeAt(at) === 0x5c ? 2 : 1;
    }
    do at += 1;
    while (isSpace(text.charCodeAt(at)));
    if (text.charCodeAt(at) === 0x3a) return true;
    at = text.indexOf('\\', at);
  }
  return false;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function tryParseFast(text: string, exactness: Exactness): JsonNode | undefined {
  if (needsExactParser(text, exactness) || isTooDeep(text)) return undefined;
  try {
    // Null, too, goes to the parser below: `??` cannot tell it from failure, and it is quick to parse.
    return JSON.parse(text) as JsonNode;
  } catch {
    return undefined;
  }
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parseFirst(): JsonNode | undefined {
    this.#skipSpace();
    if (this.#at === this.#text.length) return undefined;
    const start = this.#at;
    const node = this.#value(0);
    const isNumber = /[-\d]/.test(this.#text[start] as string);
    const next = this.#text[this.#at];
    if (isNumber && next !== undefined && !/[ \t\r\n]/.test(next)) this.#fail();
    return node;
  }

  isAtEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#text.length;
  }

  #value(depth: number): JsonNode {
    this.#skipSpace();
    const char = this.#text[this.#at];
    switch (char) {
      case '{':
        return this.#object(depth + 1);
      case '[':
        return this.#array(depth + 1);
      case '"':
        return this.#string(maxStringLength);
      case 't':
        return this.#literal('true', true);
      case 'f':
        return this.#literal('false', false);
      case 'n':
        return this.#literal('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    if (depth > maxDepth) this.#fail();
    const object: JsonObject = Object.create(null);
    this.#at += 1;
    if (this.#accept('}')) return object;
    do {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') this.#fail();
      const name = this.#string(maxNameLength);
      if (!this.#accept(':')) this.#fail();
      object[name] = this.#value(depth);
    } while (this.#accept(','));
    if (!this.#accept('}')) this.#fail();
    return object;
  }

  #array(depth: number): JsonNode[] {
    if (depth > maxDepth) this.#fail();
    const items: JsonNode[] = [];
    this.#at += 1;
    if (this.#accept(']')) return items;
    do {
      items.push(this.#value(depth));
    } while (this.#accept(','));
    if (!this.#accept(']')) this.#fail();
    return items;
  }

  #string(maxLength: number): string {
    // The platform's parser knows the rules of escapes; only the end must be found.
    let end = this.#at + 1;
    for (;;) {
      const code = this.#text.charCodeAt(end);
      if (code === 0x22) break;
      if (Number.isNaN(code)) this.#fail();
      end += code === 0x5c ? 2 : 1;
    }
    const literal = this.#text.slice(this.#at, end + 1);
    this.#at = end + 1;
    let value: string;
    try {
      value = JSON.parse(literal) as string;
    } catch {
      return this.#fail();
    }
    return value.length > maxLength ? this.#fail() : value;
  }

  #literal<T>(word: string, value: T): T {
    const end = this.#at + word.length;
    if (!this.#text.startsWith(word, this.#at)) this.#fail();
    if (/[\w$]/.test(this.#text[end] ?? ' ')) this.#fail();
    this.#at = end;
    return value;
  }

  #number(): JsonNode {
    numberSyntax.lastIndex = this.#at;
    const match = numberSyntax.exec(this.#text);
    if (match === null || digitCount(match[0]) > maxNumberLength) return this.#fail();
    const [text, fraction, exponent] = match;
    this.#at += text.length;
    if (this.#text[this.#at] === '.') this.#fail();
    if (fraction !== undefined || exponent !== undefined) {
      // An exponent that no decimal number can have.
      if ((exponent?.length ?? 0) > 9 && Decimal.parse(text) === null) this.#fail();
      return new JsonFraction(text);
    }
    const value = Number(text) + 0;
    return Number.isSafeInteger(value) ? value : BigInt(text);
  }

  #accept(char: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }

  #fail(): never {
    throw new JsonSyntaxError(`Unexpected input at position ${this.#at}`);
  }
}

/** Without zeros before the first digit that counts. */
function digitCount(text: string): number {
  return text.replace(/^-?0*(?=\d)/, '').replace(/[^\d]/g, '').length;
}

const numberSyntax = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
