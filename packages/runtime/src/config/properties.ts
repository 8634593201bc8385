import { ConfigError, IllegalArgumentError } from '@tributary/sdk';

/**
 * The entries of a Java properties file; of a key given twice the last counts. Bytes are ISO-8859-1, other characters come as `\uXXXX`.
 * Blanks behind a value belong to it. Throws an IllegalArgumentError for a broken `\u`; its cause names the line.
 * Source: `java.util.Properties.load(InputStream)`.
 */
export function parseProperties(bytes: Uint8Array): Record<string, string> {
  return parsePropertiesText(Buffer.from(bytes).toString('latin1'));
}

/** As `parseProperties`, of text that is decoded already. Source: `java.util.Properties.load(Reader)`. */
export function parsePropertiesText(text: string): Record<string, string> {
  const entries = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const { key, value } = splitEntry(line.text);
    entries.set(unescape(key, line.number), unescape(value, line.number));
  }
  return Object.fromEntries(entries);
}

interface LogicalLine {
  readonly text: string;
  /** Of its first natural line, from 1. */
  readonly number: number;
}

const leadingBlanks = /^[ \t\f]+/;

/** Comments and blank lines left out, continued lines joined. A comment sign at the start of a continuation is text once something stands before it. */
function* logicalLines(text: string): Generator<LogicalLine> {
  let begun: LogicalLine | null = null;
  const naturalLines = text.replace(/[\r\n]$/, '').split(/\r\n|\r|\n/);
  for (const [index, natural] of naturalLines.entries()) {
    const line = natural.replace(leadingBlanks, '');
    if ((begun === null || begun.text === '') && /^(?:$|[#!])/.test(line)) {
      begun = null;
      continue;
    }
    const isContinued = /(?<!\\)(?:\\\\)*\\$/.test(line);
    const joined: string = (begun?.text ?? '') + (isContinued ? line.slice(0, -1) : line);
    const whole: LogicalLine = { text: joined, number: begun?.number ?? index + 1 };
    begun = isContinued ? whole : null;
    if (!isContinued) yield whole;
  }
  if (begun !== null) yield begun;
}

/** The key ends at the first `=`, `:` or blank that is not escaped; one `=` or `:` with blanks around it is skipped. */
function splitEntry(line: string): { key: string; value: string } {
  const key = /^(?:\\.|[^\\=: \t\f])*/s.exec(line)?.[0] ?? '';
  const separator = /^[ \t\f]*[=:]?[ \t\f]*/.exec(line.slice(key.length))?.[0] ?? '';
  return { key, value: line.slice(key.length + separator.length) };
}

const letters: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n', f: '\f' };

function unescape(text: string, lineNumber: number): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(u[0-9a-fA-F]{4}|.?)/gs, (_, escaped: string) => {
    if (escaped.length === 5) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    if (escaped === 'u') {
      const cause = new ConfigError(`line ${lineNumber} has a \\u without four hex digits`);
      throw new IllegalArgumentError('Malformed \\uxxxx encoding.', { cause });
    }
    return letters[escaped] ?? escaped;
  });
}
