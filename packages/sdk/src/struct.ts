import { DataError } from './errors.ts';
import { isStruct, structBrand } from './is-struct.ts';
import { javaText } from './java-text.ts';
import { type Field, type Schema, type SchemaType, schemasEqual } from './schema.ts';
import { validateValue } from './validate-value.ts';
import { valuesEqual } from './values-equal.ts';

/**
 * A record of named values under a STRUCT schema, stored by field index.
 * Values are checked when they are put; unset fields are null. Source: Kafka Connect `Struct`.
 */
export class Struct {
  readonly schema: Schema;
  readonly #values: unknown[];

  /** `validValues`, one per field in order, is taken over as it is: for decoders, whose values fit already. */
  constructor(schema: Schema, validValues?: unknown[]) {
    if (schema.type !== 'STRUCT') throw new DataError(`Not a struct schema: ${schema}`);
    this.schema = schema;
    this.#values = validValues ?? schema.fields.map(() => null);
  }

  /** DataError for an unknown field or a value that does not fit its schema. */
  put(field: string | Field, value: unknown): this {
    const target = this.#find(field);
    validateValue(target.name, target.schema, value);
    this.#values[target.index] = value ?? null;
    return this;
  }

  /** The value, or the schema's default when it is null. */
  get(field: string | Field): unknown {
    const source = this.#find(field);
    return this.#values[source.index] ?? source.schema.defaultValue;
  }

  getWithoutDefault(field: string | Field): unknown {
    return this.#values[this.#find(field).index];
  }

  /** The value at a field's index, without default. */
  at(index: number): unknown {
    return this.#values[index];
  }

  getInt8(name: string): number | null {
    return this.#typed(name, 'INT8') as number | null;
  }

  getInt16(name: string): number | null {
    return this.#typed(name, 'INT16') as number | null;
  }

  getInt32(name: string): number | null {
    return this.#typed(name, 'INT32') as number | null;
  }

  getInt64(name: string): bigint | null {
    return this.#typed(name, 'INT64') as bigint | null;
  }

  getFloat32(name: string): number | null {
    return this.#typed(name, 'FLOAT32') as number | null;
  }

  getFloat64(name: string): number | null {
    return this.#typed(name, 'FLOAT64') as number | null;
  }

  getBoolean(name: string): boolean | null {
    return this.#typed(name, 'BOOLEAN') as boolean | null;
  }

  getString(name: string): string | null {
    return this.#typed(name, 'STRING') as string | null;
  }

  getBytes(name: string): Uint8Array | null {
    return this.#typed(name, 'BYTES') as Uint8Array | null;
  }

  getArray<T = unknown>(name: string): T[] | null {
    return this.#typed(name, 'ARRAY') as T[] | null;
  }

  getMap<K = unknown, V = unknown>(name: string): Map<K, V> | null {
    return this.#typed(name, 'MAP') as Map<K, V> | null;
  }

  getStruct(name: string): Struct | null {
    return this.#typed(name, 'STRUCT') as Struct | null;
  }

  /** DataError when a required field without default has no value. */
  validate(): void {
    for (const field of this.schema.fields) {
      const value = this.#values[field.index];
      if (value === null && (field.schema.isOptional || field.schema.defaultValue !== null)) {
        continue;
      }
      validateValue(field.name, field.schema, value);
    }
  }

  equals(other: unknown): boolean {
    if (this === other) return true;
    if (!isStruct(other) || !schemasEqual(this.schema, other.schema)) return false;
    return this.#values.every((value, index) => valuesEqual(value, other.at(index)));
  }

  /** `Struct{a=1,b=x}`; fields without a value are left out. */
  toString(): string {
    const texts: string[] = [];
    for (const field of this.schema.fields) {
      const value = this.#values[field.index];
      if (value !== null) texts.push(`${field.name}=${javaText(value, field.schema)}`);
    }
    return `Struct{${texts.join(',')}}`;
  }

  get [structBrand](): true {
    return true;
  }

  #find(field: string | Field): Field {
    const name = typeof field === 'string' ? field : field.name;
    const found = this.schema.field(name);
    if (found === null) throw new DataError(`${name} is not a valid field name`);
    return found;
  }

  /** Java's typed getters give what was put, without the default. */
  #typed(name: string, type: SchemaType): unknown {
    const field = this.#find(name);
    if (field.schema.type !== type) throw new DataError(`Field '${name}' is not of type ${type}`);
    return this.#values[field.index];
  }
}
