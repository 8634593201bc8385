import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileJavaPattern } from './java-regex.ts';
import { JavaPatternError } from './java-regex-error.ts';

interface GoldenCase {
  pattern: string;
  /** Java's text, when it refuses the pattern. */
  error?: string;
  matches?: string[];
  /** Text -> text with the first part replaced; a list of texts where the replacement fails. */
  found?: Record<string, string> | string[];
  replacementError?: string;
}

const golden = JSON.parse(
  readFileSync(new URL('golden/java-regex.json', import.meta.url), 'utf8'),
) as { texts: string[]; cases: GoldenCase[] };

const untranslatable = /cannot be translated/;

/** Null when the pattern has no equal in JavaScript. */
function compileOrRefuse(pattern: string): ReturnType<typeof compileJavaPattern> | null {
  try {
    return compileJavaPattern(pattern);
  } catch (error) {
    if (JavaPatternError.is(error) && untranslatable.test(error.message)) return null;
    throw error;
  }
}

describe('patterns that ran in Java', () => {
  it.each(golden.cases.filter((one) => one.error !== undefined))(
    "refuses $pattern with Java's text",
    ({ pattern, error }) => {
      expect(() => compileJavaPattern(pattern)).toThrow(
        // The few that are refused here for another reason say so.
        expect.objectContaining({
          message: untranslatable.test(messageOf(pattern)) ? messageOf(pattern) : error,
        }),
      );
    },
  );

  it.each(golden.cases.filter((one) => one.error === undefined))(
    'matches, finds and replaces with $pattern as Java does, or refuses it',
    (one) => {
      const pattern = compileOrRefuse(one.pattern);
      if (pattern === null) return;
      expect(golden.texts.filter((text) => pattern.matches(text))).toEqual(one.matches);
      expect(golden.texts.filter((text) => pattern.isFoundIn(text)).sort()).toEqual(
        foundTexts(one).sort(),
      );
      const replacement = one.pattern.includes('(') ? '<$1>' : '<$0>';
      for (const text of foundTexts(one)) {
        const replaced = attempt(() => pattern.replaceFirst(text, replacement));
        if (!untranslatable.test(replaced)) expect(replaced).toBe(replacedText(one, text));
      }
    },
  );

  it('translates nearly all of them', () => {
    const valid = golden.cases.filter((one) => one.error === undefined);
    const refused = valid.filter((one) => compileOrRefuse(one.pattern) === null);
    expect(valid.length).toBeGreaterThan(150);
    expect(refused.map((one) => one.pattern)).toEqual([
      '[a&&]',
      '\\G',
      '\\X',
      '\\1(a)',
      '(?:(a)|b)\\1',
      '\\p{InGreek}',
      '\\p{block=Greek}',
      '\\N{DIGIT ONE}',
      '\\b{g}',
      '(?c)a',
    ]);
  });
});

function messageOf(pattern: string): string {
  return attempt(() => compileJavaPattern(pattern).pattern);
}

function attempt(action: () => string): string {
  try {
    return action();
  } catch (error) {
    const { javaName = '', message } = error as { javaName?: string; message: string };
    return `${javaName.split('.').at(-1)}: ${message}`.replace(/^PatternSyntaxException: /, '');
  }
}

function foundTexts(one: GoldenCase): string[] {
  return Array.isArray(one.found) ? [...one.found] : Object.keys(one.found ?? {});
}

function replacedText(one: GoldenCase, text: string): string | undefined {
  return Array.isArray(one.found) ? one.replacementError : one.found?.[text];
}

describe('what cannot be translated', () => {
  it.each([
    ['x\\X', 1],
    ['(?:(a)|b)\\1', 9],
    ['(?i)(a)\\1', 7],
    ['(?<=(?>a))b', 4],
  ])('is refused with its place: %s', (pattern, index) => {
    expect(() => compileJavaPattern(pattern)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(untranslatable), index }),
    );
  });

  it('refuses to put in a group whose content JavaScript forgets', () => {
    const pattern = compileJavaPattern('(?:x(y)?)+');
    expect(pattern.matches('xyx')).toBe(true);
    expect(() => pattern.replaceFirst('xyx', '$1')).toThrow(untranslatable);
    expect(() => pattern.checkReplacement('$1')).toThrow(untranslatable);
    expect(() => pattern.checkReplacement('$0 $9')).not.toThrow();
    expect(pattern.replaceFirst('xyx', '$0!')).toBe('xyx!');
  });
});

