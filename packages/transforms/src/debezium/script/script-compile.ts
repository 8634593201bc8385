import { type ConnectRecord, JavaPatternError } from '@tributary/sdk';
import {
  type BinaryOperator,
  type Expression,
  ExpressionError,
  type ScriptLanguage,
  type Variable,
} from './script-syntax.ts';

export type Evaluate = (record: ConnectRecord) => unknown;

/** What expressions mean in a language. Values are its own: records' values are turned into them where they are read. */
export interface Semantics {
  readonly language: ScriptLanguage;
  readonly methods: Readonly<Record<string, Method>>;
  readonly operators: Partial<Record<BinaryOperator, (left: unknown, right: unknown) => unknown>>;
  readVariable(record: ConnectRecord, name: Variable): unknown;
  isTrue(value: unknown): boolean;
  negate(value: unknown): unknown;
  readMember(target: unknown, name: string): unknown;
  readIndex(target: unknown, index: unknown): unknown;
  /** Groovy's `=~` and `==~`. */
  compileMatch?(pattern: string, isWhole: boolean): (text: unknown) => boolean;
}

export interface Method {
  readonly minArgs: number;
  readonly maxArgs: number;
  /** `constants` are the arguments that stand in the expression as texts, others are null: what they decide is decided once. */
  prepare(
    constants: readonly (string | null)[],
  ): (target: unknown, args: readonly unknown[]) => unknown;
}

/** ExpressionError for what the language does not have, or what is not supported of it. */
export function compileScript(expression: Expression, semantics: Semantics): Evaluate {
  return new ScriptCompiler(semantics).compile(expression, false);
}

/** In place of a value behind JavaScript's `?.` that found nothing: the rest of the chain is skipped. */
const skipped = Symbol('skipped');

const maxDepth = 1000;

class ScriptCompiler {
  readonly #semantics: Semantics;
  readonly #isGroovy: boolean;
  #depth = 0;

  constructor(semantics: Semantics) {
    this.#semantics = semantics;
    this.#isGroovy = semantics.language === 'Groovy';
  }

  /** With `isTest` only whether the result is true counts. */
  compile(expression: Expression, isTest: boolean): Evaluate {
    return this.#deeper(expression, () => this.#compileKind(expression, isTest));
  }

