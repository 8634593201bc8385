import { range, rangeInAnyCase } from './java-regex-case.ts';
import { code, end, type RegexCursor } from './java-regex-cursor.ts';
import { readCharacterEscape } from './java-regex-escape.ts';
import {
  namedProperty,
  scriptProperty,
  unicodePosixProperty,
  unicodeProperty,
} from './java-regex-properties.ts';
import type { RegexFlags } from './java-regex-syntax.ts';

/** Java's character classes as JavaScript's (flag v). */

/** `[…]`; the cursor stands on the bracket. */
export function readClass(cursor: RegexCursor): string {
  return readMembers(cursor, true);
}

/** The set of one character. */
export function characterSet(point: number, flags: RegexFlags): string {
  return rangeSet(point, point, flags);
}

/** `\d`, `\W`, `\h` and their like; null for another letter. */
export function shorthandSet(letter: string, flags: RegexFlags): string | null {
  const isUnicode = flags.hasUnicodeClasses;
  switch (letter) {
    case 'd':
      return isUnicode ? String.raw`[\p{Nd}]` : '[0-9]';
    case 'w':
      return isUnicode ? (unicodeProperty('WORD', false) as string) : '[0-9A-Za-z_]';
    case 's':
      return isUnicode ? String.raw`[\p{White_Space}]` : String.raw`[\u{9}-\u{d}\u{20}]`;
    case 'h':
      return String.raw`[\u{20}\u{9}\u{a0}\u{1680}\u{180e}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}]`;
    case 'v':
      return String.raw`[\u{a}-\u{d}\u{85}\u{2028}\u{2029}]`;
  }
  const positive = 'DWSHV'.includes(letter) ? shorthandSet(letter.toLowerCase(), flags) : null;
  return positive && `[^${positive}]`;
}

/** `\p` or `\P` was read up to its letter, on which the cursor stands. */
export function readProperty(cursor: RegexCursor): string {
  const isComplement = cursor.at(cursor.position) === code('P');
  cursor.position += 1;
  const set = cursor.peek() === code('{') ? readFamily(cursor) : readOneLetter(cursor);
  return isComplement ? `[^${set}]` : set;
}

function readOneLetter(cursor: RegexCursor): string {
  const letter = cursor.read();
  const name = letter === end ? '\0' : String.fromCodePoint(letter);
  return propertyNamed(cursor, name);
}

function readFamily(cursor: RegexCursor): string {
  cursor.read();
  const start = cursor.position;
  let name = '';
  for (;;) {
    const point = cursor.read();
    if (point === code('}')) break;
    if (point === end) throw cursor.error('Unclosed character family');
    name += String.fromCodePoint(point);
  }
  if (cursor.position - start < 2) throw cursor.error('Empty character family');
  const equals = name.indexOf('=');
  if (equals < 0) return propertyNamed(cursor, name);
  return propertyWithValue(cursor, name.slice(0, equals).toLowerCase(), name.slice(equals + 1));
}

function propertyWithValue(cursor: RegexCursor, name: string, value: string): string {
  let set: string | null = null;
  if (name === 'blk' || name === 'block') throw cursor.error(blockRefusal);
  if (name === 'sc' || name === 'script') set = scriptProperty(value);
  if (name === 'gc' || name === 'general_category') {
    set = namedProperty(value, cursor.flags.ignoresCase);
  }
  if (set !== null) return set;
  throw cursor.error(`Unknown Unicode property {name=<${name}>, value=<${value}>}`);
}

const blockRefusal = 'Unicode blocks cannot be translated; name a script or a range instead,';

function propertyNamed(cursor: RegexCursor, name: string): string {
  const { ignoresCase, hasUnicodeClasses } = cursor.flags;
  if (name.startsWith('In')) throw cursor.error(blockRefusal);
  let set: string | null;
  if (name.startsWith('Is')) {
    const short = name.slice(2);
    set =
      unicodeProperty(short, ignoresCase) ??
      namedProperty(short, ignoresCase) ??
      scriptProperty(short);
  } else {
    set =
      (hasUnicodeClasses ? unicodePosixProperty(name, ignoresCase) : null) ??
      namedProperty(name, ignoresCase);
  }
  if (set !== null) return set;
  throw cursor.error(`Unknown character property name {${name}}`);
}

/** Members up to the closing bracket, which is read where `isClosing`: what stands on the right of `&&` shares it. */
function readMembers(cursor: RegexCursor, isClosing: boolean): string {
  return cursor.nested(() => readMembersInside(cursor, isClosing));
}

