import { Reader } from './reader.ts';
import type { Field, FieldTable } from './schema.ts';
import { isInRange } from './version-range.ts';
import { WireError } from './wire-error.ts';
import { Writer } from './writer.ts';

/** A table turned into functions for one version. */
export interface Compiled {
  encode(writer: Writer, value: unknown): void;
  decode(reader: Reader): unknown;
}

type Values = Record<string, unknown>;

interface Absent {
  readonly name: string;
  readonly field: Field;
}

interface Part extends Absent, Compiled {}

/**
 * Compiles a table for one version. A flexible version has compact lengths and ends every structure with tagged fields:
 * their count, then tag, size and bytes of each, all as unsigned varints; unknown ones are skipped.
 */
export function compileTable(fields: FieldTable, version: number, isFlexible: boolean): Compiled {
  const inline: Part[] = [];
  const tagged: Part[] = [];
  const refused: Absent[] = [];
  for (const [name, field] of Object.entries(fields) as [string, Field][]) {
    if (!isInRange(field.options.versions, version)) {
      if (field.options.ignorable === undefined) refused.push({ name, field });
      continue;
    }
    const part = { name, field, ...compileField(field, version, isFlexible) };
    if (field.options.tag === undefined) inline.push(part);
    else tagged.push(part);
  }
  tagged.sort((a, b) => tagOf(a) - tagOf(b));
  if (tagged.length > 0 && !isFlexible) throw new Error(`version ${version} has no tagged fields`);
  return {
    encode(writer, value) {
      encodeStruct(writer, value as Values, inline, refused, version);
      if (isFlexible) encodeTagged(writer, value as Values, tagged);
    },
    decode(reader) {
      const value = emptyStruct(fields);
      decodeStruct(reader, value, inline);
      if (isFlexible) decodeTagged(reader, value, tagged);
      return value;
    },
  };
}

function encodeStruct(
  writer: Writer,
  value: Values,
  inline: readonly Part[],
  refused: readonly Absent[],
  version: number,
): void {
  if (value === null || typeof value !== 'object') throw new WireError('a structure is missing');
  for (const part of inline) {
    const given = value[part.name];
    try {
      part.encode(writer, given === undefined ? omitted(part.field) : given);
    } catch (error) {
      throw located(error, part.name);
    }
  }
  for (const part of refused) {
    const given = value[part.name];
    if (given === undefined || isDefault(part.field, given)) continue;
    throw new WireError(`version ${version} cannot carry a value here`).within(part.name);
  }
}

function encodeTagged(writer: Writer, value: Values, tagged: readonly Part[]): void {
  const given = tagged.filter(({ name, field }) => {
    return value[name] !== undefined && !isDefault(field, value[name]);
  });
  writer.unsignedVarint(given.length);
  for (const part of given) {
    const body = new Writer(64);
    try {
      part.encode(body, value[part.name]);
    } catch (error) {
      throw located(error, part.name);
    }
    writer.unsignedVarint(tagOf(part));
    writer.unsignedVarint(body.length);
    writer.raw(body.finish());
  }
}

function decodeStruct(reader: Reader, value: Values, inline: readonly Part[]): void {
  for (const part of inline) {
    try {
      value[part.name] = part.decode(reader);
    } catch (error) {
      throw located(error, part.name);
    }
  }
}

function decodeTagged(reader: Reader, value: Values, tagged: readonly Part[]): void {
  for (let left = reader.unsignedVarint(); left > 0; left--) {
    const tag = reader.unsignedVarint();
    const size = reader.unsignedVarint();
    const part = tagged.find((candidate) => tagOf(candidate) === tag);
    const start = reader.offset;
    reader.skip(size);
    if (part === undefined) continue;
    const body = new Reader(reader.buffer, start, start + size);
    try {
      value[part.name] = part.decode(body);
    } catch (error) {
      throw located(error, part.name);
    }
  }
}

function compileField(field: Field, version: number, isFlexible: boolean): Compiled {
  const { nullable } = field.options;
  const isNullable = nullable !== undefined && isInRange(nullable, version);
  switch (field.type) {
    case 'boolean':
      return { encode: (w, v) => w.boolean(v as boolean), decode: (r) => r.boolean() };
    case 'int8':
      return { encode: (w, v) => w.int8(v as number), decode: (r) => r.int8() };
    case 'int16':
      return { encode: (w, v) => w.int16(v as number), decode: (r) => r.int16() };
    case 'int32':
      return { encode: (w, v) => w.int32(v as number), decode: (r) => r.int32() };
    case 'int64':
      return { encode: (w, v) => w.int64(v as bigint), decode: (r) => r.int64() };
    case 'uuid':
      return { encode: (w, v) => w.uuid(v as string), decode: (r) => r.uuid() };
    case 'string':
      return compileString(isNullable, isFlexible);
    case 'bytes':
      return compileBytes(isNullable, isFlexible);
    case 'array':
      return compileArray(field.element as Field, version, isNullable, isFlexible);
    case 'struct': {
      const body = compileTable(field.fields as FieldTable, version, isFlexible);
      return isNullable ? nullableStruct(body) : body;
    }
  }
}

