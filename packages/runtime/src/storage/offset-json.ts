/**
 * Source offsets as JSON text. (no I/O) Key: `["<connector>",{partition}]`, value: `{offset}`, compact, as Kafka Connect's schemaless JsonConverter writes them.
 * Integers beyond 2^53 keep their digits: they are bigints in memory.
 */
import { DataError } from '@tributary/sdk';
import type { OffsetMap } from '../hosts/messages.ts';

export function encodeOffsetKey(connector: string, partition: OffsetMap): string {
  return `[${JSON.stringify(connector)},${encodeOffsetMap(partition)}]`;
}

/** Null for a key of another shape: the file may hold foreign entries, which are kept but never used. */
export function decodeOffsetKey(text: string): { connector: string; partition: OffsetMap } | null {
  let key: unknown;
  try {
    key = parseJson(text);
  } catch {
    return null;
  }
  if (!Array.isArray(key) || key.length !== 2) return null;
  const [connector, partition] = key as unknown[];
  if (typeof connector !== 'string' || !isObject(partition)) return null;
  return { connector, partition };
}

export function encodeOffsetMap(map: OffsetMap): string {
  checkOffsetMap(map);
  const members = Object.entries(map).map(
    ([field, value]) => `${JSON.stringify(field)}:${encodeScalar(value)}`,
  );
  return `{${members.join(',')}}`;
}

export function decodeOffsetMap(text: string): OffsetMap {
  const map = parseJson(text);
  if (!isObject(map)) throw new DataError(`Stored offset is not a JSON object: ${text}`);
  return map;
}

/** The same text for the same partition whatever the order of its fields. */
export function partitionIdentity(connector: string, partition: OffsetMap): string {
  const sorted = Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return encodeOffsetKey(connector, Object.fromEntries(sorted));
}

/** Source: Kafka Connect `OffsetUtils.validateFormat`. */
export function checkOffsetMap(map: unknown): asserts map is OffsetMap {
  if (!isObject(map)) throw new DataError('Offsets must be specified as a Map');
  for (const [field, value] of Object.entries(map)) {
    if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
      throw new DataError(
        `Offsets may only contain primitive types as values, but field ${field} contains ${Array.isArray(value) ? 'ARRAY' : 'MAP'}`,
      );
    }
  }
}

function encodeScalar(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  return JSON.stringify(value ?? null);
}

/** The reviver's third argument, part of the language but not yet of TypeScript's library. */
type ReviverContext = { source?: string };

function parseJson(text: string): unknown {
  const revive = (_key: string, value: unknown, context?: ReviverContext): unknown =>
    typeof value === 'number' &&
    !Number.isSafeInteger(value) &&
    /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? value)
      : value;
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

function isObject(value: unknown): value is OffsetMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