  /** What is nested here is nested as deep when it is evaluated. */
  #deeper(expression: Expression, compile: () => Evaluate): Evaluate {
    this.#depth += 1;
    if (this.#depth > maxDepth) {
      throw new ExpressionError(`it has more than ${maxDepth} parts in a row`, expression.at);
    }
    const evaluate = compile();
    this.#depth -= 1;
    return evaluate;
  }

  #compileKind(expression: Expression, isTest: boolean): Evaluate {
    switch (expression.kind) {
      case 'literal': {
        const { value, at } = expression;
        if (value instanceof RegExp) {
          throw new ExpressionError(
            'a regular expression is supported as /.../.test(text) only',
            at,
          );
        }
        return () => value;
      }
      case 'variable': {
        const { name } = expression;
        const semantics = this.#semantics;
        return (record) => semantics.readVariable(record, name);
      }
      case 'list': {
        const items = expression.items.map((item) => this.compile(item, false));
        return (record) => items.map((item) => item(record));
      }
      case 'chain':
        return this.#compileChain(expression.inner);
      case 'unary':
        return this.#compileUnary(expression);
      case 'binary':
        return this.#compileBinary(expression, isTest);
      case 'logical':
        return this.#compileLogical(expression);
      case 'conditional': {
        const test = this.compile(expression.test, true);
        const yes = this.compile(expression.yes, isTest);
        const no = this.compile(expression.no, isTest);
        const { isTrue } = this.#semantics;
        return (record) => (isTrue(test(record)) ? yes(record) : no(record));
      }
      default:
        return this.#compileLink(expression);
    }
  }

  #compileChain(inner: Expression): Evaluate {
    const evaluate = this.#compileLink(inner);
    return (record) => {
      const value = evaluate(record);
      return value === skipped ? undefined : value;
    };
  }

  /** One member, index or call; what is before it may be skipped. */
  #compileLink(expression: Expression): Evaluate {
    if (expression.kind !== 'member' && expression.kind !== 'index' && expression.kind !== 'call') {
      return this.compile(expression, false);
    }
    const target = this.#compileTarget(expression);
    const read = this.#compileRead(expression);
    const { isSafe } = expression;
    const nothing = this.#isGroovy ? null : skipped;
    return (record) => {
      const from = target(record);
      if (from === skipped) return skipped;
      if (isSafe && (from === null || from === undefined)) return nothing;
      return read(from, record);
    };
  }

  #compileTarget({ target, ...link }: Expression & { target: Expression }): Evaluate {
    const isRegex = target.kind === 'literal' && target.value instanceof RegExp;
    if (isRegex && link.kind === 'call' && link.name === 'test') return () => target.value;
    return this.#deeper(target, () => this.#compileLink(target));
  }

  #compileRead(
    expression: Extract<Expression, { kind: 'member' | 'index' | 'call' }>,
  ): (target: unknown, record: ConnectRecord) => unknown {
    const { readMember, readIndex } = this.#semantics;
    if (expression.kind === 'member') {
      const { name } = expression;
      return (target) => readMember(target, name);
    }
    if (expression.kind === 'index') {
      const index = this.compile(expression.index, false);
      return (target, record) => readIndex(target, index(record));
    }
    const { name, args, at } = expression;
    const { methods, language } = this.#semantics;
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (method === undefined) {
      throw new ExpressionError(`the method "${name}" is not supported in ${language}`, at);
    }
    if (args.length < method.minArgs || args.length > method.maxArgs) {
      const wanted = [...new Set([method.minArgs, method.maxArgs])].join(' or ');
      throw new ExpressionError(
        `the method "${name}" is supported with ${wanted} arguments, found ${args.length}`,
        at,
      );
    }
    const constants = args.map((arg) =>
      arg.kind === 'literal' && typeof arg.value === 'string' ? arg.value : null,
    );
    const call = atPlace(args[0]?.at ?? at, () => method.prepare(constants));
    const values = args.map((arg) => this.compile(arg, false));
    return (target, record) =>
      call(
        target,
        values.map((value) => value(record)),
      );
  }

  #compileUnary({ operator, operand }: Extract<Expression, { kind: 'unary' }>): Evaluate {
    const value = this.compile(operand, operator === '!');
    const { isTrue, negate } = this.#semantics;
    return operator === '!'
      ? (record) => !isTrue(value(record))
      : (record) => negate(value(record));
  }

  #compileBinary(expression: Extract<Expression, { kind: 'binary' }>, isTest: boolean): Evaluate {
    const { operator, at } = expression;
    const left = this.compile(expression.left, false);
    if (operator === '=~' || operator === '==~') {
      const matches = this.#compilePattern(expression, isTest);
      return (record) => matches(left(record));
    }
    const operate = this.#semantics.operators[operator];
    if (operate === undefined) {
      throw new ExpressionError(
        `"${operator}" is not supported in ${this.#semantics.language}`,
        at,
      );
    }
    const right = this.compile(expression.right, false);
    return (record) => operate(left(record), right(record));
  }

  #compilePattern(
    { operator, right, at }: Extract<Expression, { kind: 'binary' }>,
    isTest: boolean,
  ): (text: unknown) => boolean {
    const isWhole = operator === '==~';
    if (!isWhole && !isTest) {
      throw new ExpressionError(
        '=~ gives a Matcher, which is no Boolean: ==~ asks for the whole text, !! makes a Boolean of it',
        at,
      );
    }
    if (right.kind !== 'literal' || typeof right.value !== 'string') {
      throw new ExpressionError(
        `the pattern behind ${operator} has to stand there as a text`,
        right.at,
      );
    }
    const pattern = right.value;
    const { compileMatch } = this.#semantics;
    if (compileMatch === undefined) throw new ExpressionError(`"${operator}" is not supported`, at);
    return atPlace(right.at, () => compileMatch(pattern, isWhole));
  }

  #compileLogical(expression: Extract<Expression, { kind: 'logical' }>): Evaluate {
    const { operator } = expression;
    const isBoolean = this.#isGroovy && operator !== '?:';
    const left = this.compile(expression.left, isBoolean);
    const right = this.compile(expression.right, isBoolean);
    const { isTrue } = this.#semantics;
    if (isBoolean) {
      return operator === '&&'
        ? (record) => isTrue(left(record)) && isTrue(right(record))
        : (record) => isTrue(left(record)) || isTrue(right(record));
    }
    if (operator === '??') return (record) => left(record) ?? right(record);
    const keepsTrue = operator !== '&&';
    return (record) => {
      const value = left(record);
      return isTrue(value) === keepsTrue ? value : right(record);
    };
  }
}

/** What is wrong with a pattern is said at its place in the expression. */
function atPlace<T>(at: number, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (!JavaPatternError.is(error) && !(error instanceof ExpressionError)) throw error;
    throw new ExpressionError(error.message, at);
  }
}