describe('replacements', () => {
  const pattern = compileJavaPattern('(?<a>\\w)(\\w)');

  it.each([
    ['$2$1', 'ba'],
    ['${a}\\$\\\\', 'a$\\'],
    ['$10', 'a0'],
    ['$0$0', 'abab'],
  ])('read %s as Java does', (replacement, expected) => {
    expect(pattern.replaceFirst('ab', replacement)).toBe(expected);
  });

  it.each([
    ['$3', 'IndexOutOfBoundsException: No group 3'],
    ['${b}', 'IllegalArgumentException: No group with name {b}'],
    ['${1}', 'IllegalArgumentException: capturing group name {1} starts with digit character'],
    ['${a', "IllegalArgumentException: named capturing group is missing trailing '}'"],
    ['$', 'IllegalArgumentException: Illegal group reference: group index is missing'],
    ['$x', 'IllegalArgumentException: Illegal group reference'],
    ['a\\', 'IllegalArgumentException: character to be escaped is missing'],
  ])('refuse %s with the text of Java', (replacement, expected) => {
    expect(attempt(() => pattern.replaceFirst('ab', replacement))).toBe(expected);
    expect(pattern.replaceFirst('-', replacement)).toBe('-');
  });
});

// Java finds none of these.
it.each([
  ['(?:a*+)+a', 'a'],
  ['(?:a*+)+a', 'aaa'],
  ['(?:\\w?+)+[^a]', 'B'],
  ['(?:a?+){2}a', 'aa'],
])('makes every round of a possessive repetition: %s on %s', (pattern, text) => {
  expect(compileJavaPattern(pattern).matches(text)).toBe(false);
});

it.each(['\\b', '\\B', '(?m)^', '(?m)$', '\\ba?', '\\Z'])(
  'takes many of %s in a row in its stride',
  (part) => {
    const start = cpuMillis();
    compileJavaPattern(part.repeat(20)).matches('aaaaaaaaaaaaaaaaaaaa');
    expect(cpuMillis() - start).toBeLessThan(10_000);
  },
);

it.each([
  ['(?:a?){32768}aa+', 'aa aae', true],
  ['(?:a?|b){2,900}c', 'abbac', true],
  ['(?:(?:a?){90}){90}b', 'aaac', false],
  ['(?:a*){3}?b', 'aab', true],
])('makes no rounds of %s that match nothing', (pattern, text, isFound) => {
  const start = cpuMillis();
  expect(compileJavaPattern(pattern).isFoundIn(text)).toBe(isFound);
  expect(cpuMillis() - start).toBeLessThan(1000);
});

it.each(['(a?){21}', '(?:\\b|a){30}', '(?:(?:(?=a)a?){5}){5}'])(
  'refuses more such rounds than can be tried where they count: %s',
  (pattern) => {
    expect(attempt(() => compileJavaPattern(pattern).pattern)).toContain(
      'rounds that may match nothing',
    );
    const fewer = pattern.replace(/\{\d+\}/g, '{3}');
    expect(compileJavaPattern(fewer).matches('aaa')).toBe(true);
  },
);

it('refuses what would take V8 long to compile', () => {
  const start = cpuMillis();
  expect(attempt(() => compileJavaPattern(':\\b?'.repeat(1000)).pattern)).toContain('at most 400');
  expect(attempt(() => compileJavaPattern('\\p{L}'.repeat(5000)).pattern)).toContain('at most');
  expect(cpuMillis() - start).toBeLessThan(1000);
});

it('answers any text that is no pattern with a pattern error, and quickly', () => {
  const special = fc.constantFrom(...'(){}[]^$.|*+?\\abdpQEux&-<>=!:i,19\n# é😀');
  fc.assert(
    fc.property(fc.array(special, { maxLength: 40 }), (chars) => {
      const start = cpuMillis();
      try {
        compileJavaPattern(chars.join(''));
      } catch (error) {
        expect(JavaPatternError.is(error)).toBe(true);
      }
      expect(cpuMillis() - start).toBeLessThan(100);
    }),
    { numRuns: 3000, seed: 1 },
  );
});

/** Of this thread: what others do on the machine does not count. */
function cpuMillis(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