function compileString(isNullable: boolean, isFlexible: boolean): Compiled {
  if (isFlexible) {
    return isNullable
      ? {
          encode: (w, v) => w.compactNullableString(v as string | null),
          decode: (r) => r.compactNullableString(),
        }
      : { encode: (w, v) => w.compactString(v as string), decode: (r) => r.compactString() };
  }
  return isNullable
    ? {
        encode: (w, v) => w.nullableString(v as string | null),
        decode: (r) => r.nullableString(),
      }
    : { encode: (w, v) => w.string(v as string), decode: (r) => r.string() };
}

function compileBytes(isNullable: boolean, isFlexible: boolean): Compiled {
  if (isFlexible) {
    return isNullable
      ? {
          encode: (w, v) => w.compactNullableBytes(v as Uint8Array | null),
          decode: (r) => r.compactNullableBytes(),
        }
      : { encode: (w, v) => w.compactBytes(v as Uint8Array), decode: (r) => r.compactBytes() };
  }
  return isNullable
    ? {
        encode: (w, v) => w.nullableBytes(v as Uint8Array | null),
        decode: (r) => r.nullableBytes(),
      }
    : { encode: (w, v) => w.bytes(v as Uint8Array), decode: (r) => r.bytes() };
}

function compileArray(
  element: Field,
  version: number,
  isNullable: boolean,
  isFlexible: boolean,
): Compiled {
  const one = compileField(element, version, isFlexible);
  return {
    encode(writer, value) {
      if (value !== null && !Array.isArray(value)) throw new WireError('an array is missing');
      if (value === null && !isNullable) {
        throw new WireError(`version ${version} does not allow null here`);
      }
      const count = value === null ? -1 : value.length;
      if (isFlexible) writer.compactArrayLength(count);
      else writer.arrayLength(count);
      for (let index = 0; index < count; index++) {
        try {
          one.encode(writer, (value as unknown[])[index]);
        } catch (error) {
          throw located(error, `[${index}]`);
        }
      }
    },
    decode(reader) {
      const count = isFlexible ? reader.compactArrayLength() : reader.arrayLength();
      if (count === -1) {
        if (isNullable) return null;
        throw new WireError(`version ${version} does not allow null here`);
      }
      const values: unknown[] = [];
      for (let index = 0; index < count; index++) {
        try {
          values.push(one.decode(reader));
        } catch (error) {
          throw located(error, `[${index}]`);
        }
      }
      return values;
    },
  };
}

/** A byte before the structure: -1 for null, else 1. */
function nullableStruct(body: Compiled): Compiled {
  return {
    encode(writer, value) {
      writer.int8(value === null ? -1 : 1);
      if (value !== null) body.encode(writer, value);
    },
    decode: (reader) => (reader.int8() < 0 ? null : body.decode(reader)),
  };
}

/** All fields with their defaults, in the order of the table, so that every value of a table has one shape. */
function emptyStruct(fields: FieldTable): Values {
  const value: Values = {};
  for (const name in fields) value[name] = defaultOf(fields[name] as Field);
  return value;
}

/** Stands for no id: what is named, or a broker that has no ids. */
export const zeroUuid = 'AAAAAAAAAAAAAAAAAAAAAA';
const noBytes = Buffer.alloc(0);

function defaultOf(field: Field): unknown {
  if (field.options.default !== undefined) return field.options.default;
  switch (field.type) {
    case 'boolean':
      return false;
    case 'int64':
      return 0n;
    case 'uuid':
      return zeroUuid;
    case 'string':
      return '';
    case 'bytes':
      return noBytes;
    case 'array':
      return [];
    case 'struct':
      return emptyStruct(field.fields as FieldTable);
    default:
      return 0;
  }
}

/** For a field left out on encoding: only those may be that the types let out. */
function omitted(field: Field): unknown {
  const { options } = field;
  return options.default === undefined && options.versions === undefined
    ? undefined
    : defaultOf(field);
}

function isDefault(field: Field, value: unknown): boolean {
  if (value === null) return field.options.default === null;
  if (field.options.default === null) return false;
  switch (field.type) {
    case 'array':
    case 'bytes':
      return (value as { length: number }).length === 0;
    case 'struct':
      return Object.entries(field.fields as FieldTable).every(([name, inner]) => {
        const given = (value as Values)[name];
        return given === undefined || isDefault(inner as Field, given);
      });
    default:
      return value === defaultOf(field);
  }
}

function tagOf(part: Part): number {
  return part.field.options.tag as number;
}

function located(error: unknown, step: string): unknown {
  return error instanceof WireError ? error.within(step) : error;
}
