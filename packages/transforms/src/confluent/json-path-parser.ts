import { ConfigError, compileJavaPattern } from '@tributary/sdk';
import {
  type Condition,
  type Operand,
  type Operator,
  operators,
  type PathStep,
} from './json-path-syntax.ts';

/** `$.a['b'][0][?(@.c == 'd' && @.e > 5)]`. ConfigError with the position of what is not understood. */
export function parseJsonPath(text: string): PathStep[] {
  const reader = new PathReader(text);
  return reader.readWhole();
}

const maxDepth = 100;

class PathReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readWhole(): PathStep[] {
    if (!this.#take('$')) throw this.#error('a path begins with $');
    const steps = this.#readSteps();
    if (this.#at < this.#text.length) throw this.#error('this is not understood');
    return steps;
  }

  #readSteps(): PathStep[] {
    const steps: PathStep[] = [];
    for (;;) {
      if (this.#text.startsWith('..', this.#at)) throw this.#error('".." is not supported');
      if (this.#take('.')) steps.push(this.#take('*') ? { kind: 'all' } : this.#readName());
      else if (this.#take('[')) steps.push(this.#readBracket());
      else return steps;
    }
  }

  #readName(): PathStep {
    const name = this.#match(/[^.[\]()\s=!<>&|,~?'"]+/y);
    if (name === null) throw this.#error('a name is missing');
    if (this.#text[this.#at] === '(') throw this.#error('functions are not supported');
    return { kind: 'child', name };
  }

  #readBracket(): PathStep {
    this.#skipBlanks();
    const step = this.#readBracketed();
    this.#skipBlanks();
    if (!this.#take(']')) throw this.#error('"]" is missing');
    return step;
  }

  #readBracketed(): PathStep {
    if (this.#take('*')) return { kind: 'all' };
    if (this.#take('?')) {
      if (!this.#take('(')) throw this.#error('"(" is missing');
      const condition = this.#readOr();
      this.#skipBlanks();
      if (!this.#take(')')) throw this.#error('")" is missing');
      return { kind: 'filter', condition };
    }
    const index = this.#match(/-?\d+/y);
    if (index !== null) return { kind: 'index', index: Number(index) };
    const name = this.#readQuoted();
    if (name === null) throw this.#error('a name, an index, * or ?() is missing');
    return { kind: 'child', name };
  }

  #readOr(): Condition {
    return this.#readJoined('or', '||', () => this.#readAnd());
  }

  #readAnd(): Condition {
    return this.#readJoined('and', '&&', () => this.#readUnary());
  }

  #readJoined(kind: 'or' | 'and', sign: string, readPart: () => Condition): Condition {
    const parts = [readPart()];
    for (this.#skipBlanks(); this.#take(sign); this.#skipBlanks()) parts.push(readPart());
    return parts.length === 1 ? (parts[0] as Condition) : { kind, parts };
  }

  #readUnary(): Condition {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw this.#error('it is nested too deeply');
    const condition = this.#readUnaryInside();
    this.#depth -= 1;
    return condition;
  }

  #readUnaryInside(): Condition {
    this.#skipBlanks();
    if (this.#take('!')) return { kind: 'not', part: this.#readUnary() };
    if (this.#take('(')) {
      const inner = this.#readOr();
      this.#skipBlanks();
      if (!this.#take(')')) throw this.#error('")" is missing');
      return inner;
    }
    return this.#readComparison();
  }

  #readComparison(): Condition {
    const left = this.#readOperand();
    this.#skipBlanks();
    const operator = operators.find((each) => this.#takeOperator(each));
    if (operator === undefined) return { kind: 'exists', operand: left };
    const right = this.#readOperand();
    if ((operator === '=~') !== (right.kind === 'pattern')) {
      throw this.#error('a pattern stands on the right of =~ and nowhere else');
    }
    return { kind: 'compare', operator, left, right };
  }

  #takeOperator(operator: Operator): boolean {
    const isWord = /^[a-z]/.test(operator);
    const next = this.#text[this.#at + operator.length] ?? '';
    return isWord && /[A-Za-z0-9_]/.test(next) ? false : this.#take(operator);
  }

  #readOperand(): Operand {
    this.#skipBlanks();
    if (this.#take('@')) return { kind: 'path', isRoot: false, steps: this.#readSteps() };
    if (this.#take('$')) return { kind: 'path', isRoot: true, steps: this.#readSteps() };
    const pattern = this.#match(/\/(?:[^/\\]|\\.)*\/i?/y);
    if (pattern !== null) return { kind: 'pattern', regex: toRegex(pattern) };
    return { kind: 'literal', value: this.#readLiteral() };
  }

  #readLiteral(): unknown {
    if (this.#take('[')) return this.#readList();
    const quoted = this.#readQuoted();
    if (quoted !== null) return quoted;
    const word = this.#match(/(?:true|false|null)\b/y);
    if (word !== null) return JSON.parse(word);
    const number = this.#match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    if (number === null) throw this.#error('a value is missing');
    return Number(number);
  }

  #readList(): unknown[] {
    const values: unknown[] = [];
    this.#skipBlanks();
    if (this.#take(']')) return values;
    do {
      this.#skipBlanks();
      values.push(this.#readLiteral());
      this.#skipBlanks();
    } while (this.#take(','));
    if (!this.#take(']')) throw this.#error('"]" is missing');
    return values;
  }

  #readQuoted(): string | null {
    const quoted = this.#match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/y);
    return quoted && quoted.slice(1, -1).replace(/\\(.)/g, '$1');
  }

  #skipBlanks(): void {
    this.#match(/\s+/y);
  }

  #match(syntax: RegExp): string | null {
    syntax.lastIndex = this.#at;
    const found = syntax.exec(this.#text)?.[0] ?? null;
    this.#at += found?.length ?? 0;
    return found;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #error(problem: string): ConfigError {
    return new ConfigError(
      `Cannot read the JSON path ${this.#text} at index ${this.#at}: ${problem}`,
    );
  }
}

/** `/pattern/i`; the whole text must match, as Java's paths have it. */
function toRegex(text: string): RegExp {
  const end = text.lastIndexOf('/');
  const pattern = text.slice(1, end).replaceAll('\\/', '/');
  return compileJavaPattern(text.endsWith('i') ? `(?i)${pattern}` : pattern).whole;
}
