import { clientError } from '../errors.ts';

export interface JaasEntry {
  /** Class name, as Java has it. */
  readonly loginModule: string;
  readonly options: Readonly<Record<string, string>>;
}

const controlFlags = ['required', 'requisite', 'sufficient', 'optional'];

/**
 * `sasl.jaas.config`: `Class controlFlag key=value key="value" ... ;`, with comments, quotes and escapes as Java's StreamTokenizer takes them. (no I/O)
 * Errors never quote a value. Source: Kafka `JaasConfig`, `JaasContext`.
 */
export function parseJaasConfig(text: string): JaasEntry {
  try {
    const tokens = tokenize(text);
    const entries: JaasEntry[] = [];
    while (tokens.length > 0) entries.push(takeEntry(tokens));
    const [entry] = entries;
    if (entry === undefined) throw new JaasError('Login module not specified in JAAS config');
    if (entries.length === 1) return entry;
    throw new JaasError(
      `JAAS config property contains ${entries.length} login modules, should be 1 module`,
    );
  } catch (error) {
    if (!(error instanceof JaasError)) throw error;
    throw clientError(
      'INVALID_CONFIG',
      `Invalid value [hidden] for configuration sasl.jaas.config: ${error.message}`,
    );
  }
}

/**
 * The login modules of one entry of a login configuration file, `NAME { MODULE flag key="value" ...; ... };`; null where there is no such entry. (no I/O)
 * Throws JaasError. Source: the JDK's `ConfigFile`, what `java.security.auth.login.config` names.
 */
export function parseLoginConfig(text: string, name: string): JaasEntry[] | null {
  const tokens = tokenize(text);
  let found: JaasEntry[] | null = null;
  while (tokens.length > 0) {
    const entryName = takeText(tokens, 'a name of an entry is missing');
    // What looks like another entry may be the rest of a value.
    const entry = entryName === name ? `entry "${name}"` : 'an entry';
    takeSymbol(tokens, '{', `${entry} does not begin with a brace`);
    const modules: JaasEntry[] = [];
    while (tokens[0]?.kind === 'text') modules.push(takeEntry(tokens));
    takeSymbol(tokens, '}', `${entry} does not end with a brace`);
    takeSymbol(tokens, ';', `a semicolon is missing behind ${entry}`);
    if (entryName === name) found ??= modules;
  }
  return found;
}

/** What is wrong with the text, without any value of it. */
export class JaasError extends Error {
  override readonly name: string = 'JaasError';
}

interface Token {
  readonly kind: 'text' | 'symbol';
  readonly text: string;
}

function takeEntry(tokens: Token[]): JaasEntry {
  const loginModule = takeText(tokens, 'Login module not specified in JAAS config');
  const flag = takeText(tokens, 'Login module control flag not specified in JAAS config');
  if (!controlFlags.includes(flag.toLowerCase())) {
    throw new JaasError('Invalid login module control flag in JAAS config');
  }
  const options: Record<string, string> = {};
  for (let token = tokens.shift(); ; token = tokens.shift()) {
    if (token === undefined) throw new JaasError('JAAS config entry not terminated by semi-colon');
    if (token.kind === 'symbol' && token.text === ';') return { loginModule, options };
    if (token.kind === 'symbol')
      throw new JaasError('JAAS config has a value without a key, or a key without quotes');
    // Java names the key, which behind a value with a stray quote or space is the rest of that value.
    const missing = 'Value not specified for a key in JAAS config';
    takeSymbol(tokens, '=', missing);
    options[token.text] = takeText(tokens, missing);
  }
}

function takeSymbol(tokens: Token[], symbol: string, missing: string): void {
  const token = tokens.shift();
  if (token?.kind !== 'symbol' || token.text !== symbol) throw new JaasError(missing);
}

function takeText(tokens: Token[], missing: string): string {
  const token = tokens.shift();
  if (token?.kind !== 'text') throw new JaasError(missing);
  return token.text;
}

/** Words begin with a letter, `_`, `$` or `-`; a bare number is no text to Java. */
const tokenPattern =
  /\s+|\/\/[^\n]*|\/\*[^]*?\*\/|"((?:[^"\\\n]|\\[^])*)"|'((?:[^'\\\n]|\\[^])*)'|([A-Za-z\u00a0-\u00ff_$-][\w\u00a0-\u00ff.$-]*)|([^])/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  for (let match = tokenPattern.exec(text); match !== null; match = tokenPattern.exec(text)) {
    const [, double, single, word, symbol] = match;
    const quoted = double ?? single;
    if (quoted !== undefined) tokens.push({ kind: 'text', text: unescape(quoted) });
    else if (word !== undefined) tokens.push({ kind: 'text', text: word });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol });
  }
  return tokens;
}

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\u000b',
};

function unescape(quoted: string): string {
  return quoted.replace(/\\([0-3][0-7]{0,2}|[4-7][0-7]?|[^])/g, (_, escaped: string) =>
    /^[0-7]/.test(escaped)
      ? String.fromCharCode(Number.parseInt(escaped, 8))
      : (escapes[escaped] ?? escaped),
  );
}
