import { Decimal, TypedNumber } from '@tributary/sdk';
import {
  type BinaryOperator,
  type Expression,
  ExpressionError,
  type LogicalOperator,
  type ScriptLanguage,
  type Variable,
  variables,
} from './script-syntax.ts';
import { readTokens, type Token } from './script-tokens.ts';

/** One expression, to its end. ExpressionError with the place of what is not understood. */
export function parseScript(text: string, language: ScriptLanguage): Expression {
  return new ScriptParser(readTokens(text, language), language).parseWhole();
}

const maxDepth = 100;

/** Binary operators by how firmly they bind. Those of one row do not stand in a row without parentheses where that reads oddly. */
const levels: readonly { readonly operators: readonly string[]; readonly isChained: boolean }[] = [
  { operators: ['||', '??'], isChained: true },
  { operators: ['&&'], isChained: true },
  { operators: ['==', '!=', '===', '!==', '=~', '==~'], isChained: false },
  { operators: ['<', '<=', '>', '>=', 'in', '!in'], isChained: false },
  { operators: ['+', '-'], isChained: true },
  { operators: ['*', '/', '%'], isChained: true },
];
const logical = new Set(['||', '&&', '??']);

/** Behind the end of a line Groovy takes these for the beginning of another statement, or may do so. */
const beginsStatement = new Set(['+', '-', '*', '/', '%', '[', '(', '!']);

class ScriptParser {
  readonly #tokens: readonly Token[];
  readonly #language: ScriptLanguage;
  #at = 0;
  #depth = 0;
  /** Within parentheses or brackets lines do not count. */
  #openBrackets = 0;
  /** What stands in parentheses. */
  readonly #enclosed = new WeakSet<Expression>();

  constructor(tokens: readonly Token[], language: ScriptLanguage) {
    this.#tokens = tokens;
    this.#language = language;
  }

