import { ConfigError, type ConnectRecord, DataError } from '@tributary/sdk';
import { groovy } from './groovy.ts';
import { javaScript } from './javascript.ts';
import { compileScript, type Semantics } from './script-compile.ts';
import { parseScript } from './script-parser.ts';
import { ExpressionError } from './script-syntax.ts';
import { kindOf } from './script-values.ts';

export interface ScriptResult {
  /** A class of Java, for messages. */
  readonly kind: string;
  readonly value: unknown;
}

/**
 * The expression under `key` of a config, in the language that its key `language` names. ConfigError with the place of what is not understood.
 * What comes back is DataError for a record that the expression fails for.
 */
export function readScript(
  key: string,
  expression: string,
  language: string,
): (record: ConnectRecord) => ScriptResult {
  const semantics = semanticsOf(language);
  const evaluate = compile(key, expression, semantics);
  return (record) => {
    try {
      const value = evaluate(record) ?? null;
      return { value, kind: kindOf(value) };
    } catch (error) {
      const reason = (error as Error).message;
      throw new DataError(`Error while evaluating expression '${expression}': ${reason}`, {
        cause: error,
      });
    }
  };
}

function compile(
  key: string,
  expression: string,
  semantics: Semantics,
): (record: ConnectRecord) => unknown {
  try {
    return compileScript(parseScript(expression, semantics.language), semantics);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ConfigError(
      key,
      expression,
      `Failed to parse expression at position ${error.at + 1}: ${error.message}`,
      { cause: error },
    );
  }
}

const prefix = 'jsr223.';

/** The names under which Java finds its engines. Only with exactly `graal.js` does Debezium make members of fields. */
const otherJavaScript = /^(?:js|javascript|ecmascript|nashorn|graal[-.]?js)$/i;

function semanticsOf(language: string): Semantics {
  if (language.startsWith('wasm.')) {
    throw new ConfigError('language', language, 'WebAssembly is not supported');
  }
  if (!language.startsWith(prefix)) {
    throw new ConfigError(
      'language',
      language,
      "Value for option 'language' must begin with 'jsr223.', e.g. 'jsr223.groovy'",
    );
  }
  const name = language.slice(prefix.length);
  if (name === 'groovy' || name === 'Groovy') return groovy;
  if (name === 'graal.js') return javaScript(true);
  if (otherJavaScript.test(name)) return javaScript(false);
  throw new ConfigError(
    'language',
    language,
    `Implementation of language '${name}' not found; there are groovy, graal.js and js`,
  );
}