function readMembersInside(cursor: RegexCursor, isClosing: boolean): string {
  let isNegated = false;
  let set: string | null = null;
  // Single characters join what comes before an && last, as Java collects them apart.
  let singles = '';
  let point = cursor.next();
  for (;;) {
    if (point === code('^') && cursor.at(cursor.position - 1) === code('[')) {
      isNegated = true;
      point = cursor.next();
      continue;
    }
    if (point === code('[')) {
      set = union(set, readMembers(cursor, true));
      point = cursor.peek();
      continue;
    }
    if (point === code('&') && cursor.at(cursor.position + 1) === code('&')) {
      cursor.position += 1;
      cursor.next();
      const right = readRightOperand(cursor);
      if (singles !== '') {
        set = union(set, `[${singles}]`);
        singles = '';
      }
      if (right === null) {
        if (set === null) throw cursor.error('Bad class syntax');
        throw cursor.error('An && without a right side cannot be translated;');
      }
      set = set === null ? right : `[${set}&&${right}]`;
      point = cursor.peek();
      continue;
    }
    if (point === end) throw cursor.error('Unclosed character class');
    if (point === code(']') && (set !== null || singles !== '')) {
      if (isClosing) cursor.read();
      const whole = singles === '' ? (set as string) : union(set, `[${singles}]`);
      return isNegated ? `[^${whole}]` : whole;
    }
    const member = readMember(cursor);
    if (member.isSingle) singles += member.source;
    else set = union(set, member.source);
    point = cursor.peek();
  }
}

/** Null: there is none before the closing bracket or the next `&`. */
function readRightOperand(cursor: RegexCursor): string | null {
  let right: string | null = null;
  let point = cursor.peek();
  while (point !== code(']') && point !== code('&')) {
    if (point === code('[')) {
      right = union(right, readMembers(cursor, true));
    } else {
      cursor.position -= 1;
      right = readMembers(cursor, false);
    }
    point = cursor.peek();
    if (point === end) break;
  }
  return right;
}

interface Member {
  readonly source: string;
  readonly isSingle: boolean;
}

function readMember(cursor: RegexCursor): Member {
  const first = cursor.peek();
  let point = first;
  if (first === code('\\')) {
    const letter = cursor.at(cursor.position + 1);
    if (letter === code('p') || letter === code('P')) {
      cursor.position += 1;
      return { source: readProperty(cursor), isSingle: false };
    }
    const isRange = cursor.at(cursor.position + 2) === code('-');
    const escaped = readEscapeInClass(cursor, isRange);
    if (typeof escaped === 'string') return { source: escaped, isSingle: false };
    point = escaped;
  } else {
    cursor.next();
  }
  if (cursor.peek() === code('-')) {
    const after = cursor.at(cursor.position + 1);
    if (after !== code('[') && after !== code(']')) return readRange(cursor, point);
  }
  return { source: characterSet(point, cursor.flags), isSingle: true };
}

function readRange(cursor: RegexCursor, first: number): Member {
  let last: number | string = cursor.next();
  if (last === code('\\')) last = readEscapeInClass(cursor, true);
  else cursor.next();
  if (typeof last === 'string' || last < first) throw cursor.error('Illegal character range');
  return { source: rangeSet(first, last, cursor.flags), isSingle: false };
}

/** A code point, or a set. */
function readEscapeInClass(cursor: RegexCursor, isRange: boolean): number | string {
  const point = cursor.at(cursor.position + 1);
  cursor.position += 2;
  // Found out by the missing bracket.
  if (point === end) return 0;
  const letter = String.fromCodePoint(point);
  if (letter === 'v' && isRange) return 0x0b;
  const set = shorthandSet(letter, cursor.flags);
  if (set !== null) return set;
  const character = readCharacterEscape(cursor, letter);
  if (character !== null) return character;
  if (letter === 'N') throw cursor.error('Names of characters cannot be translated;');
  if (/[A-Za-z1-9]/.test(letter)) throw cursor.error('Illegal/unsupported escape sequence');
  return point;
}

function rangeSet(first: number, last: number, flags: RegexFlags): string {
  if (!flags.ignoresCase) return `[${range(first, last)}]`;
  return rangeInAnyCase(first, last, flags.isUnicodeCase);
}

function union(a: string | null, b: string): string {
  return a === null ? b : `[${a}${b}]`;
}
