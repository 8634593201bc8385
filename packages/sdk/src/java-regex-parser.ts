import { escapePoint } from './java-regex-case.ts';
import { characterSet, readClass, readProperty, shorthandSet } from './java-regex-class.ts';
import { code, end, isAsciiDigit, isAsciiLetter, RegexCursor } from './java-regex-cursor.ts';
import { readCharacterEscape } from './java-regex-escape.ts';
import { boundary, caret, dollar, notBoundary, textEnd, textStart } from './java-regex-places.ts';
import {
  longestLookBehind,
  type ParsedPattern,
  type RegexFlags,
  type RegexNode,
} from './java-regex-syntax.ts';

/** A Java regular expression as a tree. JavaPatternError in Java's words where Java refuses it. Source: java.util.regex.Pattern. */
export function parseJavaRegex(pattern: string): ParsedPattern {
  const parser = new Parser(pattern);
  return parser.parse();
}

const maxRepetitions = 0x7fffffff;

class Parser {
  readonly #cursor: RegexCursor;
  readonly #groupNames = new Map<string, number>();
  #groupCount = 0;

  constructor(pattern: string) {
    this.#cursor = new RegexCursor(pattern);
  }

  parse(): ParsedPattern {
    const root = this.#readChoice();
    if (this.#cursor.peek() === code(')')) throw this.#cursor.error("Unmatched closing ')'");
    if (this.#cursor.position !== this.#cursor.points.length) {
      throw this.#cursor.error('Unexpected internal error');
    }
    return { root, groupCount: this.#groupCount, groupNames: this.#groupNames };
  }

  #readChoice(): RegexNode {
    const branches = [this.#readSequence()];
    while (this.#cursor.peek() === code('|')) {
      this.#cursor.next();
      branches.push(this.#readSequence());
    }
    return branches.length === 1 ? (branches[0] as RegexNode) : { kind: 'choice', branches };
  }

  #readSequence(): RegexNode {
    const cursor = this.#cursor;
    const items: RegexNode[] = [];
    for (;;) {
      const point = this.#cursor.peek();
      if (point === end || point === code('|') || point === code(')')) break;
      const at = this.#cursor.position;
      const item =
        point === code('(') ? cursor.nested(() => this.#readGroup()) : this.#readAtom(point);
      if (item !== null) items.push(this.#readRepetition(item, at));
    }
    return items.length === 1 ? (items[0] as RegexNode) : { kind: 'sequence', items };
  }

  #readAtom(point: number): RegexNode {
    const cursor = this.#cursor;
    switch (point) {
      case code('['):
        return { kind: 'set', source: readClass(cursor) };
      case code('\\'):
        return this.#readEscape();
      case code('^'):
        cursor.next();
        return { kind: 'place', source: caret(cursor.flags) };
      case code('$'):
        cursor.next();
        return { kind: 'place', source: dollar(cursor.flags) };
      case code('.'):
        cursor.next();
        return { kind: 'set', source: anyCharacter(cursor.flags) };
      case code('?'):
      case code('*'):
      case code('+'):
        cursor.next();
        throw cursor.error(`Dangling meta character '${String.fromCodePoint(point)}'`);
      case code('{'):
        // Nothing stands before it that could be repeated: what follows decides how it is refused.
        return { kind: 'sequence', items: [] };
      default:
        cursor.next();
        return literal(point, cursor.flags);
    }
  }

  #readEscape(): RegexNode {
    const cursor = this.#cursor;
    const at = cursor.position;
    const point = cursor.at(at + 1);
    if (point === code('p') || point === code('P')) {
      cursor.position += 1;
      return { kind: 'set', source: readProperty(cursor) };
    }
    cursor.position += 2;
    // Found out when the end should come.
    if (point === end) return { kind: 'sequence', items: [] };
    const letter = String.fromCodePoint(point);
    const set = shorthandSet(letter, cursor.flags);
    if (set !== null) return { kind: 'set', source: set };
    const character = readCharacterEscape(cursor, letter);
    if (character !== null) return literal(character, cursor.flags);
    return this.#readPlace(letter, at) ?? this.#readOther(letter, point, at);
  }

  #readPlace(letter: string, at: number): RegexNode | null {
    const { flags } = this.#cursor;
    switch (letter) {
      case 'A':
        return { kind: 'place', source: textStart };
      case 'z':
        return { kind: 'place', source: textEnd };
      case 'Z':
        return { kind: 'place', source: dollar({ ...flags, isMultiline: false }) };
      case 'b':
        this.#refuseGraphemes(at);
        return { kind: 'place', source: boundary(flags) };
      case 'B':
        return { kind: 'place', source: notBoundary(flags) };
      default:
        return null;
    }
  }

  #refuseGraphemes(at: number): void {
    const cursor = this.#cursor;
    const { position } = cursor;
    if (cursor.at(position) !== code('{') || cursor.at(position + 1) !== code('g')) return;
    if (cursor.at(position + 2) === code('}')) throw this.#untranslatable('\\b{g}', at);
    throw cursor.error('Illegal/unsupported escape sequence', position + 2);
  }

