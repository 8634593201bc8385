/**
 * The language in which messages are declared: one table of fields per message, in wire order.
 * Ranges are written as Kafka writes them: `"3"`, `"3+"`, `"3-7"`.
 */
export interface FieldOptions {
  /** The versions that carry the field; all when absent. */
  readonly versions?: string;
  /** The versions in which it may be null. */
  readonly nullable?: string;
  /** What it is when left out or not carried; else zero, empty, false. */
  readonly default?: unknown;
  /** A version that lacks the field drops a value silently; otherwise that is an error. */
  readonly ignorable?: true;
  /** Number of a tagged field, left out of the bytes while it has its default. */
  readonly tag?: number;
}

export type FieldType =
  | 'boolean'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'array'
  | 'struct';

export interface Field<T = unknown, Optional extends boolean = boolean> {
  readonly type: FieldType;
  readonly options: FieldOptions;
  /** Fields of a struct. */
  readonly fields?: FieldTable;
  /** Element of an array. */
  readonly element?: Field;
  /** For the compiler only. */
  readonly valueType?: () => T;
  readonly optional?: Optional;
}

export type FieldTable = Readonly<Record<string, Field>>;

/** What may be encoded by a table: a field with a default, or not in every version, may be left out. */
export type Input<Fields extends FieldTable> = {
  [K in keyof Fields as Fields[K] extends Omittable ? never : K]: ValueOf<Fields[K]>;
} & {
  [K in keyof Fields as Fields[K] extends Omittable ? K : never]?: ValueOf<Fields[K]>;
};

/** What decoding delivers for an encodable type: every field present, bytes as Buffer. */
export type Decoded<T> = T extends bigint | number | string | boolean | null | undefined
  ? T
  : T extends Uint8Array
    ? Buffer
    : T extends readonly (infer E)[]
      ? Decoded<E>[]
      : { [K in keyof T]-?: Decoded<T[K]> };

type ValueOf<F> = F extends { readonly valueType?: () => infer T } ? T : never;
type Nullable<T, O> = O extends { readonly nullable: string } ? T | null : T;
type IsOptional<O> = O extends { readonly default: unknown } | { readonly versions: string }
  ? true
  : false;
type None = Record<never, never>;
type Omittable = { readonly optional?: true };

export const boolean = scalar<boolean>('boolean');
export const int8 = scalar<number>('int8');
export const int16 = scalar<number>('int16');
export const int32 = scalar<number>('int32');
export const int64 = scalar<bigint>('int64');
export const uuid = scalar<string>('uuid');
export const string = scalar<string>('string');
export const bytes = scalar<Uint8Array>('bytes');
/** Record batches: on the wire the same as bytes. */
export const records = scalar<Uint8Array>('bytes');

export function struct<const F extends FieldTable, const O extends FieldOptions = None>(
  fields: F,
  options?: O,
): Field<Nullable<Input<F>, O>, IsOptional<O>> {
  return { type: 'struct', options: options ?? {}, fields };
}

/** Elements are structs of a table, or values of a scalar field. */
export function array<const E extends FieldTable | Field, const O extends FieldOptions = None>(
  element: E,
  options?: O,
): Field<Nullable<readonly ElementOf<E>[], O>, IsOptional<O>> {
  const isField = typeof element['type'] === 'string';
  const field = isField ? (element as Field) : struct(element as FieldTable);
  return { type: 'array', options: options ?? {}, element: field as Field };
}

type ElementOf<E> = E extends Field<infer T> ? T : E extends FieldTable ? Input<E> : never;

function scalar<T>(
  type: FieldType,
): <const O extends FieldOptions = None>(options?: O) => Field<Nullable<T, O>, IsOptional<O>> {
  return (options) => ({ type, options: options ?? {} });
}
