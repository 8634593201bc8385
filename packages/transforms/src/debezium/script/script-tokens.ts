import { ExpressionError, type ScriptLanguage } from './script-syntax.ts';

export interface Token {
  readonly kind: 'number' | 'string' | 'regex' | 'name' | 'sign' | 'end';
  /** As it stands in the expression. */
  readonly text: string;
  /** Of strings and regular expressions what is between the quotes, escapes replaced. */
  readonly content: string;
  readonly at: number;
  /** A line ends before it: in Groovy that may end a statement. */
  readonly isOnNewLine: boolean;
}

const signs: Record<ScriptLanguage, readonly string[]> = {
  Groovy: '==~ =~ == != <= >= && || ?: ?. ++ -- < > + - * / % ! ? : ( ) [ ] . , ;'.split(' '),
  JavaScript: '=== !== == != <= >= && || ?? ?. ++ -- < > + - * / % ! ? : ( ) [ ] . , ;'.split(' '),
};

const maxLength = 10_000;
const nameSyntax = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const numberSyntax = /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?[\p{L}\p{N}_$]*/uy;
const blankSyntax = /[ \t\r\n\f]*/y;

/** The last token is the end. ExpressionError for what neither language has, or what is not supported. */
export function readTokens(text: string, language: ScriptLanguage): Token[] {
  if (text.length > maxLength) {
    throw new ExpressionError(`it is longer than ${maxLength} characters`, maxLength);
  }
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    const blanks = match(blankSyntax, text, at) ?? '';
    at += blanks.length;
    const token = readToken(text, at, language, tokens.at(-1), blanks.includes('\n'));
    tokens.push(token);
    if (token.kind === 'end') return tokens;
    at += token.text.length;
  }
}

function readToken(
  text: string,
  at: number,
  language: ScriptLanguage,
  previous: Token | undefined,
  isOnNewLine: boolean,
): Token {
  const token = (kind: Token['kind'], source: string, content = source): Token => ({
    kind,
    text: source,
    content,
    at,
    isOnNewLine,
  });
  const char = text[at];
  if (char === undefined) return token('end', '');
  const number = match(numberSyntax, text, at);
  if (number !== null) return token('number', number);
  const name = match(nameSyntax, text, at);
  if (name !== null) return token('name', name);
  if (char === "'" || char === '"') return readString(text, at, language, token);
  const after = text[at + 1];
  if (char === '/' && (after === '/' || after === '*')) {
    throw new ExpressionError('comments are not supported', at);
  }
  if (char === '/' && !endsOperand(previous)) {
    return language === 'Groovy' ? readSlashy(text, at, token) : readRegex(text, at, token);
  }
  const sign = signs[language].find((each) => text.startsWith(each, at));
  if (sign === undefined || sign === '++' || sign === '--') {
    const found = sign ?? String.fromCodePoint(text.codePointAt(at) as number);
    throw new ExpressionError(
      found === '='
        ? '"=" is not supported: a comparison has two'
        : `${JSON.stringify(found)} is not supported in ${language} here`,
      at,
    );
  }
  // `a?.5:1`
  if (sign === '?.' && /\d/.test(text[at + 2] ?? '')) return token('sign', '?');
  return token('sign', sign);
}

type MakeToken = (kind: Token['kind'], source: string, content: string) => Token;

/** A slash behind an operand divides. */
function endsOperand(previous: Token | undefined): boolean {
  if (previous === undefined) return false;
  if (previous.kind === 'sign') return previous.text === ')' || previous.text === ']';
  return !(previous.kind === 'name' && (previous.text === 'in' || previous.text === 'return'));
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  '\\': '\\',
  "'": "'",
  '"': '"',
  $: '$',
};

function readString(
  text: string,
  start: number,
  language: ScriptLanguage,
  token: MakeToken,
): Token {
  const quote = text[start] as string;
  let content = '';
  let at = start + 1;
  while (text[at] !== quote) {
    const char = text[at];
    if (char === undefined || char === '\n' || char === '\r') {
      throw new ExpressionError(`the text in ${quote} does not end`, start);
    }
    if (char === '\\') {
      const unicode = match(/\\u([0-9a-fA-F]{4})/y, text, at);
      const plain = escapes[text[at + 1] ?? ''];
      if (unicode === null && plain === undefined) {
        throw new ExpressionError(`${text.slice(at, at + 2)} in a text is not supported`, at);
      }
      content +=
        unicode === null ? plain : String.fromCharCode(Number.parseInt(unicode.slice(2), 16));
      at += unicode?.length ?? 2;
      continue;
    }
    if (char === '$' && quote === '"' && language === 'Groovy') {
      throw new ExpressionError(
        '"$" in a text in double quotes makes a GString, which is not supported: join texts with +',
        at,
      );
    }
    content += char;
    at += 1;
  }
  return token('string', text.slice(start, at + 1), content);
}

/** Groovy's text between slashes, where only the slash is escaped. */
function readSlashy(text: string, start: number, token: MakeToken): Token {
  const source = match(/\/(?:[^/\\]|\\[^])+\//y, text, start);
  if (source === null) throw new ExpressionError('the text in / does not end', start);
  const dollar = /\$(?=[\p{L}_{])/u.exec(source);
  if (dollar !== null) {
    throw new ExpressionError(
      '"$" before a name makes a GString, which is not supported',
      start + dollar.index,
    );
  }
  return token('string', source, source.slice(1, -1).replaceAll('\\/', '/'));
}

/** Pattern and flags of JavaScript. */
function readRegex(text: string, start: number, token: MakeToken): Token {
  const source = match(
    /\/(?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[A-Za-z]*/y,
    text,
    start,
  );
  if (source === null) throw new ExpressionError('the regular expression does not end', start);
  return token('regex', source, source);
}

function match(syntax: RegExp, text: string, at: number): string | null {
  syntax.lastIndex = at;
  return syntax.exec(text)?.[0] ?? null;
}