  #readOther(letter: string, point: number, at: number): RegexNode {
    const cursor = this.#cursor;
    switch (letter) {
      case 'R':
        return { kind: 'lineBreak' };
      case 'k':
        return this.#readNamedReference(at);
      case 'G':
      case 'X':
      case 'N':
        throw this.#untranslatable(`\\${letter}`, at);
    }
    if (isAsciiDigit(point)) return this.#readReference(point - 0x30, at);
    if (isAsciiLetter(point)) throw cursor.error('Illegal/unsupported escape sequence');
    return literal(point, cursor.flags);
  }

  #readReference(first: number, at: number): RegexNode {
    let number = first;
    for (let point = this.#cursor.peek(); isAsciiDigit(point); point = this.#cursor.next()) {
      // As many digits as make the number of a group that there is.
      const longer = number * 10 + point - 0x30;
      if (longer > this.#groupCount) break;
      number = longer;
    }
    return this.#reference(number, at);
  }

  #readNamedReference(at: number): RegexNode {
    const cursor = this.#cursor;
    if (cursor.read() !== code('<')) {
      throw cursor.error("\\k is not followed by '<' for named capturing group");
    }
    const name = this.#readGroupName(cursor.read());
    const number = this.#groupNames.get(name);
    if (number === undefined) {
      throw cursor.error(`named capturing group <${name}> does not exist`);
    }
    return this.#reference(number, at);
  }

  #reference(number: number, at: number): RegexNode {
    if (this.#cursor.flags.ignoresCase) {
      throw this.#untranslatable('A reference to a group in any letter case', at);
    }
    return { kind: 'reference', number, at };
  }

  /** Null: flags only. */
  #readGroup(): RegexNode | null {
    const cursor = this.#cursor;
    const at = cursor.position;
    const outer = { ...cursor.flags };
    const group = cursor.next() === code('?') ? this.#readSpecialGroup(at) : this.#capture(at);
    if (group === null) return null;
    if (group.kind === 'look' && group.isBehind) checkLookBehind(cursor, group.body, at);
    if (cursor.read() !== code(')')) throw cursor.error('Unclosed group');
    cursor.flags = outer;
    return group;
  }

  #capture(at: number): RegexNode {
    this.#groupCount += 1;
    const number = this.#groupCount;
    return { kind: 'group', body: this.#readChoice(), number, isAtomic: false, at };
  }

  #readSpecialGroup(at: number): RegexNode | null {
    const cursor = this.#cursor;
    const point = cursor.at(cursor.position + 1);
    cursor.position += 2;
    switch (point) {
      case code(':'):
        return this.#plainGroup(at, false);
      case code('>'):
        return this.#plainGroup(at, true);
      case code('='):
      case code('!'):
        return this.#look(point, false);
      case code('<'):
        return this.#readAngleGroup(at);
      case code('$'):
      case code('@'):
        throw cursor.error('Unknown group type');
      default:
        cursor.position -= 1;
        return this.#readFlagGroup(at);
    }
  }

  #readAngleGroup(at: number): RegexNode {
    const cursor = this.#cursor;
    const point = cursor.read();
    if (point === code('=') || point === code('!')) return this.#look(point, true);
    const name = this.#readGroupName(point);
    if (this.#groupNames.has(name)) {
      throw cursor.error(`Named capturing group <${name}> is already defined`);
    }
    this.#groupNames.set(name, this.#groupCount + 1);
    return this.#capture(at);
  }

  #readFlagGroup(at: number): RegexNode | null {
    readFlags(this.#cursor);
    const point = this.#cursor.read();
    if (point === code(')')) return null;
    if (point !== code(':')) throw this.#cursor.error('Unknown inline modifier');
    return this.#plainGroup(at, false);
  }

  #plainGroup(at: number, isAtomic: boolean): RegexNode {
    return { kind: 'group', body: this.#readChoice(), number: null, isAtomic, at };
  }

  #look(sign: number, isBehind: boolean): RegexNode {
    return { kind: 'look', body: this.#readChoice(), isBehind, isNegative: sign === code('!') };
  }

  #readGroupName(first: number): string {
    const cursor = this.#cursor;
    if (!isAsciiLetter(first)) {
      throw cursor.error('capturing group name does not start with a Latin letter');
    }
    let name = '';
    let point = first;
    do {
      name += String.fromCodePoint(point);
      point = cursor.read();
    } while (isAsciiLetter(point) || isAsciiDigit(point));
    if (point !== code('>')) {
      throw cursor.error("named capturing group is missing trailing '>'");
    }
    return name;
  }

  #readRepetition(body: RegexNode, at: number): RegexNode {
    const cursor = this.#cursor;
    const limits = this.#readLimits();
    if (limits === null) return body;
    const [min, max] = limits;
    let mode: 'greedy' | 'lazy' | 'possessive' = 'greedy';
    if (cursor.takes('?')) mode = 'lazy';
    else if (cursor.takes('+')) mode = 'possessive';
    return { kind: 'repeat', body, min, max, mode, at };
  }

  #readLimits(): readonly [number, number] | null {
    const cursor = this.#cursor;
    if (cursor.takes('?')) return [0, 1];
    if (cursor.takes('*')) return [0, Number.POSITIVE_INFINITY];
    if (cursor.takes('+')) return [1, Number.POSITIVE_INFINITY];
    if (cursor.peek() !== code('{')) return null;
    if (!isAsciiDigit(cursor.at(cursor.position + 1))) {
      throw cursor.error('Illegal repetition', cursor.position + 1);
    }
    cursor.read();
    const min = this.#readCount();
    let max = min;
    if (cursor.takes(',')) {
      max = isAsciiDigit(cursor.peek()) ? this.#readCount() : Number.POSITIVE_INFINITY;
    }
    if (cursor.read() !== code('}')) throw cursor.error('Unclosed counted closure');
    if (max < min) throw cursor.error('Illegal repetition range');
    return [min, max];
  }

  #readCount(): number {
    const cursor = this.#cursor;
    let count = 0;
    while (isAsciiDigit(cursor.peek())) {
      count = count * 10 + cursor.read() - 0x30;
      if (count > maxRepetitions) throw cursor.error('Illegal repetition range');
    }
    return count;
  }

  #untranslatable(what: string, at: number): Error {
    return this.#cursor.error(`${what} cannot be translated`, at);
  }
}

