import type { ConfigType } from './config-def.ts';
import { asciiDigits } from './decimal.ts';
import { ConfigError } from './errors.ts';
import { doubleText } from './java-text.ts';
import { javaTrim } from './java-trim.ts';
import { Password } from './password.ts';

/**
 * Raw value -> value of the type; null stays null, text is trimmed, a value that already has the type is taken as it is.
 * INT, SHORT and DOUBLE give number, LONG bigint, LIST string[], CLASS string. ConfigError when it cannot be.
 * Source: Kafka `ConfigDef.parseType`.
 */
export function parseConfigType(
  name: string,
  raw: unknown,
  type: ConfigType,
  resolveClass?: ClassResolver,
): unknown {
  if (raw === null || raw === undefined) return null;
  const value = typeof raw === 'string' ? javaTrim(raw) : raw;
  switch (type) {
    case 'BOOLEAN':
      return parseBoolean(name, value, raw);
    case 'STRING':
      if (typeof value === 'string') return value;
      throw new ConfigError(
        name,
        value,
        `Expected value to be a string, but it was a ${typeof value}`,
      );
    case 'PASSWORD':
      if (value instanceof Password) return value;
      if (typeof value === 'string') return new Password(value);
      throw new ConfigError(
        name,
        '[hidden]',
        `Expected value to be a string, but it was a ${typeof value}`,
      );
    case 'INT':
      return Number(parseInteger(name, value, raw, type, 32));
    case 'SHORT':
      return Number(parseInteger(name, value, raw, type, 16));
    case 'LONG':
      return parseInteger(name, value, raw, type, 64);
    case 'DOUBLE':
      return parseDouble(name, value, raw);
    case 'LIST':
      return parseList(name, value);
    case 'CLASS':
      return parseClass(name, value, raw, resolveClass);
  }
}

/** Name or alias of a plugin -> its canonical name, null when there is none. */
export type ClassResolver = (name: string) => string | null;

/** How a parsed value is printed; null for null. Passwords are hidden. Source: Kafka `ConfigDef.convertToString`. */
export function configText(value: unknown, type: ConfigType): string | null {
  if (value === null || value === undefined) return null;
  if (type === 'DOUBLE') return doubleText(Number(value));
  if (type === 'LIST') return (value as readonly string[]).join(',');
  if (type === 'PASSWORD') return '[hidden]';
  return String(value);
}

/** Here and below errors show the value as it was given. */
function parseBoolean(name: string, value: unknown, raw: unknown): boolean {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new ConfigError(name, raw, 'Expected value to be either true or false');
}

function parseInteger(
  name: string,
  value: unknown,
  raw: unknown,
  type: ConfigType,
  bits: number,
): bigint {
  const isInteger =
    typeof value === 'bigint' ||
    (typeof value === 'number' && Number.isSafeInteger(value)) ||
    (typeof value === 'string' && /^[+-]?\p{Nd}+$/u.test(value));
  if (isInteger) {
    const parsed = typeof value === 'string' ? integerOf(value) : BigInt(value);
    if (BigInt.asIntN(bits, parsed) === parsed) return parsed;
  }
  throw new ConfigError(name, raw, `Not a number of type ${type}`);
}

function integerOf(text: string): bigint {
  const digits = BigInt(asciiDigits(text.replace(/^[+-]/, '')));
  return text.startsWith('-') ? -digits : digits;
}

const doubleSyntax = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?)$/;

function parseDouble(name: string, value: unknown, raw: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && doubleSyntax.test(value)) {
    return value.endsWith('NaN') ? Number.NaN : Number(value.replace(/[dDfF]$/, ''));
  }
  throw new ConfigError(name, raw, 'Not a number of type DOUBLE');
}

function parseList(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string') {
    throw new ConfigError(name, value, 'Expected a comma separated list.');
  }
  return value === '' ? [] : value.split(/\s*,\s*/);
}

function parseClass(
  name: string,
  value: unknown,
  raw: unknown,
  resolveClass?: ClassResolver,
): string {
  const text = String(value);
  const resolved = resolveClass === undefined ? text : resolveClass(text);
  if (resolved === null || resolved === '') {
    throw new ConfigError(name, raw, `Class ${raw} could not be found.`);
  }
  return resolved;
}
