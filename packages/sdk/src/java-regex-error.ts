import { ConnectError } from './errors.ts';

/**
 * A regular expression that Java refuses, in Java's words, or one that has no equal in JavaScript.
 * The text shows the pattern and the place. Source: java.util.regex.PatternSyntaxException.
 */
export class JavaPatternError extends ConnectError {
  static override readonly kind: string = 'JavaPatternError';
  static override readonly javaName: string = 'java.util.regex.PatternSyntaxException';
  /** In UTF-16 units; below 0 when there is no place to show. */
  readonly index: number;

  constructor(description: string, pattern: string, index: number) {
    super(messageOf(description, pattern, index), { code: 'TRB_JAVA_PATTERN' });
    this.index = index;
  }
}

function messageOf(description: string, pattern: string, index: number): string {
  const place = index >= 0 ? ` near index ${index}` : '';
  const text = `${description}${place}\n${pattern}`;
  if (index < 0 || index >= pattern.length) return text;
  const indent = pattern.slice(0, index).replace(/[^\t]/g, ' ');
  return `${text}\n${indent}^`;
}
