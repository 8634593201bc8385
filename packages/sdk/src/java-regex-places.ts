import type { RegexFlags } from './java-regex-syntax.ts';

/**
 * Places in a text: Java's anchors and word boundaries, written with what JavaScript has. Alternatives stand within a look-ahead, which is never entered again:
 * otherwise many places in a row would take exponential time.
 */

/** Without the flag m these are the very ends; a look-around would also match within a surrogate pair. */
export const textStart = '^';
export const textEnd = '$';

const lineEnds = String.raw`[\u{a}\u{d}\u{85}\u{2028}\u{2029}]`;

/** `^`: with `(?m)` behind every line end that has text behind it. */
export function caret({ isMultiline, isUnixLines }: RegexFlags): string {
  if (!isMultiline) return textStart;
  const isAfterLineEnd = isUnixLines
    ? String.raw`(?<=\u{a})`
    : String.raw`(?<=${lineEnds})(?!(?<=\u{d})\u{a})`;
  return `(?=(?!${textEnd})(?:${textStart}|${isAfterLineEnd}))`;
}

/** `$`: at the end and before a line end that closes the text, with `(?m)` before every line end. */
export function dollar({ isMultiline, isUnixLines }: RegexFlags): string {
  const lineEnd = isUnixLines
    ? String.raw`\u{a}`
    : String.raw`(?:\u{d}\u{a}|(?<!\u{d})\u{a}|[\u{d}\u{85}\u{2028}\u{2029}])`;
  return isMultiline ? `(?=${lineEnd}|${textEnd})` : `(?=${lineEnd}?${textEnd})`;
}

/** `\b`. Letters and digits of all scripts make words, and marks that belong to them. */
export function boundary(flags: RegexFlags): string {
  const { before, after } = wordEdges(flags);
  return `(?=${before}(?!${after})|(?!${before})${after})`;
}

export function notBoundary(flags: RegexFlags): string {
  const { before, after } = wordEdges(flags);
  return `(?=${before}${after}|(?!${before})(?!${after}))`;
}

function wordEdges({ hasUnicodeClasses }: RegexFlags): { before: string; after: string } {
  if (hasUnicodeClasses) {
    const word = String.raw`[\p{Alphabetic}\p{Mn}\p{Me}\p{Mc}\p{Nd}\p{Pc}\u{200c}\u{200d}]`;
    return { before: `(?<=${word})`, after: `(?=${word})` };
  }
  const letter = String.raw`[\p{L}\p{Nd}]`;
  return {
    before: String.raw`(?<=_|${letter}\p{Mn}*)`,
    after: String.raw`(?:(?=_|${letter})|(?<=${letter}\p{Mn}*)(?=\p{Mn}))`,
  };
}
