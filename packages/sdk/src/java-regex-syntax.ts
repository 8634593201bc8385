/** What a Java regular expression consists of. (no I/O) */

export type RegexNode =
  /** One code point of a set, written as a JavaScript class (flag v). */
  | { readonly kind: 'set'; readonly source: string }
  /** A place in the text, written as JavaScript. */
  | { readonly kind: 'place'; readonly source: string }
  /** `\R`: one or two characters. */
  | { readonly kind: 'lineBreak' }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly RegexNode[] }
  | {
      readonly kind: 'group';
      readonly body: RegexNode;
      /** Number of the capturing group; null when it captures nothing. */
      readonly number: number | null;
      readonly isAtomic: boolean;
      readonly at: number;
    }
  | {
      readonly kind: 'look';
      readonly body: RegexNode;
      readonly isBehind: boolean;
      readonly isNegative: boolean;
    }
  | {
      readonly kind: 'repeat';
      readonly body: RegexNode;
      readonly min: number;
      /** Infinity: no end. */
      readonly max: number;
      readonly mode: 'greedy' | 'lazy' | 'possessive';
      readonly at: number;
    }
  | { readonly kind: 'reference'; readonly number: number; readonly at: number };

export interface ParsedPattern {
  readonly root: RegexNode;
  readonly groupCount: number;
  readonly groupNames: ReadonlyMap<string, number>;
}

/** `(?idmsuxU)`. */
export interface RegexFlags {
  ignoresCase: boolean;
  isUnixLines: boolean;
  isMultiline: boolean;
  isDotAll: boolean;
  isUnicodeCase: boolean;
  hasComments: boolean;
  hasUnicodeClasses: boolean;
}

/** Fewest code points that a node takes. */
export function minLength(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
    case 'lineBreak':
      return 1;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + minLength(item), 0);
    case 'choice':
      return Math.min(...node.branches.map(minLength));
    case 'group':
      return minLength(node.body);
    case 'repeat':
      return node.min === 0 ? 0 : node.min * minLength(node.body);
    case 'place':
    case 'look':
    case 'reference':
      return 0;
  }
}

/** As long as Java thinks a look-behind can be, in characters; null when it sees no end. A single class repeated without end counts as 2^31-1. */
export function longestLookBehind(node: RegexNode): number | null {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'lineBreak':
      return 2;
    case 'place':
    case 'look':
      return 0;
    case 'reference':
      return null;
    case 'group':
      return longestLookBehind(node.body);
    case 'sequence':
    case 'choice': {
      const isChoice = node.kind === 'choice';
      let total = 0;
      for (const part of isChoice ? node.branches : node.items) {
        const length = longestLookBehind(part);
        if (length === null) return null;
        total = isChoice ? Math.max(total, length) : total + length;
      }
      return total;
    }
    case 'repeat':
      return longestRepeat(node);
  }
}

function longestRepeat(node: Extract<RegexNode, { kind: 'repeat' }>): number | null {
  const { body, min, max, mode } = node;
  if (max === Number.POSITIVE_INFINITY) {
    const isSimple = body.kind === 'set' && mode === 'greedy' && min < 2;
    return isSimple ? 0x7fffffff : null;
  }
  const length = longestLookBehind(body);
  if (length === null || (min === 0 && max === 1)) return length;
  const isLoop = body.kind === 'group' && mode !== 'possessive' && !isDeterministic(body);
  return isLoop ? null : length * max;
}

function isDeterministic(node: RegexNode): boolean {
  switch (node.kind) {
    case 'sequence':
      return node.items.every(isDeterministic);
    case 'choice':
      return node.branches.length < 2 && node.branches.every(isDeterministic);
    case 'group':
      return isDeterministic(node.body);
    case 'repeat':
      return node.min === node.max && isDeterministic(node.body);
    default:
      return true;
  }
}
