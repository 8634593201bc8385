/** A JSON string as Kafka Connect writes it: surrogates as escapes, hex digits in upper case, everything else that may be plain is. */
export function quote(text: string): string {
  return needsEscapes.test(text) ? `"${text.replace(escaped, escapeOf)}"` : `"${text}"`;
}

// oxlint-disable-next-line no-control-regex -- JSON demands escapes for control characters
const needsEscapes = /[\u0000-\u001f"\\\ud800-\udfff]/;
// oxlint-disable-next-line no-control-regex -- as above
const escaped = /[\u0000-\u001f"\\\ud800-\udfff]/g;

const shortEscapes: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** Of a character that may not stand in a JSON string, or half of a pair. */
export function escapeOf(char: string): string {
  const short = shortEscapes[char];
  if (short !== undefined) return short;
  return `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
