import { TypedNumber } from '@tributary/sdk';

/** A member as it stood at this place in an earlier message. */
interface KnownMember {
  readonly name: string;
  /** `"name":` */
  readonly text: string;
  readonly members: KnownMember[];
}

const maxDepth = 100;
const maxMembers = 64;
const maxKnown = 2000;

/**
 * Reads schemaless JSON of the usual form right into the values that `decodeSchemaless` gives: no blanks between tokens, numbers of up to 15 digits without exponent.
 * Messages of one topic mostly have the same members in the same order: names are compared with those of earlier messages before they are read.
 */
export class PlainReader {
  #members: KnownMember[] = [];
  #known = 0;
  #text = '';
  #at = 0;

  /** Undefined for any other form, and for what is no JSON: the full parser decides. */
  read(text: string): unknown {
    if (this.#known > maxKnown) {
      this.#members = [];
      this.#known = 0;
    }
    this.#text = text;
    this.#at = 0;
    const value = this.#value(this.#members, 0);
    return this.#at === text.length ? value : undefined;
  }

  #value(members: KnownMember[], depth: number): unknown {
    const code = this.#text.charCodeAt(this.#at);
    if (code === doubleQuote) return this.#string();
    if (code === openBrace) return depth < maxDepth ? this.#map(members, depth + 1) : undefined;
    if (code === openBracket) return depth < maxDepth ? this.#list(members, depth + 1) : undefined;
    if (code === minus || (code >= zero && code <= nine)) return this.#number();
    if (code === 0x6e) return this.#word('null', null);
    if (code === 0x74) return this.#word('true', true);
    return code === 0x66 ? this.#word('false', false) : undefined;
  }

  #map(members: KnownMember[], depth: number): Map<string, unknown> | undefined {
    const text = this.#text;
    const map = new Map<string, unknown>();
    if (text.charCodeAt(++this.#at) === closeBrace) {
      this.#at += 1;
      return map;
    }
    for (let index = 0; ; index++) {
      const member = this.#member(members, index);
      if (member === undefined) return undefined;
      const value = this.#value(member.members, depth);
      if (value === undefined) return undefined;
      map.set(member.name, value);
      const code = text.charCodeAt(this.#at++);
      if (code === closeBrace) return map;
      if (code !== comma) return undefined;
    }
  }

  #member(members: KnownMember[], index: number): KnownMember | undefined {
    const known = members[index];
    if (known !== undefined && this.#text.startsWith(known.text, this.#at)) {
      this.#at += known.text.length;
      return known;
    }
    const start = this.#at;
    if (this.#text.charCodeAt(start) !== doubleQuote) return undefined;
    const name = this.#string();
    if (name === undefined || this.#text.charCodeAt(this.#at) !== colon) return undefined;
    this.#at += 1;
    const member = { name, text: this.#text.slice(start, this.#at), members: [] };
    if (index < maxMembers) {
      members[index] = member;
      this.#known += 1;
    }
    return member;
  }

  #list(members: KnownMember[], depth: number): unknown[] | undefined {
    const items: unknown[] = [];
    if (this.#text.charCodeAt(++this.#at) === closeBracket) {
      this.#at += 1;
      return items;
    }
    for (;;) {
      const item = this.#value(members, depth);
      if (item === undefined) return undefined;
      items.push(item);
      const code = this.#text.charCodeAt(this.#at++);
      if (code === closeBracket) return items;
      if (code !== comma) return undefined;
    }
  }

  #string(): string | undefined {
    const text = this.#text;
    const start = this.#at + 1;
    let end = start;
    let hasEscapes = false;
    for (;;) {
      const code = text.charCodeAt(end);
      if (code === doubleQuote) break;
      // A control character, or the end of the text, for which the code is NaN.
      if (!(code >= 0x20)) return undefined;
      if (code === backslash) {
        hasEscapes = true;
        end += 1;
      }
      end += 1;
    }
    this.#at = end + 1;
    return hasEscapes ? unescape(text.slice(start - 1, end + 1)) : text.slice(start, end);
  }

  #number(): number | bigint | TypedNumber | undefined {
    const text = this.#text;
    const start = this.#at;
    let at = text.charCodeAt(start) === minus ? start + 1 : start;
    const first = at;
    let whole = 0;
    let code = text.charCodeAt(at);
    for (; code >= zero && code <= nine; code = text.charCodeAt(++at))
      whole = whole * 10 + code - zero;
    const isOdd =
      at === first || at - first > 15 || (text.charCodeAt(first) === zero && at - first > 1);
    if (isOdd || (code | 0x20) === 0x65) return undefined;
    this.#at = at;
    if (code !== dot) {
      if (start === first) return whole;
      return whole === 0 ? undefined : -whole;
    }
    const point = at;
    do code = text.charCodeAt(++at);
    while (code >= zero && code <= nine);
    if (at === point + 1 || at - first > 100 || code === dot || (code | 0x20) === 0x65)
      return undefined;
    this.#at = at;
    // No negative zero, as in Java.
    return TypedNumber.of('FLOAT64', Number(text.slice(start, at)) + 0);
  }

  #word<T>(word: string, value: T): T | undefined {
    if (!this.#text.startsWith(word, this.#at)) return undefined;
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