function checkLookBehind(cursor: RegexCursor, body: RegexNode, at: number): void {
  const length = longestLookBehind(body);
  if (length === null) {
    throw cursor.error('Look-behind group does not have an obvious maximum length');
  }
  // Java's sum overflows, and then nothing matches.
  if (length > maxRepetitions) {
    throw cursor.error(
      'More than one repetition without end in a look-behind cannot be translated',
      at,
    );
  }
}

/** `idmsuxU` that become set, behind a minus unset; stops at what is no flag. */
function readFlags(cursor: RegexCursor): void {
  let isOn = true;
  for (;;) {
    const point = cursor.peek();
    const letter = point === end ? '' : String.fromCodePoint(point);
    if (letter === '-' && isOn) {
      isOn = false;
    } else if (letter === 'c') {
      throw cursor.error('Canonical equivalence cannot be translated', cursor.position);
    } else if (!setFlag(cursor.flags, letter, isOn)) {
      return;
    }
    cursor.position += 1;
  }
}

function setFlag(flags: RegexFlags, letter: string, isOn: boolean): boolean {
  switch (letter) {
    case 'i':
      flags.ignoresCase = isOn;
      return true;
    case 'd':
      flags.isUnixLines = isOn;
      return true;
    case 'm':
      flags.isMultiline = isOn;
      return true;
    case 's':
      flags.isDotAll = isOn;
      return true;
    case 'u':
      flags.isUnicodeCase = isOn;
      return true;
    case 'x':
      flags.hasComments = isOn;
      return true;
    case 'U':
      flags.hasUnicodeClasses = isOn;
      flags.isUnicodeCase = isOn;
      return true;
    default:
      return false;
  }
}

/** By itself shorter than a class of one. */
function literal(point: number, flags: RegexFlags): RegexNode {
  const source = flags.ignoresCase ? characterSet(point, flags) : escapePoint(point);
  return { kind: 'set', source };
}

function anyCharacter(flags: RegexFlags): string {
  if (flags.isDotAll) return '[^]';
  return flags.isUnixLines ? String.raw`[^\u{a}]` : String.raw`[^\u{a}\u{d}\u{85}\u{2028}\u{2029}]`;
}
