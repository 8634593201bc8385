/**
 * Letter case as Java has it: without `(?u)` only ASCII letters have a second case, with it characters are the same when their upper case's lower case is.
 * JavaScript's own flag i would fold more, so classes are written out.
 */

/** `first` to `last` with everything that is the same in another case; a JavaScript class. */
export function rangeInAnyCase(first: number, last: number, isUnicode: boolean): string {
  if (!isUnicode || first !== last) return computeRange(first, last, isUnicode);
  let known = singles.get(first);
  if (known === undefined) {
    known = computeRange(first, last, true);
    if (singles.size < maxSingles) singles.set(first, known);
  }
  return known;
}

/** Characters of Unicode with their other cases, since looking for those takes long. */
const singles = new Map<number, string>();
const maxSingles = 5000;

function computeRange(first: number, last: number, isUnicode: boolean): string {
  const parts = [range(first, last)];
  for (const { point, folded } of isUnicode ? unicodeCases() : asciiCases) {
    const isOther = point < first || point > last;
    if (isOther && folded.some((other) => isFound(other, first, last)))
      parts.push(escapePoint(point));
  }
  return `[${parts.join('')}]`;

  function isFound(other: number, from: number, to: number): boolean {
    if (other >= from && other <= to) return true;
    // A single character is compared by its folded form.
    return isUnicode && from === to && other === fold(from);
  }
}

export function range(first: number, last: number): string {
  return first === last ? escapePoint(first) : `${escapePoint(first)}-${escapePoint(last)}`;
}

export function escapePoint(point: number): string {
  const isPlain = (point >= 0x30 && point <= 0x39) || isLetter(point);
  return isPlain ? String.fromCharCode(point) : `\\u{${point.toString(16)}}`;
}

interface CaseVariant {
  readonly point: number;
  /** Where Java looks for the character in a range: its upper case, and that one's lower case. */
  readonly folded: readonly number[];
}

const asciiCases: readonly CaseVariant[] = Array.from({ length: 26 }, (_, letter) => [
  { point: 0x41 + letter, folded: [0x61 + letter] },
  { point: 0x61 + letter, folded: [0x41 + letter] },
]).flat();

let cachedCases: readonly CaseVariant[] | null = null;

function unicodeCases(): readonly CaseVariant[] {
  if (cachedCases === null) {
    const found: CaseVariant[] = [];
    for (let point = 0; point < 0x1e944; point++) {
      const upper = toUpper(point);
      const lower = toLower(upper);
      if (upper !== point || lower !== point) found.push({ point, folded: [upper, lower] });
    }
    cachedCases = found;
  }
  return cachedCases;
}

function fold(point: number): number {
  return toLower(toUpper(point));
}

/** Character.toUpperCase: one character for one. */
function toUpper(point: number): number {
  return single(String.fromCodePoint(point).toUpperCase()) ?? point;
}

function toLower(point: number): number {
  // The only letter whose lower case is longer in JavaScript.
  if (point === 0x130) return 0x69;
  return single(String.fromCodePoint(point).toLowerCase()) ?? point;
}

function single(text: string): number | null {
  const point = text.codePointAt(0) as number;
  return String.fromCodePoint(point).length === text.length ? point : null;
}

function isLetter(point: number): boolean {
  return (point >= 0x41 && point <= 0x5a) || (point >= 0x61 && point <= 0x7a);
}
