import { ConfigError } from './errors.ts';
import { emitRegex } from './java-regex-emit.ts';
import { JavaPatternError } from './java-regex-error.ts';
import { parseJavaRegex } from './java-regex-parser.ts';
import { parseReplacement, type ReplacementPart } from './java-regex-replacement.ts';
import { type Validator, validator } from './validators.ts';

/**
 * A Java regular expression, translated to JavaScript. What it accepts, finds and captures is what Java does; where that cannot be, it was refused.
 * Source: java.util.regex.Pattern and Matcher.
 */
export interface JavaPattern {
  readonly pattern: string;
  /** As `matches`, for those who want a RegExp. */
  readonly whole: RegExp;
  /** The whole text is of that form: Matcher.matches. */
  matches(text: string): boolean;
  /** Somewhere in the text: Matcher.find. */
  isFoundIn(text: string): boolean;
  /** JavaPatternError for a replacement that has no equal here. What Java refuses it refuses when there is something to replace, and so do the following. */
  checkReplacement(replacement: string): void;
  /** The first part of that form, then what its groups hold: null for one that took no part. Null when nothing is found. */
  findGroups(text: string): (string | null)[] | null;
  /** The first part of that form replaced; `$1`, `${name}` and `\` count. Errors about groups as Java throws them, when there is something to replace. */
  replaceFirst(text: string, replacement: string): string;
  replaceAll(text: string, replacement: string): string;
}

/** JavaPatternError with the place, in Java's words where Java refuses the pattern, too. */
export function compileJavaPattern(pattern: string): JavaPattern {
  const parsed = parseJavaRegex(pattern);
  const emitted = emitRegex(pattern, parsed);
  requireFewProperties(pattern, emitted.source);
  const whole = toRegExp(pattern, `^(?:${emitted.source})$`, 'v');
  const part = toRegExp(pattern, emitted.source, 'v');
  const everyPart = new RegExp(part.source, 'gv');

  const replace = (regex: RegExp, text: string, replacement: string): string => {
    let parts: readonly ReplacementPart[] | null = null;
    return text.replace(regex, (...found: unknown[]) => {
      parts ??= checkedParts(replacement);
      return parts
        .map((each) => (typeof each === 'string' ? each : groupText(found, each)))
        .join('');
    });
  };
  const groupText = (found: readonly unknown[], group: number): string =>
    (found[emitted.groupIndexes[group] as number] as string | undefined) ?? '';
  const checkedParts = (replacement: string): ReplacementPart[] => {
    const parts = parseReplacement(replacement, parsed.groupCount, parsed.groupNames);
    for (const group of parts) {
      if (typeof group === 'number') requireReliable(group);
    }
    return parts;
  };
  const requireReliable = (group: number): void => {
    if (!emitted.unreliableGroups.has(group)) return;
    throw new JavaPatternError(
      `Group ${group} is repeated and may be skipped: what it holds cannot be translated`,
      pattern,
      -1,
    );
  };
  const requireCertainPart = (): void => {
    if (!emitted.isPartUncertain) return;
    throw new JavaPatternError(
      'A repetition that may match nothing: which part of a text it takes cannot be translated',
      pattern,
      -1,
    );
  };
  return {
    pattern,
    whole,
    matches: (text) => whole.test(text),
    isFoundIn: (text) => part.test(text),
    checkReplacement(replacement) {
      requireCertainPart();
      try {
        checkedParts(replacement);
      } catch (error) {
        if (JavaPatternError.is(error)) throw error;
      }
    },
    findGroups(text) {
      requireCertainPart();
      for (const group of emitted.unreliableGroups) requireReliable(group);
      const found = part.exec(text);
      return found && emitted.groupIndexes.map((index) => found[index] ?? null);
    },
    replaceFirst(text, replacement) {
      requireCertainPart();
      return replace(part, text, replacement);
    },
    replaceAll(text, replacement) {
      requireCertainPart();
      return replace(everyPart, text, replacement);
    },
  };
}

/** For config keys that take a Java regular expression. Source: Kafka Connect `RegexValidator`. */
export function validJavaPattern(): Validator {
  return validator('valid regex', (name, value) => {
    if (value === null) throw new ConfigError(name, value, 'Invalid regex: null');
    try {
      compileJavaPattern(value as string);
    } catch (error) {
      if (!JavaPatternError.is(error)) throw error;
      throw new ConfigError(name, value, `Invalid regex: ${error.message}`);
    }
  });
}

/** Each of them costs V8 a fraction of a millisecond, and a word boundary has 18. */
const maxProperties = 400;

function requireFewProperties(pattern: string, source: string): void {
  const count = source.match(/\\[pP]\{/g)?.length ?? 0;
  if (count > maxProperties) {
    throw new JavaPatternError(
      `The pattern cannot be translated: it comes to ${count} classes of Unicode, at most ${maxProperties} can be`,
      pattern,
      -1,
    );
  }
}

/** What JavaScript refuses all the same is said of the pattern as a whole. */
function toRegExp(pattern: string, source: string, flags: string): RegExp {
  try {
    const regex = new RegExp(source, flags);
    // Compiled on first use only; then it may be found too large.
    regex.test('');
    return regex;
  } catch (error) {
    throw new JavaPatternError(
      `The pattern cannot be translated (${(error as Error).message})`,
      pattern,
      -1,
    );
  }
}