  parseWhole(): Expression {
    if (this.#isGroovy && this.#isName('return')) this.#at += 1;
    const expression = this.#parseExpression();
    while (this.#takeSign(';'));
    if (this.#token.kind !== 'end') throw this.#unexpected('the end of the expression');
    return expression;
  }

  /** `test ? yes : no`, `value ?: instead`. */
  #parseExpression(): Expression {
    const { at } = this.#token;
    this.#depth += 1;
    if (this.#depth > maxDepth) {
      throw new ExpressionError(`it is nested more than ${maxDepth} deep`, at);
    }
    let expression = this.#parseBinary(0);
    if (this.#takeSign('?')) {
      const yes = this.#parseExpression();
      this.#requireSign(':');
      expression = { kind: 'conditional', test: expression, yes, no: this.#parseExpression(), at };
    } else if (this.#takeSign('?:')) {
      const right = this.#parseExpression();
      expression = { kind: 'logical', operator: '?:', left: expression, right, at };
    }
    this.#depth -= 1;
    return expression;
  }

  #parseBinary(level: number): Expression {
    const row = levels[level];
    if (row === undefined) return this.#parseUnary();
    let left = this.#parseBinary(level + 1);
    let first: string | null = null;
    for (;;) {
      const { at } = this.#token;
      const operator = this.#takeOperator(row.operators);
      if (operator === null) return left;
      const isMixed = first === '??' && operator !== '??';
      if (isMixed || (first !== null && !row.isChained)) {
        throw new ExpressionError(`"${first}" and "${operator}" in a row need parentheses`, at);
      }
      first = operator;
      const right = this.#parseBinary(level + 1);
      if (operator === '??') this.#checkEnclosed(left, right);
      left = logical.has(operator)
        ? { kind: 'logical', operator: operator as LogicalOperator, left, right, at }
        : { kind: 'binary', operator: operator as BinaryOperator, left, right, at };
    }
  }

  /** JavaScript has no rule for what `&&` beside `??` would mean. */
  #checkEnclosed(...operands: readonly Expression[]): void {
    for (const operand of operands) {
      if (operand.kind !== 'logical' || operand.operator === '??' || this.#enclosed.has(operand))
        continue;
      throw new ExpressionError(`"${operand.operator}" beside "??" needs parentheses`, operand.at);
    }
  }

  #takeOperator(operators: readonly string[]): string | null {
    const { kind, text, at } = this.#token;
    const next = this.#tokens[this.#at + 1];
    const isNotIn =
      kind === 'sign' &&
      text === '!' &&
      next?.kind === 'name' &&
      next.text === 'in' &&
      next.at === at + 1;
    const found = isNotIn ? '!in' : text;
    if (kind !== 'sign' && !(kind === 'name' && text === 'in')) return null;
    if (!operators.includes(found)) return null;
    if ((found === 'in' || found === '!in') && !this.#isGroovy) {
      throw new ExpressionError(
        '"in" asks for names of members in JavaScript, which is not supported',
        at,
      );
    }
    this.#checkLine();
    this.#at += isNotIn ? 2 : 1;
    return found;
  }

  #parseUnary(): Expression {
    const { at } = this.#token;
    for (const operator of ['!', '-'] as const) {
      if (!this.#takeSign(operator)) continue;
      this.#depth += 1;
      if (this.#depth > maxDepth) {
        throw new ExpressionError(`it is nested more than ${maxDepth} deep`, at);
      }
      const operand = this.#parseUnary();
      this.#depth -= 1;
      return { kind: 'unary', operator, operand, at };
    }
    return this.#parseChain();
  }

  #parseChain(): Expression {
    const start = this.#token.at;
    let expression = this.#parsePrimary();
    let isChain = false;
    for (;;) {
      const { at } = this.#token;
      const isSafe = this.#takeSign('?.');
      if (isSafe && this.#isSign('[')) {
        if (this.#isGroovy) throw this.#unexpected('a name');
        expression = this.#parseIndex(expression, true);
      } else if (isSafe || this.#takeSign('.')) {
        expression = this.#parseMember(expression, isSafe, at);
      } else if (this.#isSign('[')) {
        this.#checkLine();
        expression = this.#parseIndex(expression, false);
      } else if (this.#isSign('(')) {
        throw new ExpressionError('functions are not supported, only methods of values', at);
      } else {
        return isChain ? { kind: 'chain', inner: expression, at: start } : expression;
      }
      isChain = true;
    }
  }

  #parseIndex(target: Expression, isSafe: boolean): Expression {
    const { at } = this.#token;
    const [index, ...more] = this.#parseList('[', ']');
    if (index === undefined || more.length > 0) {
      throw new ExpressionError('[] behind a value takes one index or name', at);
    }
    return { kind: 'index', target, index, isSafe, at };
  }

  #parseMember(target: Expression, isSafe: boolean, at: number): Expression {
    const token = this.#token;
    const isQuoted = token.kind === 'string' && this.#isGroovy && !token.text.startsWith('/');
    if (token.kind !== 'name' && !isQuoted) throw this.#unexpected('a name');
    this.#at += 1;
    const name = token.content;
    if (!this.#isSign('(')) return { kind: 'member', target, name, isSafe, at };
    this.#checkLine();
    return { kind: 'call', target, name, args: this.#parseList('(', ')'), isSafe, at: token.at };
  }

  #parseList(open: string, close: string): Expression[] {
    this.#requireSign(open);
    this.#openBrackets += 1;
    const items: Expression[] = [];
    while (!this.#isSign(close)) {
      items.push(this.#parseExpression());
      if (!this.#takeSign(',')) break;
    }
    this.#openBrackets -= 1;
    this.#requireSign(close);
    return items;
  }

  #parsePrimary(): Expression {
    const token = this.#token;
    const { kind, text, content, at } = token;
    if (kind === 'sign' && text === '(') {
      const inner = this.#parseList('(', ')');
      if (inner.length !== 1) throw new ExpressionError('parentheses enclose one expression', at);
      this.#enclosed.add(inner[0] as Expression);
      return inner[0] as Expression;
    }
    if (kind === 'sign' && text === '[') {
      return { kind: 'list', items: this.#parseList('[', ']'), at };
    }
    this.#at += 1;
    switch (kind) {
      case 'string':
        return { kind: 'literal', value: content, at };
      case 'number':
        return { kind: 'literal', value: this.#readNumber(token), at };
      case 'regex':
        return { kind: 'literal', value: toRegExp(token), at };
      case 'name':
        return this.#parseName(token);
      default:
        this.#at -= 1;
        throw this.#unexpected('a value');
    }
  }

  #parseName({ text, at }: Token): Expression {
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', at };
    if (text === 'null') return { kind: 'literal', value: null, at };
    if (text === 'undefined' && !this.#isGroovy) return { kind: 'literal', value: undefined, at };
    if ((variables as readonly string[]).includes(text)) {
      return { kind: 'variable', name: text as Variable, at };
    }
    throw new ExpressionError(
      `"${text}" is not known; there are ${variables.join(', ')}, and no statements, functions or classes`,
      at,
    );
  }

  #readNumber({ text, at }: Token): unknown {
    const number = this.#isGroovy ? groovyNumber(text) : javaScriptNumber(text);
    if (number !== null) return number;
    throw new ExpressionError(`the number ${text} is not supported`, at);
  }

  get #isGroovy(): boolean {
    return this.#language === 'Groovy';
  }

  get #token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #isSign(sign: string): boolean {
    return this.#token.kind === 'sign' && this.#token.text === sign;
  }

