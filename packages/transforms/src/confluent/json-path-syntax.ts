/** A JSON path with predicates, as far as it is understood here. (no I/O) */

export type PathStep =
  | { readonly kind: 'child'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly condition: Condition };

export type Condition =
  | { readonly kind: 'or' | 'and'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'exists'; readonly operand: Operand }
  | {
      readonly kind: 'compare';
      readonly operator: Operator;
      readonly left: Operand;
      readonly right: Operand;
    };

export const operators = ['==', '!=', '<=', '>=', '=~', '<', '>', 'nin', 'in'] as const;
export type Operator = (typeof operators)[number];

export type Operand =
  | { readonly kind: 'path'; readonly isRoot: boolean; readonly steps: readonly PathStep[] }
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'pattern'; readonly regex: RegExp };
