import { IllegalArgumentError, IndexOutOfBoundsError } from './java-errors.ts';

/** Literal text, or the number of a group. */
export type ReplacementPart = string | number;

/** `a$1${name}\$` in parts. Errors as Java throws them, where it replaces. Source: java.util.regex.Matcher.appendReplacement. */
export function parseReplacement(
  replacement: string,
  groupCount: number,
  groupNames: ReadonlyMap<string, number>,
): ReplacementPart[] {
  const parts: ReplacementPart[] = [];
  let at = 0;
  while (at < replacement.length) {
    const char = replacement[at] as string;
    if (char === '\\') {
      const escaped = replacement[at + 1];
      if (escaped === undefined) {
        throw new IllegalArgumentError('character to be escaped is missing');
      }
      parts.push(escaped);
      at += 2;
    } else if (char === '$') {
      const { number, next } = readGroup(replacement, at + 1, groupCount, groupNames);
      parts.push(number);
      at = next;
    } else {
      parts.push(char);
      at += 1;
    }
  }
  return joinTexts(parts);
}

interface GroupReference {
  readonly number: number;
  readonly next: number;
}

function readGroup(
  text: string,
  at: number,
  groupCount: number,
  groupNames: ReadonlyMap<string, number>,
): GroupReference {
  if (at === text.length) {
    throw new IllegalArgumentError('Illegal group reference: group index is missing');
  }
  if (text[at] === '{') return readNamedGroup(text, at + 1, groupNames);
  const digits = /^\d*/.exec(text.slice(at))?.[0] ?? '';
  if (digits === '') throw new IllegalArgumentError('Illegal group reference');
  // The first digit counts always, more of them while there is such a group.
  let length = 1;
  while (length < digits.length && Number(digits.slice(0, length + 1)) <= groupCount) length += 1;
  const number = Number(digits.slice(0, length));
  if (number > groupCount) throw new IndexOutOfBoundsError(`No group ${number}`);
  return { number, next: at + length };
}

function readNamedGroup(
  text: string,
  at: number,
  groupNames: ReadonlyMap<string, number>,
): GroupReference {
  const name = /^[A-Za-z0-9]*/.exec(text.slice(at))?.[0] ?? '';
  if (name === '' || text[at + name.length] !== '}') {
    throw new IllegalArgumentError("named capturing group is missing trailing '}'");
  }
  if (/^\d/.test(name)) {
    throw new IllegalArgumentError(`capturing group name {${name}} starts with digit character`);
  }
  const number = groupNames.get(name);
  if (number === undefined) throw new IllegalArgumentError(`No group with name {${name}}`);
  return { number, next: at + name.length + 1 };
}

function joinTexts(parts: readonly ReplacementPart[]): ReplacementPart[] {
  const joined: ReplacementPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string')
      joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined;
}
