import { DataError } from './errors.ts';
import { valuesEqual } from './values-equal.ts';

const schemaBrand: unique symbol = Symbol.for('tributary.schema') as never;

export type SchemaType =
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FLOAT32'
  | 'FLOAT64'
  | 'BOOLEAN'
  | 'STRING'
  | 'BYTES'
  | 'ARRAY'
  | 'MAP'
  | 'STRUCT';

export interface SchemaAttributes {
  type: SchemaType;
  isOptional?: boolean;
  /** Must be valid for the schema; not checked here, SchemaBuilder does. */
  defaultValue?: unknown;
  name?: string | null;
  version?: number | null;
  doc?: string | null;
  parameters?: ReadonlyMap<string, string> | null;
  /** ARRAY and MAP; null only in schemas inferred by `parseString`. */
  keySchema?: Schema | null;
  valueSchema?: Schema | null;
  fields?: readonly Field[] | null;
}

export class Field {
  readonly name: string;
  readonly index: number;
  readonly schema: Schema;

  constructor(name: string, index: number, schema: Schema) {
    this.name = name;
    this.index = index;
    this.schema = schema;
  }

  equals(other: Field): boolean {
    return (
      this === other ||
      (this.name === other.name &&
        this.index === other.index &&
        schemasEqual(this.schema, other.schema))
    );
  }

  toString(): string {
    return `Field{name=${this.name}, index=${this.index}, schema=${this.schema}}`;
  }
}

/**
 * What a value must be. Immutable; make one with `SchemaBuilder` or take a constant such as `STRING_SCHEMA`.
 * Keep and reuse schema objects: converters and transformations cache their work by schema object.
 * How each type is represented: INT8 to INT32, FLOAT32, FLOAT64 number; INT64 bigint; STRING string; BOOLEAN boolean; BYTES Uint8Array; ARRAY Array; MAP Map;
 * STRUCT Struct; logical types Date and Decimal; no value null.
 * Source: Kafka Connect `ConnectSchema`.
 */
export class Schema {
  readonly type: SchemaType;
  readonly isOptional: boolean;
  /** Null when there is none. */
  readonly defaultValue: unknown;
  readonly name: string | null;
  readonly version: number | null;
  readonly doc: string | null;
  readonly parameters: ReadonlyMap<string, string> | null;
  readonly #keySchema: Schema | null;
  readonly #valueSchema: Schema | null;
  readonly #fields: readonly Field[] | null;
  readonly #fieldsByName: ReadonlyMap<string, Field> | null;
  #hash = 0;

  constructor(attributes: SchemaAttributes) {
    this.type = attributes.type;
    this.isOptional = attributes.isOptional ?? false;
    this.defaultValue = attributes.defaultValue ?? null;
    this.name = attributes.name ?? null;
    this.version = attributes.version ?? null;
    this.doc = attributes.doc ?? null;
    this.parameters = attributes.parameters ?? null;
    this.#keySchema = attributes.keySchema ?? null;
    this.#valueSchema = attributes.valueSchema ?? null;
    this.#fields = this.type === 'STRUCT' ? (attributes.fields ?? []) : null;
    this.#fieldsByName = this.#fields && new Map(this.#fields.map((field) => [field.name, field]));
  }

  /** Of a STRUCT, in order. */
  get fields(): readonly Field[] {
    if (this.#fields === null) throw new DataError('Cannot list fields on non-struct type');
    return this.#fields;
  }

  /** Null for an unknown name. */
  field(name: string): Field | null {
    if (this.#fieldsByName === null) {
      throw new DataError('Cannot look up fields on non-struct type');
    }
    return this.#fieldsByName.get(name) ?? null;
  }

  /** Of a MAP; null when it was inferred from an empty one. */
  get keySchema(): Schema | null {
    if (this.type !== 'MAP') throw new DataError('Cannot look up key schema on non-map type');
    return this.#keySchema;
  }

  /** Of a MAP or the elements of an ARRAY; null when no common schema could be inferred. */
  get valueSchema(): Schema | null {
    if (this.type !== 'MAP' && this.type !== 'ARRAY') {
      throw new DataError('Cannot look up value schema on non-array and non-map type');
    }
    return this.#valueSchema;
  }

  get isPrimitive(): boolean {
    return this.type !== 'ARRAY' && this.type !== 'MAP' && this.type !== 'STRUCT';
  }

  equals(other: unknown): boolean {
    if (this === other) return true;
    if (!isSchema(other)) return false;
    return (
      this.type === other.type &&
      this.isOptional === other.isOptional &&
      this.name === other.name &&
      this.version === other.version &&
      this.doc === other.doc &&
      this.hashCode() === other.hashCode() &&
      parametersEqual(this.parameters, other.parameters) &&
      this.#partsEqual(other) &&
      valuesEqual(this.defaultValue, other.defaultValue)
    );
  }

  #partsEqual(other: Schema): boolean {
    switch (this.type) {
      case 'STRUCT': {
        const theirs = other.fields;
        return (
          this.fields.length === theirs.length &&
          this.fields.every((field, index) => field.equals(theirs[index] as Field))
        );
      }
      case 'MAP':
        return (
          schemasEqual(this.keySchema, other.keySchema) &&
          schemasEqual(this.valueSchema, other.valueSchema)
        );
      case 'ARRAY':
        return schemasEqual(this.valueSchema, other.valueSchema);
      default:
        return true;
    }
  }

