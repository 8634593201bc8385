import { TypedNumber } from '@tributary/sdk';
import { maxNameLength, maxStringLength } from './json-limits.ts';

/** A member as it stood at this place in an earlier message. */
interface KnownMember {
  readonly name: string;
  /** `"name":` as bytes. */
  readonly bytes: Uint8Array;
  /** How many bytes more than characters these are. */
  readonly shift: number;
  readonly members: KnownMember[];
}

const maxDepth = 100;
const maxMembers = 64;
const maxKnown = 2000;

/**
 * Reads schemaless JSON of the usual form right into the values that `decodeSchemaless` gives: UTF-8, no blanks between tokens, numbers of up to 15 digits without exponent.
 * Messages of one topic mostly have the same members in the same order: names are compared with those of earlier messages before they are read.
 * It looks at bytes, which is quicker than at characters, and cuts strings out of the text.
 */
export class PlainReader {
  #members: KnownMember[] = [];
  #known = 0;
  #bytes: Uint8Array = noBytes;
  #text = '';
  /** In bytes. */
  #at = 0;
  /** How many bytes more than characters stand before `#at`. */
  #shift = 0;

  /** `text` is what the UTF-8 of `bytes` says. Undefined for any other form, and for what is no JSON: the full parser decides. */
  read(bytes: Uint8Array, text: string): unknown {
    if (this.#known > maxKnown) {
      this.#members = [];
      this.#known = 0;
    }
    this.#bytes = bytes;
    this.#text = text;
    this.#at = 0;
    this.#shift = 0;
    const value = this.#value(this.#members, 0);
    return this.#at === bytes.length ? value : undefined;
  }

  #value(members: KnownMember[], depth: number): unknown {
    const code = this.#bytes[this.#at] as number;
    if (code === doubleQuote) return this.#string();
    if (code === openBrace) return depth < maxDepth ? this.#map(members, depth + 1) : undefined;
    if (code === openBracket) return depth < maxDepth ? this.#list(members, depth + 1) : undefined;
    if (code === minus || (code >= zero && code <= nine)) return this.#number();
    if (code === 0x6e) return this.#word('null', null);
    if (code === 0x74) return this.#word('true', true);
    return code === 0x66 ? this.#word('false', false) : undefined;
  }

  #map(members: KnownMember[], depth: number): Map<string, unknown> | undefined {
    const bytes = this.#bytes;
    const map = new Map<string, unknown>();
    if (bytes[++this.#at] === closeBrace) {
      this.#at += 1;
      return map;
    }
    for (let index = 0; ; index++) {
      const member = this.#member(members, index);
      if (member === undefined) return undefined;
      const value = this.#value(member.members, depth);
      if (value === undefined) return undefined;
      map.set(member.name, value);
      const code = bytes[this.#at++];
      if (code === closeBrace) return map;
      if (code !== comma) return undefined;
    }
  }

  #member(members: KnownMember[], index: number): KnownMember | undefined {
    const known = members[index];
    if (known !== undefined && this.#startsWith(known.bytes)) {
      this.#at += known.bytes.length;
      this.#shift += known.shift;
      return known;
    }
    const start = this.#at;
    const shift = this.#shift;
    if (this.#bytes[start] !== doubleQuote) return undefined;
    const name = this.#string();
    if (name === undefined || name.length > maxNameLength || this.#bytes[this.#at] !== colon)
      return undefined;
    this.#at += 1;
    const member = {
      name,
      bytes: new Uint8Array(this.#bytes.subarray(start, this.#at)),
      shift: this.#shift - shift,
      members: [],
    };
    if (index < maxMembers) {
      members[index] = member;
      this.#known += 1;
    }
    return member;
  }

  #startsWith(expected: Uint8Array): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    for (let i = 0; i < expected.length; i++) {
      if (bytes[start + i] !== expected[i]) return false;
    }
    return true;
  }

  #list(members: KnownMember[], depth: number): unknown[] | undefined {
    const items: unknown[] = [];
    if (this.#bytes[++this.#at] === closeBracket) {
      this.#at += 1;
      return items;
    }
    for (;;) {
      const item = this.#value(members, depth);
      if (item === undefined) return undefined;
      items.push(item);
      const code = this.#bytes[this.#at++];
      if (code === closeBracket) return items;
      if (code !== comma) return undefined;
    }
  }

  #string(): string | undefined {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    const startShift = this.#shift;
    let shift = startShift;
    let end = start;
    let hasEscapes = false;
    for (;;) {
      const code = bytes[end] as number;
      if (code === doubleQuote) break;
      // A control character, or the end.
      if (!(code >= 0x20)) return undefined;
      if (code === backslash) {
        hasEscapes = true;
        end += 1;
      } else if (code >= 0x80) {
        // The bytes behind the first of a character; four of them are two units of the text.
        if (code < 0xc0) shift += 1;
        else if (code >= 0xf0) shift -= 1;
      }
      end += 1;
    }
    this.#at = end + 1;
    this.#shift = shift;
    const from = start - startShift;
    const to = end - shift;
    if (to - from > maxStringLength) return undefined;
    return hasEscapes ? unescape(this.#text.slice(from - 1, to + 1)) : this.#text.slice(from, to);
  }

  #number(): number | bigint | TypedNumber | undefined {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = bytes[start] === minus ? start + 1 : start;
    const first = at;
    let digits = 0;
    let code = bytes[at] as number;
    for (; code >= zero && code <= nine; code = bytes[++at] as number)
      digits = digits * 10 + code - zero;
    const isOdd = at === first || at - first > 15 || (bytes[first] === zero && at - first > 1);
    if (isOdd || (code | 0x20) === 0x65) return undefined;
    this.#at = at;
    if (code !== dot) {
      if (start === first) return digits;
      return digits === 0 ? undefined : -digits;
    }
    const point = at;
    for (code = bytes[++at] as number; code >= zero && code <= nine; code = bytes[++at] as number)
      digits = digits * 10 + code - zero;
    const decimals = at - point - 1;
    if (decimals === 0 || at - first > 100 || code === dot || (code | 0x20) === 0x65)
      return undefined;
    this.#at = at;
    // Up to 15 digits are exact, and so is the power of ten: their quotient is the nearest double.
    const value =
      at - first <= 16
        ? digits / (powersOfTen[decimals] as number)
        : Number(this.#text.slice(first - this.#shift, at - this.#shift));
    // No negative zero, as in Java.
    return TypedNumber.of('FLOAT64', start === first ? value : 0 - value);
  }

  #word<T>(word: string, value: T): T | undefined {
    for (let i = 0; i < word.length; i++) {
      if (this.#bytes[this.#at + i] !== word.charCodeAt(i)) return undefined;
    }
    this.#at += word.length;
    return value;
  }
}

/** The platform's parser knows the rules of escapes. */
function unescape(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}

const noBytes = new Uint8Array();
const powersOfTen = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);
const doubleQuote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
