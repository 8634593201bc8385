/** Java's names of character properties as JavaScript classes (flag v). Null: Java does not know the name either, or it has no equal. */

const posix: Readonly<Record<string, string>> = {
  ASCII: String.raw`[\u{0}-\u{7f}]`,
  Alnum: '[0-9A-Za-z]',
  Alpha: '[A-Za-z]',
  Blank: String.raw`[\u{9}\u{20}]`,
  Cntrl: String.raw`[\u{0}-\u{1f}\u{7f}]`,
  Digit: '[0-9]',
  Graph: String.raw`[\u{21}-\u{7e}]`,
  Lower: '[a-z]',
  Print: String.raw`[\u{20}-\u{7e}]`,
  Punct: String.raw`[\u{21}-\u{2f}\u{3a}-\u{40}\u{5b}-\u{60}\u{7b}-\u{7e}]`,
  Space: String.raw`[\u{9}-\u{d}\u{20}]`,
  Upper: '[A-Z]',
  XDigit: '[0-9A-Fa-f]',
};

const categories =
  'Cn Lu Ll Lt Lm Lo Mn Me Mc Nd Nl No Zs Zl Zp Cc Cf Co Cs Pd Ps Pe Pc Po Sm Sc Sk So Pi Pf L M N Z C P S'.split(
    ' ',
  );

const special: Readonly<Record<string, string>> = {
  LC: String.raw`[\p{Lu}\p{Ll}\p{Lt}]`,
  LD: String.raw`[\p{L}\p{Nd}]`,
  L1: String.raw`[\u{0}-\u{ff}]`,
  all: String.raw`[\u{0}-\u{10ffff}]`,
  javaLowerCase: String.raw`[\p{Lowercase}]`,
  javaUpperCase: String.raw`[\p{Uppercase}]`,
  javaAlphabetic: String.raw`[\p{Alphabetic}]`,
  javaIdeographic: String.raw`[\p{Ideographic}]`,
  javaTitleCase: String.raw`[\p{Lt}]`,
  javaDigit: String.raw`[\p{Nd}]`,
  javaDefined: String.raw`[\P{Cn}]`,
  javaLetter: String.raw`[\p{L}]`,
  javaLetterOrDigit: String.raw`[\p{L}\p{Nd}]`,
  javaSpaceChar: String.raw`[\p{Z}]`,
  javaWhitespace: String.raw`[[\p{Z}\u{9}-\u{d}\u{1c}-\u{1f}]--[\u{a0}\u{2007}\u{202f}]]`,
  javaISOControl: String.raw`[\u{0}-\u{1f}\u{7f}-\u{9f}]`,
  javaMirrored: String.raw`[\p{Bidi_Mirrored}]`,
};

/** Of `(?U)` and of `\p{Is…}`. */
const unicode: Readonly<Record<string, string>> = {
  ALPHABETIC: String.raw`[\p{Alphabetic}]`,
  ASSIGNED: String.raw`[\P{Cn}]`,
  CONTROL: String.raw`[\p{Cc}]`,
  HEXDIGIT: String.raw`[\p{Nd}\p{Hex_Digit}]`,
  HEX_DIGIT: String.raw`[\p{Nd}\p{Hex_Digit}]`,
  IDEOGRAPHIC: String.raw`[\p{Ideographic}]`,
  JOINCONTROL: String.raw`[\u{200c}\u{200d}]`,
  JOIN_CONTROL: String.raw`[\u{200c}\u{200d}]`,
  LETTER: String.raw`[\p{L}]`,
  LOWERCASE: String.raw`[\p{Lowercase}]`,
  NONCHARACTERCODEPOINT: String.raw`[\p{Noncharacter_Code_Point}]`,
  NONCHARACTER_CODE_POINT: String.raw`[\p{Noncharacter_Code_Point}]`,
  TITLECASE: String.raw`[\p{Lt}]`,
  PUNCTUATION: String.raw`[\p{P}]`,
  UPPERCASE: String.raw`[\p{Uppercase}]`,
  WHITESPACE: String.raw`[\p{White_Space}]`,
  WHITE_SPACE: String.raw`[\p{White_Space}]`,
  WORD: String.raw`[\p{Alphabetic}\p{Mn}\p{Me}\p{Mc}\p{Nd}\p{Pc}\u{200c}\u{200d}]`,
};

const unicodePosix: Readonly<Record<string, string>> = {
  ALPHA: unicode['ALPHABETIC'] as string,
  LOWER: unicode['LOWERCASE'] as string,
  UPPER: unicode['UPPERCASE'] as string,
  SPACE: unicode['WHITE_SPACE'] as string,
  PUNCT: unicode['PUNCTUATION'] as string,
  XDIGIT: unicode['HEX_DIGIT'] as string,
  ALNUM: String.raw`[\p{Alphabetic}\p{Nd}]`,
  CNTRL: unicode['CONTROL'] as string,
  DIGIT: String.raw`[\p{Nd}]`,
  BLANK: String.raw`[\p{Zs}\u{9}]`,
  GRAPH: String.raw`[^\p{Zs}\p{Zl}\p{Zp}\p{Cc}\p{Cs}\p{Cn}]`,
  PRINT: String.raw`[[[^\p{Zs}\p{Zl}\p{Zp}\p{Cc}\p{Cs}\p{Cn}]\p{Zs}]--[\p{Cc}]]`,
};

const anyCase = String.raw`[\p{Lowercase}\p{Uppercase}\p{Lt}]`;
const caseNames = new Set([
  'Lu',
  'Ll',
  'Lt',
  'LOWERCASE',
  'UPPERCASE',
  'TITLECASE',
  'LOWER',
  'UPPER',
]);

/** `\p{name}`. */
export function namedProperty(name: string, ignoresCase: boolean): string | null {
  if (ignoresCase && caseNames.has(name)) return String.raw`[\p{Lu}\p{Ll}\p{Lt}]`;
  if (ignoresCase && (name === 'Lower' || name === 'Upper')) return posix['Alpha'] as string;
  if (ignoresCase && /^java(Lower|Upper|Title)Case$/.test(name)) return anyCase;
  if (categories.includes(name)) return `[\\p{${name}}]`;
  return own(posix, name) ?? own(special, name);
}

/** `\p{IsName}` in any letter case. */
export function unicodeProperty(name: string, ignoresCase: boolean): string | null {
  const upper = name.toUpperCase();
  if (ignoresCase && caseNames.has(upper)) return anyCase;
  return own(unicode, upper) ?? unicodePosixProperty(name, ignoresCase);
}

export function unicodePosixProperty(name: string, ignoresCase: boolean): string | null {
  const upper = name.toUpperCase();
  if (ignoresCase && caseNames.has(upper)) return anyCase;
  return own(unicodePosix, upper);
}

/** Java takes script names in any letter case, JavaScript as they are written. */
export function scriptProperty(name: string): string | null {
  const written = name
    .toLowerCase()
    .replace(
      /(^|_)([a-z])/g,
      (_all, before: string, letter: string) => before + letter.toUpperCase(),
    );
  if (!/^[A-Za-z_]+$/.test(written)) return null;
  try {
    new RegExp(`\\p{Script=${written}}`, 'v');
    return `[\\p{Script=${written}}]`;
  } catch {
    return null;
  }
}

function own(table: Readonly<Record<string, string>>, name: string): string | null {
  return Object.hasOwn(table, name) ? (table[name] as string) : null;
}
