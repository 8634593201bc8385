import {
  compileDatePattern,
  compileJavaPattern,
  IllegalArgumentError,
  IndexOutOfBoundsError,
  type JavaDateFormat,
  JavaPatternError,
} from '@tributary/sdk';
import { answerOf, type FuzzTarget, PropertyError } from './fuzz-target.ts';

/** Lines: a pattern, a replacement, a short text. What Java takes is translated or refused, in time that does not hang on the pattern's nesting. */
const regex: FuzzTarget = {
  name: 'java-regex',
  run(input) {
    const [pattern = '', replacement = '', text = ''] = input.split('\n');
    // Nested repetitions, as in `(a+)+b`, take time that doubles with each character here, where Java remembers what it tried: a known gap, see docs/transforms.md.
    const short = text.slice(0, 6);
    try {
      const compiled = compileJavaPattern(pattern);
      const found = compiled.findGroups(short);
      if (compiled.matches(short) && !compiled.isFoundIn(short)) {
        throw new PropertyError('Matches as a whole, and is not found');
      }
      compiled.replaceFirst(short, replacement);
      compiled.replaceAll(short, replacement);
      return `${compiled.whole.source.replace(/\w+/g, '').slice(0, 24)} ${found?.length}`;
    } catch (error) {
      if (documented.some((kind) => kind.is(error))) return answerOf(error as Error);
      throw error;
    }
  },
};

const documented = [JavaPatternError, IllegalArgumentError, IndexOutOfBoundsError];

/** Lines: a pattern, a text. Every instant has a text that begins with a date of that pattern. */
const date: FuzzTarget = {
  name: 'java-date',
  run(input) {
    const [pattern = '', ...lines] = input.split('\n');
    let format: JavaDateFormat;
    try {
      format = compileDatePattern(pattern, () => 1_700_000_000_000);
    } catch (error) {
      if (IllegalArgumentError.is(error)) return answerOf(error);
      throw error;
    }
    for (const millis of instants) format.parse(format.format(millis));
    const parsed = format.parse(lines.join('\n'));
    return `${pattern.replace(/(.)\1+/g, '$1').slice(0, 6)} ${parsed === null}`;
  },
};

const instants = [0, -1, 1_582_934_400_123, -62_135_769_600_000, 8.64e15, -8.64e15, 9.2e18];

export const patternTargets: readonly FuzzTarget[] = [regex, date];