  #isName(name: string): boolean {
    return this.#token.kind === 'name' && this.#token.text === name;
  }

  #takeSign(sign: string): boolean {
    if (!this.#isSign(sign)) return false;
    this.#at += 1;
    return true;
  }

  #requireSign(sign: string): void {
    if (!this.#takeSign(sign)) throw this.#unexpected(`"${sign}"`);
  }

  /** Before a sign that continues the expression. */
  #checkLine(): void {
    const { text, isOnNewLine, at } = this.#token;
    if (!this.#isGroovy || !isOnNewLine || this.#openBrackets > 0 || !beginsStatement.has(text))
      return;
    throw new ExpressionError(`"${text}" on a new line begins another statement in Groovy`, at);
  }

  #unexpected(expected: string): ExpressionError {
    const { kind, text, at } = this.#token;
    const found = kind === 'end' ? 'the end' : JSON.stringify(text);
    return new ExpressionError(`expected ${expected}, found ${found}`, at);
  }
}

const maxInt = 2_147_483_647n;
const maxLong = 2n ** 63n - 1n;

/** A whole number is an Integer or, where it is too large, a Long; one with a point or an exponent is a BigDecimal. */
function groovyNumber(text: string): unknown {
  const [, digits = '', suffix = ''] = /^([\d.]+(?:[eE][+-]?\d+)?)([lLdDfF]?)$/.exec(text) ?? [];
  if (digits === '' || /^0\d/.test(digits)) return null;
  if (/[dDfF]/.test(suffix)) {
    return /[dD]/.test(suffix)
      ? new TypedNumber('FLOAT64', Number(digits))
      : new TypedNumber('FLOAT32', Math.fround(Number(digits)));
  }
  if (!/^\d+$/.test(digits)) return suffix === '' ? Decimal.parse(digits) : null;
  const whole = BigInt(digits);
  if (whole > maxLong) return null;
  return suffix !== '' || whole > maxInt ? whole : Number(whole);
}

function javaScriptNumber(text: string): number | null {
  return /^(?:0|[1-9]\d*|0?\.\d+|\d+\.\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)
    ? Number(text)
    : null;
}

/** Without flags that make it remember where it was. */
function toRegExp({ text, at }: Token): RegExp {
  const end = text.lastIndexOf('/');
  const flags = text.slice(end + 1);
  if (!/^[imsu]*$/.test(flags)) {
    throw new ExpressionError(`the flags "${flags}" are not supported, only i, m, s and u`, at);
  }
  try {
    return new RegExp(text.slice(1, end), flags);
  } catch (error) {
    throw new ExpressionError((error as Error).message, at);
  }
}
