/**
 * Options of the login module of a `sasl.jaas.config`: `MODULE required name="value" ... ;`. Undefined when the text is not of that form.
 * Comments are not read. Source: Kafka `JaasConfig`.
 */
export function parseJaas(
  text: string,
): { readonly module: string; readonly options: ReadonlyMap<string, string> } | undefined {
  const tokens = tokenize(text);
  const end = tokens?.indexOf(';') ?? -1;
  if (tokens === undefined || end !== tokens.length - 1) return undefined;
  const [module, flag] = tokens;
  if (module === undefined || flag === undefined || !controlFlags.has(flag.toLowerCase())) {
    return undefined;
  }
  const options = new Map<string, string>();
  for (let i = 2; i < end; i += 3) {
    const [name, equals, value] = tokens.slice(i, i + 3);
    if (name === undefined || equals !== '=' || value === undefined || i + 3 > end) {
      return undefined;
    }
    options.set(unquote(name), unquote(value));
  }
  return { module: unquote(module), options };
}

const controlFlags = new Set(['required', 'requisite', 'sufficient', 'optional']);
const token = /\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[;=]|[^\s;="']+)\s*/y;

function tokenize(text: string): string[] | undefined {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const found = token.exec(text);
    if (found === null) return undefined;
    tokens.push(found[1] as string);
  }
  return tokens;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

function unquote(text: string): string {
  if (!/^["']/.test(text)) return text;
  return text.slice(1, -1).replace(/\\(.)/g, (_, one: string) => escapes[one] ?? one);
}