  /** Equal schemas have equal hashes; a 32-bit integer, computed once. */
  hashCode(): number {
    if (this.#hash === 0) this.#hash = computeHash(this) || 1;
    return this.#hash;
  }

  /** `Schema{name:TYPE}`, `Schema{TYPE}` without a name. */
  toString(): string {
    return this.name === null ? `Schema{${this.type}}` : `Schema{${this.name}:${this.type}}`;
  }

  /** Marks schemas, so that those of another copy of this package are known. */
  get [schemaBrand](): true {
    return true;
  }
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && schemaBrand in value;
}

/** Null equals only null. */
export function schemasEqual(a: Schema | null, b: Schema | null): boolean {
  return a === b || (a !== null && b !== null && a.equals(b));
}

function parametersEqual(
  a: ReadonlyMap<string, string> | null,
  b: ReadonlyMap<string, string> | null,
): boolean {
  if (a === null || b === null) return a === b;
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (b.get(key) !== value) return false;
  return true;
}

function computeHash(schema: Schema): number {
  let hash = textHash(`${schema.type}|${schema.isOptional}|${schema.name}|${schema.version}|`);
  // Order of parameters does not count in equality.
  for (const [key, value] of schema.parameters ?? []) hash = (hash + textHash(key + value)) | 0;
  if (schema.type === 'STRUCT') {
    for (const field of schema.fields) {
      hash = (Math.imul(hash, 31) + textHash(field.name) + field.schema.hashCode()) | 0;
    }
  }
  if (schema.type === 'MAP') hash = (Math.imul(hash, 31) + (schema.keySchema?.hashCode() ?? 0)) | 0;
  if (schema.type === 'MAP' || schema.type === 'ARRAY') {
    hash = (Math.imul(hash, 31) + (schema.valueSchema?.hashCode() ?? 0)) | 0;
  }
  return hash;
}

function textHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

export const INT8_SCHEMA: Schema = new Schema({ type: 'INT8' });
export const INT16_SCHEMA: Schema = new Schema({ type: 'INT16' });
export const INT32_SCHEMA: Schema = new Schema({ type: 'INT32' });
export const INT64_SCHEMA: Schema = new Schema({ type: 'INT64' });
export const FLOAT32_SCHEMA: Schema = new Schema({ type: 'FLOAT32' });
export const FLOAT64_SCHEMA: Schema = new Schema({ type: 'FLOAT64' });
export const BOOLEAN_SCHEMA: Schema = new Schema({ type: 'BOOLEAN' });
export const STRING_SCHEMA: Schema = new Schema({ type: 'STRING' });
export const BYTES_SCHEMA: Schema = new Schema({ type: 'BYTES' });
export const OPTIONAL_INT8_SCHEMA: Schema = new Schema({ type: 'INT8', isOptional: true });
export const OPTIONAL_INT16_SCHEMA: Schema = new Schema({ type: 'INT16', isOptional: true });
export const OPTIONAL_INT32_SCHEMA: Schema = new Schema({ type: 'INT32', isOptional: true });
export const OPTIONAL_INT64_SCHEMA: Schema = new Schema({ type: 'INT64', isOptional: true });
export const OPTIONAL_FLOAT32_SCHEMA: Schema = new Schema({ type: 'FLOAT32', isOptional: true });
export const OPTIONAL_FLOAT64_SCHEMA: Schema = new Schema({ type: 'FLOAT64', isOptional: true });
export const OPTIONAL_BOOLEAN_SCHEMA: Schema = new Schema({ type: 'BOOLEAN', isOptional: true });
export const OPTIONAL_STRING_SCHEMA: Schema = new Schema({ type: 'STRING', isOptional: true });
export const OPTIONAL_BYTES_SCHEMA: Schema = new Schema({ type: 'BYTES', isOptional: true });

/** A value with its schema; `{ schema: null, value: null }` is nothing at all. */
export interface SchemaAndValue {
  readonly schema: Schema | null;
  readonly value: unknown;
}

export const NULL_SCHEMA_AND_VALUE: SchemaAndValue = Object.freeze({ schema: null, value: null });
