/** An expression of a script as it was parsed: what Groovy and JavaScript have in common, and a little of each. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: unknown; readonly at: number }
  | { readonly kind: 'variable'; readonly name: Variable; readonly at: number }
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly at: number }
  | {
      readonly kind: 'member';
      readonly target: Expression;
      readonly name: string;
      readonly isSafe: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'index';
      readonly target: Expression;
      readonly index: Expression;
      readonly isSafe: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'call';
      readonly target: Expression;
      readonly name: string;
      readonly args: readonly Expression[];
      readonly isSafe: boolean;
      readonly at: number;
    }
  /** Members, indexes and calls in a row: with JavaScript's `?.` all of them are skipped at once. */
  | { readonly kind: 'chain'; readonly inner: Expression; readonly at: number }
  | {
      readonly kind: 'unary';
      readonly operator: '!' | '-';
      readonly operand: Expression;
      readonly at: number;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    }
  | {
      readonly kind: 'logical';
      readonly operator: LogicalOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    }
  | {
      readonly kind: 'conditional';
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression;
      readonly at: number;
    };

export type BinaryOperator =
  | '=='
  | '!='
  | '==='
  | '!=='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | 'in'
  | '!in'
  | '=~'
  | '==~';

/** `?:` is Groovy's, `??` JavaScript's. */
export type LogicalOperator = '&&' | '||' | '?:' | '??';

export const variables = ['key', 'value', 'keySchema', 'valueSchema', 'topic', 'header'] as const;
export type Variable = (typeof variables)[number];

/** What the two languages do not have in common, as far as reading goes. */
export type ScriptLanguage = 'Groovy' | 'JavaScript';

/** Something in an expression that is not understood, or that could mean something else here. */
export class ExpressionError extends Error {
  /** Of the first character that is not understood, from 0. */
  readonly at: number;

  constructor(reason: string, at: number) {
    super(reason);
    this.name = 'ExpressionError';
    this.at = at;
  }
}
