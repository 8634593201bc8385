import { ConfigError, compileJavaPattern, JavaPatternError } from '@tributary/sdk';
import { perText } from './per-text.ts';

/** Topic -> new topic; null when the whole topic does not match. ConfigError, by the name of its key, for a replacement that cannot be translated. */
export function topicRenamer(
  regex: string,
  replacement: string,
  replacementKey: string,
): (topic: string) => string | null {
  const pattern = compileJavaPattern(regex);
  try {
    pattern.checkReplacement(replacement);
  } catch (error) {
    if (!JavaPatternError.is(error)) throw error;
    throw new ConfigError(replacementKey, replacement, error.message, { cause: error });
  }
  return perText((topic) =>
    pattern.matches(topic) ? pattern.replaceFirst(topic, replacement) : null,
  );
}
