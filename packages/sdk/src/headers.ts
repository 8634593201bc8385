import type { Decimal } from './decimal.ts';
import { checkHeaderValue } from './header-value.ts';
import { isStruct } from './is-struct.ts';
import { javaText } from './java-text.ts';
import {
  DATE_SCHEMA,
  dateToDays,
  decimalSchema,
  TIME_SCHEMA,
  TIMESTAMP_SCHEMA,
  timeToMillis,
} from './logical.ts';
import {
  BOOLEAN_SCHEMA,
  BYTES_SCHEMA,
  FLOAT32_SCHEMA,
  FLOAT64_SCHEMA,
  INT8_SCHEMA,
  INT16_SCHEMA,
  INT32_SCHEMA,
  INT64_SCHEMA,
  OPTIONAL_BYTES_SCHEMA,
  OPTIONAL_STRING_SCHEMA,
  type Schema,
  type SchemaAndValue,
  STRING_SCHEMA,
  schemasEqual,
} from './schema.ts';
import type { Struct } from './struct.ts';
import { valuesEqual } from './values-equal.ts';

/** Immutable, so that records may share it. */
export interface Header {
  readonly key: string;
  readonly schema: Schema | null;
  readonly value: unknown;
}

/**
 * Ordered multimap of a record's headers: keys may repeat, a value may be without a schema.
 * Source: Kafka Connect `ConnectHeaders`.
 */
export class Headers implements Iterable<Header> {
  /** Null until something was added: most records have no headers. */
  #entries: Header[] | null = null;

  constructor(entries?: Iterable<Header>) {
    for (const header of entries ?? []) this.#push(header);
  }

  get size(): number {
    return this.#entries?.length ?? 0;
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  [Symbol.iterator](): Iterator<Header> {
    return (this.#entries ?? [])[Symbol.iterator]();
  }

  /** DataError when the value does not fit the schema; elements of lists and maps are not looked at. */
  add(key: string, value: unknown, schema: Schema | null): this {
    const own = schema === null && isStruct(value) ? value.schema : schema;
    checkHeaderValue(value, own);
    return this.#push({ key: requireKey(key), schema: own, value: value ?? null });
  }

  addHeader(header: Header): this {
    return this.add(header.key, header.value, header.schema);
  }

  addSchemaAndValue(key: string, pair: SchemaAndValue | null): this {
    return this.add(key, pair?.value ?? null, pair?.schema ?? null);
  }

  addString(key: string, value: string | null): this {
    return this.add(key, value, value === null ? OPTIONAL_STRING_SCHEMA : STRING_SCHEMA);
  }

  addBytes(key: string, value: Uint8Array | null): this {
    return this.add(key, value, value === null ? OPTIONAL_BYTES_SCHEMA : BYTES_SCHEMA);
  }

  addBoolean(key: string, value: boolean): this {
    return this.add(key, value, BOOLEAN_SCHEMA);
  }

  addByte(key: string, value: number): this {
    return this.add(key, value, INT8_SCHEMA);
  }

  addShort(key: string, value: number): this {
    return this.add(key, value, INT16_SCHEMA);
  }

  addInt(key: string, value: number): this {
    return this.add(key, value, INT32_SCHEMA);
  }

  addLong(key: string, value: bigint): this {
    return this.add(key, value, INT64_SCHEMA);
  }

  addFloat(key: string, value: number): this {
    return this.add(key, value, FLOAT32_SCHEMA);
  }

  addDouble(key: string, value: number): this {
    return this.add(key, value, FLOAT64_SCHEMA);
  }

  addList(key: string, value: readonly unknown[] | null, schema: Schema): this {
    return this.add(key, value, value === null ? null : schema);
  }

  addMap(key: string, value: ReadonlyMap<unknown, unknown> | null, schema: Schema): this {
    return this.add(key, value, value === null ? null : schema);
  }

  addStruct(key: string, value: Struct | null): this {
    return this.add(key, value, value?.schema ?? null);
  }

  addDecimal(key: string, value: Decimal | null): this {
    return this.add(key, value, value && decimalSchema(value.scale));
  }

  addDate(key: string, value: Date | null): this {
    if (value !== null) dateToDays(value);
    return this.add(key, value, value && DATE_SCHEMA);
  }

  addTime(key: string, value: Date | null): this {
    if (value !== null) timeToMillis(value);
    return this.add(key, value, value && TIME_SCHEMA);
  }

  addTimestamp(key: string, value: Date | null): this {
    return this.add(key, value, value && TIMESTAMP_SCHEMA);
  }

  lastWithName(key: string): Header | null {
    return this.#entries?.findLast((header) => header.key === requireKey(key)) ?? null;
  }

  allWithName(key: string): Header[] {
    return this.#entries?.filter((header) => header.key === key) ?? [];
  }

  /** All headers of that key. */
  remove(key: string): this {
    requireKey(key);
    return this.#keep((header) => header.key !== key);
  }

  /** Without a key: the last header of every key. With one: of this key only the last stays. */
  retainLatest(key?: string): this {
    const last = new Map(this.#entries?.map((header) => [header.key, header]));
    return this.#keep((header) =>
      key !== undefined && header.key !== key ? true : last.get(header.key) === header,
    );
  }

  clear(): this {
    return this.#keep(() => false);
  }

  duplicate(): Headers {
    const copy = new Headers();
    if (this.#entries !== null) copy.#entries = this.#entries.slice();
    return copy;
  }

  /** Replace each header, or those of one key, by the transform's result; null removes it. */
  apply(transform: (header: Header) => Header | null, key?: string): this {
    if (this.#entries === null) return this;
    const kept: Header[] = [];
    for (const header of this.#entries) {
      const result = key === undefined || header.key === key ? transform(header) : header;
      if (result !== null) kept.push(result);
    }
    this.#entries = kept;
    return this;
  }

  equals(other: unknown): boolean {
    if (!(other instanceof Headers) || this.size !== other.size) return false;
    const theirs = [...other];
    return [...this].every((header, index) => headersEqual(header, theirs[index] as Header));
  }

  toString(): string {
    const entries = this.#entries?.map(headerText);
    return `ConnectHeaders(headers=${entries === undefined ? '' : `[${entries.join(', ')}]`})`;
  }

  #push(header: Header): this {
    if (this.#entries === null) this.#entries = [header];
    else this.#entries.push(header);
    return this;
  }

  #keep(isKept: (header: Header) => boolean): this {
    if (this.#entries !== null) this.#entries = this.#entries.filter(isKept);
    return this;
  }
}

function requireKey(key: string): string {
  if (key === null || key === undefined) throw new TypeError('Header key cannot be null');
  return key;
}

function headersEqual(a: Header, b: Header): boolean {
  return a.key === b.key && schemasEqual(a.schema, b.schema) && valuesEqual(a.value, b.value);
}

function headerText(header: Header): string {
  const value = javaText(header.value, header.schema);
  return `ConnectHeader(key=${header.key}, value=${value}, schema=${header.schema})`;
}
