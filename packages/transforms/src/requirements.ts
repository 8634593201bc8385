import { DataError, isStruct, javaClassName, type Schema, type Struct } from '@tributary/sdk';

/** What a transformation demands of its input; `purpose` says in the message what for. Source: Kafka Connect `Requirements`. */

export type FieldMap = ReadonlyMap<string, unknown>;

/** Not to be changed: it may be the record's own. */
export function requireMap(value: unknown, purpose: string): FieldMap {
  if (value instanceof Map) return value;
  if (isPlainObject(value)) return new Map(Object.entries(value));
  throw new DataError(
    `Only Map objects supported in absence of schema for [${purpose}], found: ${javaClassName(value)}`,
  );
}

export function requireMapOrNull(value: unknown, purpose: string): FieldMap | null {
  return value === null || value === undefined ? null : requireMap(value, purpose);
}

/** `schema`, where it is known, tells of a number which class it has. */
export function requireStruct(value: unknown, schema: Schema | null, purpose: string): Struct {
  if (isStruct(value)) return value;
  throw new DataError(
    `Only Struct objects supported for [${purpose}], found: ${javaClassName(value, schema)}`,
  );
}

export function requireStructOrNull(
  value: unknown,
  schema: Schema,
  purpose: string,
): Struct | null {
  return value === null || value === undefined ? null : requireStruct(value, schema, purpose);
}

export function requireSchema(schema: Schema | null, purpose: string): Schema {
  if (schema === null) throw new DataError(`Schema required for [${purpose}]`);
  return schema;
}

/** A schemaless map may come as an object literal. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
