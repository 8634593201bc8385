import { HttpError } from '../error-mapping.ts';

/** How a number of the text becomes a value: `source` is the number as it was written. */
export type ReadNumber = (source: string, value: number) => unknown;

/** As Jackson coerces a number to a string: as it was written. */
export const numberAsText: ReadNumber = (source) => source;

/** Integers beyond 2^53 stay exact. */
export const numberAsValue: ReadNumber = (source, value) =>
  Number.isSafeInteger(value) || !/^-?\d+$/.test(source) ? value : BigInt(source);

/** Body -> value. A body that is empty or not JSON is a 500, as in Java. The message never quotes the body: it may hold a password. */
export function parseJson(body: Uint8Array, readNumber: ReadNumber): unknown {
  const text = decodeText(body);
  if (text.trim() === '') throw new HttpError(500, 'The request has no body; JSON is expected');
  const revive = (_key: string, value: unknown, context: { source?: string }): unknown =>
    typeof value === 'number' ? readNumber(context.source ?? String(value), value) : value;
  try {
    return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
  } catch (error) {
    const position = /position \d+( \(line \d+ column \d+\))?/.exec(String(error))?.[0];
    const where = position === undefined ? '' : ` at ${position}`;
    throw new HttpError(500, `The request body is not valid JSON${where}`);
  }
}

/** Without a byte order mark, which editors on Windows write. */
function decodeText(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new HttpError(500, 'The request body is not valid UTF-8');
  }
}

/** The members of a typed body; `known` are all it may have. */
export function requireObject(
  value: unknown,
  what: string,
  known?: readonly string[],
): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpError(
      500,
      `Cannot read ${what} from ${kindOf(value)}; a JSON object is expected`,
    );
  }
  const unknown = known && Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new HttpError(
      500,
      `Unrecognized field "${unknown}" in ${what}; known are ${known?.join(', ')}`,
    );
  }
  return value as Record<string, unknown>;
}

/** Scalars become strings; objects and arrays are refused. */
export function scalarText(value: unknown, what: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'object') {
    throw new HttpError(500, `Cannot read ${what} from ${kindOf(value)}; a string is expected`);
  }
  return String(value);
}

export function printJson(value: unknown): string {
  return JSON.stringify(value, (_key, member) =>
    typeof member === 'bigint' ? rawJson(String(member)) : member,
  );
}

const rawJson = (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON;

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a JSON ${typeof value}`;
}
