import { formatDate } from './java-date-format.ts';
import { parseDate } from './java-date-parse.ts';
import { IllegalArgumentError } from './java-errors.ts';

/**
 * java.text.SimpleDateFormat for UTC and the locale en_US: lenient, and as odd. Texts may go on behind what the pattern describes; years of two digits lie within
 * 80 years before and 20 after the moment the pattern was compiled.
 */
export interface JavaDateFormat {
  readonly pattern: string;
  /** `millis` since 1970; they may go beyond what a Date holds. */
  format(millis: number): string;
  /** Milliseconds since 1970; null when the text does not begin with such a date. */
  parse(text: string): number | null;
}

/** A field of a date, or text that stands for itself. */
export type DatePart =
  | { readonly kind: 'field'; readonly letter: string; readonly count: number }
  | { readonly kind: 'text'; readonly text: string };

/** IllegalArgumentError in Java's words for a letter that means nothing and a quote without end. */
export function compileDatePattern(pattern: string, now: () => number = Date.now): JavaDateFormat {
  const parts = readParts(pattern);
  const compiledAt = now();
  return {
    pattern,
    format: (millis) => formatDate(parts, millis),
    parse: (text) => parseDate(parts, text, compiledAt),
  };
}

const letters = 'GyMdkHmsSEDFwWahKzZYuXL';

function readParts(pattern: string): DatePart[] {
  const parts: DatePart[] = [];
  let at = 0;
  while (at < pattern.length) {
    const char = pattern[at] as string;
    if (char === "'") {
      const { text, next } = readQuoted(pattern, at);
      addText(parts, text);
      at = next;
    } else if (/[A-Za-z]/.test(char)) {
      let end = at + 1;
      while (pattern[end] === char) end += 1;
      parts.push(field(char, end - at));
      at = end;
    } else {
      addText(parts, char);
      at += 1;
    }
  }
  return parts;
}

/** Two quotes are one, within a quoted text and outside. */
function readQuoted(pattern: string, open: number): { text: string; next: number } {
  if (pattern[open + 1] === "'") return { text: "'", next: open + 2 };
  let text = '';
  for (let at = open + 1; at < pattern.length; at++) {
    const char = pattern[at] as string;
    if (char !== "'") text += char;
    else if (pattern[at + 1] !== "'") return { text, next: at + 1 };
    else {
      text += "'";
      at += 1;
    }
  }
  throw new IllegalArgumentError('Unterminated quote');
}

function field(letter: string, count: number): DatePart {
  if (!letters.includes(letter)) {
    throw new IllegalArgumentError(`Illegal pattern character '${letter}'`);
  }
  if (letter === 'X' && count > 3) {
    throw new IllegalArgumentError(`invalid ISO 8601 format: length=${count}`);
  }
  return { kind: 'field', letter, count };
}

function addText(parts: DatePart[], text: string): void {
  const last = parts.at(-1);
  if (last?.kind === 'text') parts[parts.length - 1] = { kind: 'text', text: last.text + text };
  else parts.push({ kind: 'text', text });
}
